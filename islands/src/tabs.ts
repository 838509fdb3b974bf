// A section that shows one thing in several ways: `[data-tabs]` holds parts `[data-tab="Name"]`, stacked without script.

/** Turn the parts of a section into tabs; arrow keys, Home and End move, and the parts keep their place in the page. */
export function tabbed(box: HTMLElement): void {
  const parts = [...box.querySelectorAll<HTMLElement>("[data-tab]")].filter((p) => p.closest("[data-tabs]") === box);
  const first = parts[0];
  if (first === undefined || parts.length < 2) return;
  const list = document.createElement("div");
  list.className = "tabs";
  list.setAttribute("role", "tablist");
  const title = box.querySelector("h2, h3");
  if (title !== null) {
    title.id ||= `${box.id}-title`;
    list.setAttribute("aria-labelledby", title.id);
  }
  const buttons = parts.map((part, k) => {
    const button = document.createElement("button");
    button.type = "button";
    button.id = `${box.id}-tab-${k}`;
    button.textContent = part.dataset["tab"] ?? "";
    button.setAttribute("role", "tab");
    part.id ||= `${box.id}-part-${k}`;
    part.setAttribute("role", "tabpanel");
    part.setAttribute("aria-labelledby", button.id);
    button.setAttribute("aria-controls", part.id);
    list.append(button);
    return button;
  });
  const show = (chosen: number): void => {
    for (const [k, button] of buttons.entries()) {
      button.setAttribute("aria-selected", String(k === chosen));
      button.tabIndex = k === chosen ? 0 : -1;
      const part = parts[k];
      if (part !== undefined) part.hidden = k !== chosen;
    }
  };
  for (const [k, button] of buttons.entries()) {
    button.addEventListener("click", () => show(k));
    button.addEventListener("keydown", (event) => {
      const to = moved(event.key, k, buttons.length);
      if (to === null) return;
      event.preventDefault();
      show(to);
      buttons[to]?.focus();
    });
  }
  first.before(list);
  show(0);
}

function moved(key: string, at: number, count: number): number | null {
  switch (key) {
    case "ArrowRight":
      return (at + 1) % count;
    case "ArrowLeft":
      return (at + count - 1) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}
