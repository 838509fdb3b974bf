// What can be measured of a page as it is laid out: what is too wide, too faint, cut off, too small, laid over another.
() => {
  const parse = c => { const m = (c.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number); return {rgb: m.slice(0, 3), a: m.length > 3 ? m[3] : 1}; };
  const light = c => { const l = c.map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * l[0] + .7152 * l[1] + .0722 * l[2]; };
  const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
  const root = document.documentElement;
  const paper = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.a === 1) return c.rgb; } return [255, 255, 255]; };
  // what stands outside the page (skip link, a table's head on a phone) or in a box that scrolls by itself is not shown
  const hidden = e => e.closest(".skip, .visually-hidden, [hidden], noscript, option") || (e.closest("thead") && e.closest("thead").getBoundingClientRect().width < 2);
  const shown = e => e.checkVisibility({opacityProperty: true, visibilityProperty: true}) && !hidden(e) && e.getClientRects().length > 0;
  const own = e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()).join(" ").trim();
  const scrolls = e => { for (e = e.parentElement; e && e !== document.body; e = e.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth) return true; } return false; };
  const name = e => `${e.tagName.toLowerCase()}${e.id ? "#" + e.id : ""}${e.getAttribute("class") ? "." + e.getAttribute("class") : ""}: ${(e.textContent || e.value || "").trim().replace(/\s+/g, " ").slice(0, 60)}`;
  const found = {wide: [], faint: [], clipped: [], small: [], targets: [], overlaps: [], doubled: [], charts: 0};

  for (const e of document.body.querySelectorAll("*")) {
    if (!shown(e) || e.closest("svg")) continue;
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (box.width && box.right > root.clientWidth + 1 && !scrolls(e)) found.wide.push(name(e));
    if (!own(e)) continue;
    if (contrast(parse(style.color).rgb, paper(e)) < 4.5 && !e.disabled) found.faint.push(name(e));
    if (parseFloat(style.fontSize) < 11.5) found.small.push(name(e));
    if (/hidden|clip/.test(style.overflowX) && e.scrollWidth > e.clientWidth + 1) found.clipped.push(name(e));
  }

  for (const figure of document.querySelectorAll("figure.chart")) {
    if (!shown(figure)) continue;
    found.charts += 1;
    const drawn = [...figure.querySelectorAll("svg")].filter(s => shown(s) && !s.parentElement.closest("svg"));
    if (drawn.length !== 1) found.doubled.push(`${drawn.length} drawings in ${name(figure)}`);
  }
  for (const drawing of document.querySelectorAll("figure svg")) {
    if (!shown(drawing) || drawing.parentElement.closest("svg")) continue;
    const frame = drawing.getBoundingClientRect(), view = drawing.viewBox.baseVal;
    const scale = view && view.width ? frame.width / view.width : 1;
    // a word drawn twice in one place is a halo of paper and the word
    const every = [...drawing.querySelectorAll("text")].filter(w => w.textContent.trim() && shown(w));
    const at = w => { const b = w.getBoundingClientRect(); return [w.textContent, Math.round(b.left / 4), Math.round(b.top / 4)].join(); };
    const words = every.filter((w, i) => !every.slice(i + 1).some(v => at(v) === at(w)));
    const boxes = words.map(w => w.getBoundingClientRect());
    words.forEach((w, i) => {
      const b = boxes[i], style = getComputedStyle(w);
      if (b.left < frame.left - 1 || b.right > frame.right + 1 || b.top < frame.top - 1 || b.bottom > frame.bottom + 1)
        found.clipped.push(`in a drawing: ${w.textContent}`);
      if (w.textContent.endsWith("…")) found.clipped.push(`cut in a drawing: ${w.textContent}`);
      if (parseFloat(style.fontSize) * scale < 11) found.small.push(`in a drawing: ${w.textContent} (${(parseFloat(style.fontSize) * scale).toFixed(1)} px)`);
      const ink = parse(style.fill);
      if (style.fill.startsWith("rgb") && contrast(ink.rgb, paper(drawing)) < 3 && ink.a === 1) found.faint.push(`in a drawing: ${w.textContent}`);
      for (let j = 0; j < i; j++) {
        const c = boxes[j];
        const across = Math.min(b.right, c.right) - Math.max(b.left, c.left), down = Math.min(b.bottom, c.bottom) - Math.max(b.top, c.top);
        if (across > 2 && down > .35 * Math.min(b.height, c.height)) found.overlaps.push(`${words[j].textContent} | ${w.textContent}`);
      }
    });
  }

  // WCAG 2.5.8: 24 px, or so much room around that a circle of 24 px touches no other target; links in a sentence are exempt
  const within = e => e.matches("a") && [...e.parentElement.childNodes].some(n => n.nodeType === 3 && n.data.trim().length > 1);
  const scrolledAway = e => { const b = e.getBoundingClientRect();
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
      if (!/auto|scroll/.test(getComputedStyle(p).overflowY)) continue;
      const c = p.getBoundingClientRect();
      if (b.bottom > c.bottom + 1 || b.top < c.top - 1 || b.right > c.right + 1 || b.left < c.left - 1) return true;
    } return false; };
  const targets = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab], [tabindex='0']")]
    .filter(e => shown(e) && !e.closest(".skip") && !e.disabled && !scrolledAway(e));
  const area = e => (e.matches("input") && e.closest("label") ? e.closest("label") : e).getBoundingClientRect();
  const areas = targets.map(area);
  targets.forEach((e, i) => {
    const b = areas[i];
    if ((b.width >= 23.5 && b.height >= 23.5) || within(e)) return;
    const x = b.left + b.width / 2, y = b.top + b.height / 2;
    const near = areas.some((o, j) => j !== i && !targets[j].contains(e) && !e.contains(targets[j])
      && Math.hypot(Math.max(o.left - x, 0, x - o.right), Math.max(o.top - y, 0, y - o.bottom)) < 12);
    if (near) found.targets.push(`${name(e)} (${b.width.toFixed(0)} x ${b.height.toFixed(0)} px)`);
  });

  return {...found, overflow: root.scrollWidth - root.clientWidth, chars: document.body.innerText.length,
    lang: root.lang, title: document.title, headings: document.querySelectorAll("h1").length,
    ids: [...document.querySelectorAll("[id]")].map(e => e.id).filter((x, i, all) => all.indexOf(x) !== i),
    landmarks: Object.fromEntries(["header", "main", "footer"].map(n =>
      [n, [...document.querySelectorAll(n)].filter(e => !e.parentElement.closest("main, section, article")).length]))};
}
