// Colours live in style.css; a canvas has to be told them. Also the one helper that makes elements.

const COLOURS = [
  "paper", "ink", "muted", "line", "grid", "gain", "loss", "rise", "fall", "volume", "equity", "equity-soft", "benchmark",
  "underwater", "underwater-soft", "clear", "indicator-1", "indicator-2", "indicator-3", "indicator-4", "indicator-5",
];

/** The colours of the current theme, resolved: a custom property alone would read "light-dark(…)". */
function readPalette(names = COLOURS) {
  const probe = document.body.appendChild(document.createElement("span"));
  const read = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const palette = Object.fromEntries(names.map((name) => [name, read(name)]));
  palette.font = getComputedStyle(document.body).fontFamily;
  probe.remove();
  return palette;
}

/** The name of the colour of an indicator: there are five, then they come again. */
const indicatorName = (index) => `indicator-${(index % 5) + 1}`;

/** An element with properties and children; text is always text, never markup. */
function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
