// The colours around a widget: light, dark or forced, as Jupyter, VS Code or the system has it.

const QUERIES = ["(prefers-color-scheme: dark)", "(forced-colors: active)"];

export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Keep root.dataset.theme at "light" or "dark"; `redraw` runs when the colours change.
export function followTheme(root, redraw) {
  const queries = QUERIES.map((query) => matchMedia(query));
  const read = () => {
    const { jpThemeLight } = document.body.dataset;
    const vscode = document.body.classList.contains("vscode-dark");
    const dark = jpThemeLight ? jpThemeLight === "false" : vscode || queries[0].matches;
    root.dataset.theme = dark ? "dark" : "light";
  };
  const follow = () => {
    read();
    redraw();
  };
  const watch = new MutationObserver(follow);
  watch.observe(document.body, { attributeFilter: ["data-jp-theme-light", "class"] });
  for (const query of queries) query.addEventListener("change", follow);
  read();
  const remove = () => {
    watch.disconnect();
    for (const query of queries) query.removeEventListener("change", follow);
  };
  return { remove };
}

// A colour of the style sheet, for a canvas.
export function cssColour(root, name) {
  return getComputedStyle(root).getPropertyValue(`--${name}`).trim();
}

// A CSS colour, of any kind, as three numbers.
const known = new Map();
export function rgb(name) {
  if (!known.has(name)) known.set(name, painted(name));
  return known.get(name);
}

function painted(name) {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = name;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data.slice(0, 3);
}
