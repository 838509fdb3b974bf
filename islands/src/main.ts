// What every page loads: tabs at once, charts when one comes into view. A page without this script shows the same.
import { tabbed } from "./tabs";

for (const box of document.querySelectorAll<HTMLElement>("[data-tabs]")) tabbed(box);

const drawn = document.querySelectorAll<HTMLElement>("[data-spec]");
if (drawn.length > 0 && "IntersectionObserver" in window) {
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        seen.unobserve(entry.target);
        void import("./chart").then(({ enliven }) => enliven(entry.target as HTMLElement));
      }
    },
    { rootMargin: "200px" },
  );
  for (const box of drawn) seen.observe(box);
}
