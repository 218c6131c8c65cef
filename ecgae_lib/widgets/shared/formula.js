// Formulas as HTML, readable without any library; a screen reader hears them as plain words.
// A formula is a list of texts, { name, sub } for letters, { over, under } for fractions and
// { floor } for what is rounded down.
import { html } from "./dom.js";

export const letter = (name, sub = "") => ({ name, sub });

// formula`${L} + 2${p}` is the list of its texts and values.
export const formula = (texts, ...values) => texts.flatMap((text, n) => [text, values[n] ?? ""]);

const span = (name, parts) => html("span", { class: `ecgae-${name}` }, ...parts.map(node));

function node(part) {
  if (typeof part !== "object") return String(part);
  const { over, under, floor, name, sub } = part;
  if (floor) return span("floor", floor);
  if (over)
    return html("span", { class: "ecgae-fraction" }, span("over", over), span("under", under));
  return html("span", {}, html("i", {}, name), sub && html("sub", {}, sub));
}

// The formula on one line: `(a + b) / c`.
export function plain(parts) {
  const text = (part) => {
    if (typeof part !== "object") return String(part);
    const { over, under, floor, name, sub } = part;
    if (floor) return `⌊${plain(floor)}⌋`;
    if (over) return `(${plain(over)}) / ${plain(under)}`;
    return sub ? `${name}_${sub}` : name;
  };
  return parts.map(text).join("");
}

const SIGNS = ["⌊", "⌋", "·", "−", "²", "ε", "σ", "μ"];
const WORDS = ["floor(", ")", " times ", "minus", " squared", "epsilon", "sigma", "mu"];

const spoken = (parts) =>
  SIGNS.reduce((text, sign, n) => text.replaceAll(sign, WORDS[n]), plain(parts));

// Show the formula in `place`; the same one is not built again.
export function showFormula(place, parts) {
  const text = spoken(parts);
  if (place.getAttribute("aria-label") === text) return;
  place.setAttribute("role", "math");
  place.setAttribute("aria-label", text);
  place.replaceChildren(...parts.map(node));
}

// Plain words in the place of a formula.
export function clearFormula(place, text = "") {
  place.removeAttribute("role");
  place.removeAttribute("aria-label");
  place.textContent = text;
}
