// The arithmetic of convolutions: numbers only, no DOM, so that node tests it alone.
// Settings s: { kind, length, kernel_size, stride, padding, dilation, output_padding }.

const reach = (s) => s.dilation * (s.kernel_size - 1); // from the first weight to the last
const isConv = (s) => s.kind === "conv";

// How many samples a transposed convolution writes before padding takes some away.
const written = (s) => (s.length - 1) * s.stride + reach(s) + s.output_padding + 1;

// Why torch refuses settings, each of which is within its limits, in the words of lengths.py; null
// where it does not.
export function refusal(s) {
  return isConv(s) ? convRefusal(s) : transposeRefusal(s);
}

function convRefusal(s) {
  const padded = s.length + 2 * s.padding;
  if (reach(s) + 1 <= padded) return null;
  return (
    `the kernel spans ${reach(s) + 1} samples (kernel_size=${s.kernel_size}, ` +
    `dilation=${s.dilation}), the padded input has only ${padded}: ` +
    "take a smaller kernel or more padding"
  );
}

function transposeRefusal(s) {
  const extra = s.output_padding;
  if (extra >= Math.max(s.stride, s.dilation)) {
    return `output_padding=${extra}: expected less than stride=${s.stride} or dilation=${s.dilation}`;
  }
  const out = written(s) - 2 * s.padding;
  if (out >= 1) return null;
  return (
    `the output would have ${out} samples: padding=${s.padding} takes away ` +
    `${2 * s.padding} of the ${out + 2 * s.padding} that are there; take less padding`
  );
}

export function outputLength(s) {
  if (!isConv(s)) return written(s) - 2 * s.padding;
  return Math.floor((s.length + 2 * s.padding - reach(s) - 1) / s.stride) + 1;
}

// A row of inputs with zeros between and around, over which the kernel goes in single steps.
function withZeros(s) {
  const before = reach(s) - s.padding; // below 0: the row itself is cropped
  const after = before + s.output_padding;
  const [left, right] = [Math.max(before, 0), Math.max(after, 0)];
  const size = left + (s.length - 1) * s.stride + 1 + right;
  const cut = [left - before, right - after];
  return { size, before: left, gap: s.stride, cut, first: cut[0], step: 1, turned: true };
}

// Everything is drawn as a kernel that stops above a row of cells.  `cells` is that row; stop j lies
// over the cells first + j * step + m * dilation, m < K.
// conv: cells are the padded input.  scatter: cells are the output before it is cropped.
// zeros: cells are the input with zeros between and around; the kernel is turned round.
export class Picture {
  constructor(s, view) {
    const { stride, padding, dilation, kernel_size: K } = s;
    Object.assign(this, { K, dilation, reach: reach(s), first: 0, step: stride });
    Object.assign(this, { before: padding, gap: 1, cut: [0, 0] });
    const read = { cells: "input", edge: "padding", real: s.length, stops: outputLength(s) };
    const made = { cells: "output", edge: "cropped", real: outputLength(s), stops: s.length };
    if (isConv(s)) Object.assign(this, read, { size: s.length + 2 * padding });
    else if (view === "scatter") Object.assign(this, made, { size: written(s) });
    else Object.assign(this, read, withZeros(s));
  }

  // What the cell at a position is: "real", "padding", "inserted" or "cropped".
  kindAt(position) {
    const at = position - this.before;
    if (position < this.cut[0] || position >= this.size - this.cut[1]) return "cropped";
    if (at < 0 || at > (this.real - 1) * this.gap) return this.edge;
    return at % this.gap ? "inserted" : "real";
  }

  // Sample n of the row of cells stands at this position, and back (null where none stands).
  positionOf(n) {
    return this.before + n * this.gap;
  }

  sampleAt(position) {
    const n = (position - this.before) / this.gap;
    return n >= 0 && n < this.real && Number.isInteger(n) ? n : null;
  }

  // The cells under stop j: one position for each of its weights.
  cellsUnder(j) {
    const start = this.first + j * this.step;
    return Array.from({ length: this.K }, (_, m) => start + m * this.dilation);
  }

  // The stops whose kernel has a weight on the cell at a position.
  stopsOver(position) {
    const at = position - this.first;
    const found = [];
    const last = Math.min(this.stops - 1, Math.floor(at / this.step));
    for (let j = Math.max(0, Math.ceil((at - this.reach) / this.step)); j <= last; j++) {
      if ((at - j * this.step) % this.dilation === 0) found.push(j);
    }
    return found;
  }
}

// For each output, how many real inputs it is made of.
export function counts(s) {
  const found = new Uint32Array(outputLength(s));
  const pic = new Picture(s, "scatter");
  for (let j = 0; j < pic.stops; j++) {
    for (let m = 0; m < pic.K; m++) {
      const n = j * pic.step + m * pic.dilation - pic.before;
      if (n >= 0 && n < pic.real) found[isConv(s) ? j : n] += 1;
    }
  }
  return found;
}

// How many weights write to the outputs n with n % stride = 0, 1, ..., away from the ends.
export function weightsPerRemainder({ kernel_size: K, stride, dilation }) {
  const found = new Array(stride).fill(0);
  for (let m = 0; m < K; m++) found[(m * dilation) % stride] += 1;
  return found;
}

// How many input samples no output of a convolution is made of.
export function unread(s) {
  const pic = new Picture(s);
  let sum = 0;
  for (let n = 0; n < s.length; n++) sum += pic.stopsOver(pic.positionOf(n)).length === 0;
  return sum;
}
