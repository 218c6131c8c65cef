// The arithmetic of convolutions: numbers only, no DOM, so that node tests it alone.
// Settings s: { kind, length, kernel_size, stride, padding, dilation, output_padding }.

const reach = (s) => s.dilation * (s.kernel_size - 1); // from the first weight to the last
const isConv = (s) => s.kind === "conv";

// How many samples a transposed convolution writes before padding takes some away.
const written = (s) => (s.length - 1) * s.stride + reach(s) + s.output_padding + 1;

// Why torch refuses the settings, in the words of lengths.py; null where it does not.
export function refusal(s) {
  for (const name of ["length", "kernel_size", "stride", "dilation"]) {
    if (s[name] < 1) return `${name}=${s[name]}: expected at least 1`;
  }
  if (s.padding < 0) return `padding=${s.padding}: expected at least 0`;
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
  if (extra < 0 || extra >= Math.max(s.stride, s.dilation)) {
    return (
      `output_padding=${extra}: expected at least 0 and less than ` +
      `stride=${s.stride} or dilation=${s.dilation}`
    );
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

// Everything is drawn as a kernel that stops above a row of cells.  `cells` is that row, `stops`
// the other one; stop j lies over the cells first + j * step + m * dilation, m < kernel_size.
// conv: cells are the padded input.  scatter: cells are the output before it is cropped.
// zeros: cells are the input with zeros between and around; the kernel is turned round.
export function picture(s, view) {
  const { length, stride, padding, dilation, kernel_size: K, output_padding: extra } = s;
  const common = { K, dilation, reach: reach(s), turned: false, first: 0, step: stride };
  if (isConv(s)) {
    return {
      ...common,
      cells: "input",
      size: length + 2 * padding,
      stops: outputLength(s),
      before: padding,
      gap: 1,
      real: length,
      edge: "padding",
      cut: [0, 0],
    };
  }
  if (view === "scatter") {
    return {
      ...common,
      cells: "output",
      size: written(s),
      stops: length,
      before: padding,
      gap: 1,
      real: outputLength(s),
      edge: "cropped",
      cut: [0, 0],
    };
  }
  const before = reach(s) - padding; // below 0: the row itself is cropped
  const after = before + extra;
  const cut = [Math.max(-before, 0), Math.max(-after, 0)];
  return {
    ...common,
    turned: true,
    first: cut[0],
    step: 1,
    cells: "input",
    size: Math.max(before, 0) + (length - 1) * stride + 1 + Math.max(after, 0),
    stops: outputLength(s),
    before: Math.max(before, 0),
    gap: stride,
    real: length,
    edge: "padding",
    cut,
  };
}

// What the cell at a position is: "real", "padding", "inserted" or "cropped".
export function cellKind(pic, position) {
  const at = position - pic.before;
  if (position < pic.cut[0] || position >= pic.size - pic.cut[1]) return "cropped";
  if (at < 0 || at > (pic.real - 1) * pic.gap) return pic.edge;
  return at % pic.gap ? "inserted" : "real";
}

// Sample n of the row of cells stands at this position, and back (null where none stands).
export const positionOf = (pic, n) => pic.before + n * pic.gap;

export function sampleAt(pic, position) {
  const at = position - pic.before;
  return at >= 0 && at % pic.gap === 0 && at / pic.gap < pic.real ? at / pic.gap : null;
}

// The cells under stop j, each with the weight that lies on it.
export function cellsUnder(pic, j) {
  return Array.from({ length: pic.K }, (_, m) => ({
    position: pic.first + j * pic.step + m * pic.dilation,
    weight: pic.turned ? pic.K - 1 - m : m,
  }));
}

// The stops whose kernel has a weight on the cell at a position.
export function stopsOver(pic, position) {
  const at = position - pic.first;
  const found = [];
  const last = Math.min(pic.stops - 1, Math.floor(at / pic.step));
  for (let j = Math.max(0, Math.ceil((at - pic.reach) / pic.step)); j <= last; j++) {
    if ((at - j * pic.step) % pic.dilation === 0) found.push(j);
  }
  return found;
}

// For each output, how many real inputs it is made of.
export function counts(s) {
  const found = new Uint32Array(outputLength(s));
  const pic = picture(s, "scatter");
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

// How many input samples no output is made of.
export function unread(s) {
  const pic = picture(s, "scatter");
  if (!isConv(s)) return 0;
  let sum = 0;
  for (let n = 0; n < s.length; n++) sum += stopsOver(pic, positionOf(pic, n)).length === 0;
  return sum;
}
