// Runs inside the page under test, see report-page.test.ts.
globalThis.probes = {
  horizontalOverflow: () => document.documentElement.scrollWidth - document.documentElement.clientWidth,

  isStyled: () => getComputedStyle(document.body).maxWidth !== "none",

  append: (markup) => document.body.append(document.createRange().createContextualFragment(markup)),

  xmlErrors: (texts) =>
    texts.map(
      (text) => new DOMParser().parseFromString(text, "text/xml").querySelector("parsererror")?.textContent ?? "",
    ),

  /** What a screen reader would stumble over. */
  structure() {
    const all = (selector) => [...document.querySelectorAll(selector)];
    const ids = all("[id]").map(({ id }) => id);
    const levels = all("h1, h2, h3").map(({ tagName }) => Number(tagName[1]));
    return {
      twice: ids.filter((id, index) => ids.indexOf(id) !== index),
      skipped: levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1),
      nowhere: all("[aria-labelledby]")
        .map((element) => element.getAttribute("aria-labelledby"))
        .filter((id) => !document.getElementById(id)),
      unnamed: all("[tabindex]")
        .filter((element) => !element.getAttribute("aria-label"))
        .map((element) => element.textContent),
    };
  },

  /** Texts whose contrast to what is painted behind them is below 4.5 (WCAG 2.2, 1.4.3). */
  lowContrast() {
    return [...document.querySelectorAll("body *")].flatMap((element) => {
      const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
      if (!own || !element.checkVisibility() || element.classList.contains("unseen")) return [];
      const style = getComputedStyle(element);
      const ground = grounds(element);
      const colour = element instanceof SVGElement ? style.fill : style.color;
      const [dark, light] = [luminance(ground), luminance([...ground, colour])].sort((a, b) => a - b);
      const ratio = (light + 0.05) / (dark + 0.05);
      return ratio < 4.5 ? [`${ratio.toFixed(2)}: ${element.textContent.trim().slice(0, 40)}`] : [];
    });
  },
};

/** The background colours behind an element, the hindmost first. */
function grounds(element) {
  return element ? [...grounds(element.parentElement), getComputedStyle(element).backgroundColor] : [];
}

/** Relative luminance of colours painted over each other. */
function luminance(colours) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  for (const colour of colours) {
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
  }
  const [red, green, blue] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
