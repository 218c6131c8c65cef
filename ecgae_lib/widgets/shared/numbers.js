// Numbers as they come from Python and as a reader sees them: no DOM, so that node tests it alone.

export const clamp = (value, [low, high]) => Math.min(high, Math.max(low, value));

// Point n of coordinates (N, 2) in one row.
export const pair = (flat, n) => [flat[2 * n], flat[2 * n + 1]];

// A fraction t of the way from a to b, numbers in a row.
export const between = (a, b, t) => (t ? a.map((v, i) => v + t * (b[i] - v)) : a);

// The bytes of a trait, which arrive as a DataView.
export function typed(Kind, view) {
  return new Kind(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

// A number as a reader sees it: a true minus sign, never -0.
export function shown(value, digits = 2) {
  const text = value.toFixed(digits);
  return text.replace("-", Number(text) === 0 ? "" : "\u2212");
}

// 50625 as 50,625.
const thousands = new Intl.NumberFormat("en-US");
export const withThousands = (n) => thousands.format(n);

// About `count` round numbers between low and high.
export function ticks(low, high, count) {
  const rough = (high - low) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((n) => n * power >= rough);
  const start = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: last - start + 1 }, (_, i) => {
    const value = (start + i) * step;
    return { value, text: shown(value, digits) };
  });
}
