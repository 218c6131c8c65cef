// The training beats and their codes as Python packs them, and what names their classes and lines.
import { expand } from "./decoder.js";
import { html, svg } from "./dom.js";
import { typed } from "./numbers.js";

// The mark of each class, r pixels around a point.
export const MARKERS = [
  (r) => `m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`,
  (r) => `m0 ${-1.2 * r}l${1.15 * r} ${2 * r}h${-2.3 * r}z`,
  (r) => `m${-0.9 * r} ${-0.9 * r}h${1.8 * r}v${1.8 * r}h${-1.8 * r}z`,
  (r) => `m0 ${-1.3 * r}l${1.1 * r} ${1.3 * r}l${-1.1 * r} ${1.3 * r}l${-1.1 * r} ${-1.3 * r}z`,
  (r) => `m0 ${1.2 * r}l${1.15 * r} ${-2 * r}h${-2.3 * r}z`,
  (r) => `m${-r} ${-r}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}`,
];

// What `pack_beats` wrote down: beat(n) is the voltages of beat n in mV.
export function unpackBeats({ levels, labels, step, ms, ...rest }) {
  const L = ms.length;
  const x = unpackRows(typed(Int16Array, levels), L, step);
  return {
    ...rest,
    ms,
    count: x.length / L,
    labels: labels && typed(Uint8Array, labels),
    beat: (n) => x.subarray(n * L, (n + 1) * L),
  };
}

// Rows of L voltages that came as differences of whole steps.
export function unpackRows(levels, L, step) {
  const x = Float32Array.from(levels);
  for (let i = 0; i < x.length; i++) if (i % L) x[i] += x[i - 1];
  return x.map((level) => level * step);
}

// What `describe_map` wrote down.
export function unpackMap({ codes, spread, ...rest }) {
  const floats = (bytes) => bytes && typed(Float32Array, bytes);
  return { ...rest, codes: floats(codes), spread: floats(spread) };
}

// What `compact` wrote down.
export function unpackCompact({ levels, steps }) {
  return expand(typed(Int16Array, levels), typed(Float32Array, steps));
}

export const legendList = (...items) => html("ul", { class: "ecgae-legend" }, ...items);

// A sign of 16 x 16 before its name.
export function signKey(path, name) {
  const sign = svg("svg", { class: "ecgae-key", viewBox: "-8 -8 16 16", "aria-hidden": "true" });
  svg("path", path, sign);
  return html("li", {}, sign, name);
}

export function legend(classNames) {
  const mark = (c) => ({ class: `ecgae-mark ecgae-c${c}`, d: `M0 0${MARKERS[c](5.5)}` });
  return legendList(...classNames.map((name, c) => signKey(mark(c), name)));
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
