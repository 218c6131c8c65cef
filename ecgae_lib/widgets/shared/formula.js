// Formulas as HTML, readable without any library; a screen reader hears them as plain words.
// A formula is a list of texts, { name, sub } for letters, { over, under } for fractions and
// { floor } for what is rounded down.
import { html } from "./dom.js";

export const letter = (name, sub = "") => ({ name, sub });

function node(part) {
  if (typeof part !== "object") return String(part);
  if (part.floor) return html("span", { class: "ecgae-floor" }, ...part.floor.map(node));
  if (part.over) {
    const over = html("span", { class: "ecgae-over" }, ...part.over.map(node));
    return html(
      "span",
      { class: "ecgae-fraction" },
      over,
      html("span", {}, ...part.under.map(node)),
    );
  }
  return html(
    "span",
    {},
    html("i", {}, part.name),
    ...(part.sub ? [html("sub", {}, part.sub)] : []),
  );
}

// The formula on one line: `(a + b) / c`.
export function plain(parts) {
  return parts
    .map((part) => {
      if (typeof part !== "object") return String(part);
      if (part.floor) return `⌊${plain(part.floor)}⌋`;
      if (part.over) return `(${plain(part.over)}) / ${plain(part.under)}`;
      return part.sub ? `${part.name}_${part.sub}` : part.name;
    })
    .join("");
}

const WORDS = [
  ["⌊", "floor("],
  ["⌋", ")"],
  ["·", " times "],
  ["−", "minus"],
  ["²", " squared"],
  ["½", "one half of "],
  ["ε", "epsilon"],
  ["σ", "sigma"],
  ["μ", "mu"],
];

function spoken(parts) {
  return WORDS.reduce((text, [sign, word]) => text.replaceAll(sign, word), plain(parts));
}

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
