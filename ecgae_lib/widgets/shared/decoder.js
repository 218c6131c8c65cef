// Evaluates the decoder that export.py wrote down: no DOM, no imports, so that node tests it alone.

// The error function to 1.5e-7 (Abramowitz & Stegun 1964, formula 7.1.26).
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const poly =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const y = 1 - poly * Math.exp(-x * x);
  return x < 0 ? -y : y;
}

const POINTWISE = {
  crop: (x) => x, // the step is shorter than its input
  relu: (x) => Math.max(x, 0),
  gelu: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

// Each operation: (step, x, y, { weight, bias }, input) writes y; input is the step that left x.

function linear(_step, x, y, { weight, bias }) {
  for (let o = 0, w = 0; o < y.length; o++) {
    let sum = bias ? bias[o] : 0;
    for (let i = 0; i < x.length; i++) sum += weight[w++] * x[i];
    y[o] = sum;
  }
}

function fillWithBias(step, y, bias) {
  for (let c = 0; c < step.channels; c++) {
    y.fill(bias ? bias[c] : 0, c * step.length, (c + 1) * step.length);
  }
}

// Every input sample adds its kernel, scaled, to the output: weight is (C_in, C_out, kernel_size).
function convTranspose(step, x, y, { weight, bias }, input) {
  const { kernel_size: K, stride, padding, dilation, channels, length } = step;
  fillWithBias(step, y, bias);
  for (let i = 0; i < input.channels; i++) {
    for (let o = 0; o < channels; o++) {
      const w = (i * channels + o) * K;
      for (let l = 0; l < input.length; l++) {
        const value = x[i * input.length + l];
        const start = l * stride - padding; // where this kernel begins, perhaps outside
        const from = Math.max(0, Math.ceil(-start / dilation));
        const to = Math.min(K, Math.ceil((length - start) / dilation));
        const out = o * length + start;
        for (let k = from; k < to; k++) y[out + k * dilation] += value * weight[w + k];
      }
    }
  }
}

// Every output sample gathers what lies under the kernel: weight is (C_out, C_in, kernel_size).
function conv(step, x, y, { weight, bias }, input) {
  const { kernel_size: K, stride, padding, dilation, channels, length } = step;
  fillWithBias(step, y, bias);
  for (let o = 0; o < channels; o++) {
    for (let i = 0; i < input.channels; i++) {
      const w = (o * input.channels + i) * K;
      for (let l = 0; l < length; l++) {
        const start = l * stride - padding;
        const from = Math.max(0, Math.ceil(-start / dilation));
        const to = Math.min(K, Math.ceil((input.length - start) / dilation));
        let sum = 0;
        for (let k = from; k < to; k++) {
          sum += x[i * input.length + start + k * dilation] * weight[w + k];
        }
        y[o * length + l] += sum;
      }
    }
  }
}

// Sample l of channel c is value(its channel's start in x, l, c).
function fill(step, y, input, value) {
  for (let c = 0; c < step.channels; c++) {
    for (let l = 0; l < step.length; l++) y[c * step.length + l] = value(c * input.length, l, c);
  }
}

function affine(step, x, y, { weight, bias }, input) {
  fill(step, y, input, (start, l, c) => weight[c] * x[start + l] + bias[c]);
}

function add(_step, x, y, { weight }) {
  for (let i = 0; i < y.length; i++) y[i] = x[i] + weight[i];
}

function repeat(step, x, y, _parts, input) {
  fill(step, y, input, (start, l) => x[start + (l % input.length)]);
}

function pointwise(step, x, y, _parts, input) {
  const f = POINTWISE[step.op];
  fill(step, y, input, (start, l) => f(x[start + l]));
}

function reshape(_step, x, y) {
  y.set(x);
}

const OPERATIONS = { linear, conv, conv_transpose: convTranspose, affine, add, repeat, reshape };

// How many weights a step reads from the blob, and how many biases.
function sizes(step, input) {
  const all = step.channels * input.channels;
  const linear = all * input.length * step.length;
  const weight = { linear, affine: step.channels, add: step.channels * step.length }[step.op];
  return { weight: weight ?? all * step.kernel_size, bias: step.channels };
}

// One step with its buffer and its weights laid out once: a decode allocates nothing.
function prepare(step, input, floats) {
  const operation = OPERATIONS[step.op] ?? (POINTWISE[step.op] && pointwise);
  if (!operation) throw new TypeError(`unknown step: ${step.op}`);
  const parts = {};
  for (const [name, size] of Object.entries(sizes(step, input))) {
    const start = step[name];
    if (start !== undefined && start !== null) parts[name] = floats.subarray(start, start + size);
  }
  const y = new Float32Array(step.channels * step.length);
  return { y, run: (x) => operation(step, x, y, parts, input) };
}

// Numbers that export.py's `compact` wrote down: 64 levels share one step.
export function expand(levels, steps) {
  const numbers = new Float32Array(levels.length);
  for (let n = 0; n < numbers.length; n++) numbers[n] = levels[n] * steps[n >> 6];
  return numbers;
}

// steps, floats -> decode(z): the beat in mV.  The returned Float32Array is used again next time.
export function makeDecoder(steps, floats) {
  const z0 = { channels: 2, length: 1 };
  const prepared = steps.map((step, n) => prepare(step, n ? steps[n - 1] : z0, floats));
  return (z) => {
    let x = z;
    for (const { y, run } of prepared) {
      run(x);
      x = y;
    }
    return x;
  };
}
