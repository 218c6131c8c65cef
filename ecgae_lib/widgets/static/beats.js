// The training beats, and what names their classes and lines.
import { MARKERS } from "./latent_map.js";
import { html, numbers, svg } from "./plot.js";

// What `pack_beats` wrote down: beat(n) is the voltages of beat n in mV.
export function unpackBeats({ levels, labels, step, ms, ...rest }) {
  const L = ms.length;
  const x = unpackRows(numbers(Int16Array, levels), L, () => step);
  return {
    ...rest,
    ms,
    count: x.length / L,
    labels: labels && numbers(Uint8Array, labels),
    beat: (n) => x.subarray(n * L, (n + 1) * L),
  };
}

// Rows of L voltages that came as differences of whole steps; row n has the step stepOf(n).
export function unpackRows(levels, L, stepOf) {
  const x = Float32Array.from(levels);
  for (let i = 0; i < x.length; i++) if (i % L) x[i] += x[i - 1];
  return x.map((level, i) => level * stepOf(Math.floor(i / L)));
}

export function legend(classNames) {
  const items = classNames.map((name, c) => {
    const mark = svg("svg", { class: "ecgae-key", viewBox: "-8 -8 16 16", "aria-hidden": "true" });
    svg("path", { class: `ecgae-mark ecgae-c${c}`, d: `M0 0${MARKERS[c](5.5)}` }, mark);
    return html("li", {}, mark, name);
  });
  return html("ul", { class: "ecgae-legend" }, ...items);
}

export function lineKey(name, text) {
  const line = svg("svg", { class: "ecgae-key ecgae-wide", viewBox: "0 0 32 16", "aria-hidden": "true" });
  svg("path", { class: `ecgae-line ecgae-${name}`, d: "M2 8H30" }, line);
  return html("li", { "data-key": name }, line, html("span", {}, text));
}
