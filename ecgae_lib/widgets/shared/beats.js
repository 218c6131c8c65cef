// The training beats and their codes as Python packs them.
import { expand } from "./decoder.js";
import { typed } from "./numbers.js";
import { unitsOf } from "./units.js";

// What `pack_beats` wrote down.  A page counts the beats that it holds, n = 0, 1, ...; where it does
// not hold all, the reader's number of a beat is another.  beat(n) is the signal of beat n.
export function unpackBeats({ labels, numbers, weights, ms, ...rest }) {
  const known = numbers && typed(Int32Array, numbers);
  const L = ms.length;
  const x = unpackRows(rest, L);
  return {
    ...rest,
    ms,
    units: unitsOf({ ms, ...rest }),
    count: x.length / L,
    labels: labels && typed(Uint8Array, labels),
    weights: weights && typed(Int32Array, weights), // how many beats each stands for
    number: (n) => (known ? known[n] : n),
    place: (number) => (known && number !== null ? known.indexOf(number) : number),
    beat: (n) => x.subarray(n * L, (n + 1) * L),
  };
}

// What `pack_rows` wrote down: rows of L values as differences of whole steps.
export function unpackRows({ levels, step }, L) {
  const steps = typed(Int16Array, levels);
  const x = new Float32Array(steps.length);
  for (let start = 0; start < x.length; start += L) {
    let level = 0;
    for (let i = start; i < start + L; i++) {
      level += steps[i];
      x[i] = level * step;
    }
  }
  return x;
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
