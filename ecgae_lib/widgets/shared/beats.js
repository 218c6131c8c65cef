// The training beats and their codes as Python packs them.
import { expand } from "./decoder.js";
import { typed } from "./numbers.js";

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
