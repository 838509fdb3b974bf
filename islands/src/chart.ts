// The same Vega-Lite spec that the server has drawn, interactive. Expressions are interpreted, not compiled, and all
// styles are in the page's sheet, so the page's content security policy stands as it is.
import embed, { type VisualizationSpec } from "vega-embed";
import { expressionInterpreter } from "vega-interpreter";

/** Draw the spec that a box names in its place; what the server drew stays wherever anything goes wrong. */
export async function enliven(box: HTMLElement): Promise<void> {
  const address = box.dataset["spec"];
  if (address === undefined) return;
  const live = document.createElement("div");
  live.className = "live";
  try {
    const answer = await fetch(address, { headers: { accept: "application/json" } });
    if (!answer.ok) return;
    const spec = (await answer.json()) as VisualizationSpec;
    await document.fonts.ready;
    await embed(live, spec, {
      mode: "vega-lite",
      ast: true,
      expr: expressionInterpreter,
      renderer: "svg",
      actions: false,
      hover: true,
      defaultStyle: false,
      tooltip: { disableDefaultStyle: true },
      loader: { http: { credentials: "same-origin" } },
    });
  } catch (error) {
    console.info("the drawing stays as it is:", error);
    return;
  }
  const still = box.querySelector("svg");
  const drawn = live.querySelector("svg");
  if (still === null || drawn === null) return;
  // one picture with one name, as the server's: its parts have no names of their own to be read out
  for (const part of drawn.querySelectorAll("[role], [aria-roledescription], [aria-label]")) {
    for (const name of ["role", "aria-roledescription", "aria-label"]) part.removeAttribute(name);
  }
  for (const name of ["role", "aria-labelledby"]) {
    const value = still.getAttribute(name);
    if (value !== null) drawn.setAttribute(name, value);
  }
  for (const told of [...still.querySelectorAll(":scope > title, :scope > desc")].reverse()) drawn.prepend(told);
  still.replaceWith(live);
  box.dataset["live"] = "";
}
