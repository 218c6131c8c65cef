// What the length explorer says: the formula, a verdict on the settings, what a sample touches.
import { formula, letter } from "../shared/formula.js";
import { outputLength, unread, weightsPerRemainder } from "./lengths.js";

export const L_OUT = letter("L", "out");
const LETTERS = {
  length: letter("L", "in"),
  kernel_size: letter("k"),
  stride: letter("s"),
  padding: letter("p"),
  dilation: letter("d"),
  output_padding: letter("p", "out"),
};

// The formula, of settings or of letters; `times` stands where letters need no sign.
function lengthOf(kind, values, times) {
  const { length: L, kernel_size: k, stride: s, padding: p, dilation: d } = values;
  if (kind === "conv") {
    const over = formula`${L} + 2${times}${p} − ${d}${times}(${k} − 1) − 1`;
    return formula`${{ floor: [{ over, under: [s] }] }} + 1`;
  }
  const reach = formula`${d}${times}(${k} − 1)`;
  return formula`(${L} − 1)${times}${s} − 2${times}${p} + `.concat(
    reach,
    formula` + ${values.output_padding} + 1`,
  );
}

export const inLetters = (kind) => lengthOf(kind, LETTERS, "");

// Why the numbers give the length: one step between, where something is rounded down.
export function steps(s) {
  const start = lengthOf(s.kind, s, "·");
  if (s.kind === "conv") {
    const over = s.length + 2 * s.padding - s.dilation * (s.kernel_size - 1) - 1;
    start.push(...formula` = ${{ floor: [{ over: [over], under: [s.stride] }] }} + 1`);
  }
  return [...start, " = ", outputLength(s)];
}

// What the settings mean for the signal, and whether it is a warning.
export function judge(s) {
  if (s.kind === "conv") {
    const left = unread(s);
    if (left) return [`${left} input ${left === 1 ? "sample is" : "samples are"} never read`, true];
    return ["every input sample is read", false];
  }
  const found = weightsPerRemainder(s);
  const [least, most] = [Math.min(...found), Math.max(...found)];
  const times = (n) => `${n} ${n === 1 ? "input" : "inputs"}`;
  if (least === most) return [`even: away from the ends, ${times(most)} to every output`, false];
  return [`uneven: ${least} to ${times(most)} per output: a checkerboard`, true];
}

function listed(numbers) {
  const texts = numbers.map(String);
  if (texts.length <= 6) return texts.join(", ");
  return `${texts.slice(0, 3).join(", ")}, ..., ${texts.at(-1)}`;
}

const RESTS = {
  padding: ["padding zero", "padding zeros"],
  inserted: ["inserted zero", "inserted zeros"],
  cropped: ["cropped place", "cropped places"],
};

// What the picked sample touches, in words.
export function tell(pic, [side, n]) {
  const other = side === "input" ? "output" : "input";
  const many = (found) => `${other}${found.length === 1 ? "" : "s"} ${listed(found)}`;
  const start = side === "input" ? `input ${n} goes into` : `output ${n} is made of`;
  if (side === pic.cells) {
    const stops = pic.stopsOver(pic.positionOf(n));
    return stops.length ? `${start} ${many(stops)}` : `${side} ${n} touches no ${other}`;
  }
  const of = (kind) => pic.cellsUnder(n).filter((at) => pic.kindAt(at) === kind);
  const real = of("real").map((at) => pic.sampleAt(at));
  const parts = [real.length ? many(real) : `no ${other}`];
  for (const [kind, [one, more]] of Object.entries(RESTS)) {
    const count = of(kind).length;
    if (count) parts.push(count === 1 ? `1 ${one}` : `${count} ${more}`);
  }
  return `${start} ${parts.join(" and ")}`;
}
