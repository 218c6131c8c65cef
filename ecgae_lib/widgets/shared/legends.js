// What names the classes and the lines of a picture.
import { html, svg } from "./dom.js";
import { withThousands } from "./numbers.js";

// The mark of each class, r pixels around a point.
export const MARKERS = [
  (r) => `m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`,
  (r) => `m0 ${-1.2 * r}l${1.15 * r} ${2 * r}h${-2.3 * r}z`,
  (r) => `m${-0.9 * r} ${-0.9 * r}h${1.8 * r}v${1.8 * r}h${-1.8 * r}z`,
  (r) => `m0 ${-1.3 * r}l${1.1 * r} ${1.3 * r}l${-1.1 * r} ${1.3 * r}l${-1.1 * r} ${-1.3 * r}z`,
  (r) => `m0 ${1.2 * r}l${1.15 * r} ${-2 * r}h${-2.3 * r}z`,
  (r) => `m${-r} ${-r}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}`,
];

export const legendList = (...items) => html("ul", { class: "ecgae-legend" }, ...items);

// A patch of the colour that the style sheet gives to `name`.
export const swatch = (name) =>
  html("span", { class: `ecgae-swatch ecgae-${name}`, "aria-hidden": "true" });

// A sign of 16 x 16 before its name.
export function signKey(path, name) {
  const sign = svg("svg", { class: "ecgae-key", viewBox: "-8 -8 16 16", "aria-hidden": "true" });
  svg("path", path, sign);
  return html("li", {}, sign, name);
}

// Of the classes that have a beat.
function legend(classNames, labels) {
  const mark = (c) => ({ class: `ecgae-mark ecgae-c${c}`, d: `M0 0${MARKERS[c](5.5)}` });
  const keys = classNames.map((name, c) => signKey(mark(c), name));
  return legendList(...keys.filter((_, c) => !labels || labels.includes(c)));
}

// What the marks of a map are, and how many of all beats they are where it does not show all.
export function mapKeys({ class_names, labels, weights }) {
  if (!weights) return [legend(class_names, labels)];
  const all = weights.reduce((sum, n) => sum + n, 0);
  const share = `${withThousands(weights.length)} of ${withThousands(all)} beats are shown.`;
  return [legend(class_names, labels), html("span", {}, share)];
}

export function lineKey(name, text) {
  const box = { class: "ecgae-key ecgae-wide", viewBox: "0 0 32 16", "aria-hidden": "true" };
  const sign = svg("svg", box);
  svg("path", { class: `ecgae-line ecgae-${name}`, d: "M2 8H30" }, sign);
  return html("li", { "data-key": name }, sign, html("span", {}, text));
}

// The line of a beat has the colour of its class.
export const nearestLine = (labels, n) =>
  `ecgae-line ecgae-nearest ecgae-c${labels ? labels[n] : 0}`;
