"""Checks of notebook 3: what a decoder draws."""

import numpy as np
import torch
import torch.nn.functional as F

from ecgae_lib.checks.exercise import Mistake, exercise, judge, recognised, settings_of, values
from ecgae_lib.checks.functions import call, compare
from ecgae_lib.lengths import conv_transpose_length

NAMES = ("kernel_size", "stride", "padding", "output_padding")


def sums(kernel, stride):
    """Every weight goes to the gain of its remainder."""
    gains = [0] * stride
    for j, weight in enumerate(kernel):
        gains[j % stride] += weight
    return gains


WRONG_GAINS = {  # of kernel k, stride s
    "that is how many weights there are; their sum is asked for":
        lambda k, s: sums([1] * len(k), s),
    "that is the mean of the weights; their sum is asked for":
        lambda k, s: [np.mean(k[r::s]) if k[r::s] else 0 for r in range(s)],
    "you add neighbouring weights; which ones have the same j mod s?":
        lambda k, s: [sum(k[r * s : (r + 1) * s]) for r in range(s)],
    "only the first weight of each remainder is there: more may write to the same sample":
        lambda k, s: [*k, *[0] * s][:s],
    "weights may be negative: add them as they are": lambda k, s: sums(map(abs, k), s),
    "a gain may be negative, too: leave its sign": lambda k, s: np.abs(sums(k, s)),
    "those are all weights together, for every remainder": lambda k, s: [sum(k)] * s,
    "your kernel runs backwards: weight 0 has the remainder 0": lambda k, s: sums(k[::-1], s),
    "your gains stand in the wrong order: r = 0 comes first": lambda k, s: sums(k, s)[::-1],
    "your remainders begin with 1: the first weight has j = 0": lambda k, s: sums([0, *k], s),
    "one gain for every remainder is asked for; you add all weights up": lambda k, s: sum(k),
    "you multiply the weights: copies that lie on each other add up":
        lambda k, s: [np.prod(k[r::s]) if k[r::s] else 0 for r in range(s)],
}  # fmt: skip


@exercise(
    "The tent of section 3.2 has six gains of 1, the eight equal weights two of 1.5 and four of "
    "0.75. What do 7 weights and stride 6 need to have equal gains?"
)
def gains(function):
    """A function (kernel, stride): what a constant 1 becomes at each remainder n mod stride."""
    cases = ([1] * 8, 6), ([1, 2, 3, 4, 3, 2, 1], 5), ([1, -2, 4], 1), ([3, 1, 4, 1, 5], 2)
    cases = (*cases, ([2, 5], 4), ([0.5, -1, 2, 7, -3, 1, 1, -6], 3))
    compare(function, sums, cases, "a list of `stride` sums is asked for", WRONG_GAINS)


@exercise(
    "On the beat of section 3.2 eight such weights, with halves, leave 0.2 µV at 1/6, as the tent "
    "does, and 9.9 µV around it, where equal ones leave 28.5 and 41.2. Put yours in for `flat_8`."
)
def eight_weights(weights):
    """8 weights above 0 whose gains for stride 6 are all 1."""
    w = values(weights, (8,), "a list of 8 numbers is asked for")
    if (w <= 0).any():
        return "every weight shall be above 0, so that the kernel has all its eight", (
            "every weight shall be above 0: share between two weights what one does alone"
        )
    ones, kernel = torch.ones(1, 1, 9).double(), torch.tensor(w).view(1, 1, 8)
    g = F.conv_transpose1d(ones, kernel, stride=6).flatten()[12:18].numpy()
    recognised(lambda wrong: np.allclose(w, wrong, rtol=1e-3), {
        "that is the kernel of section 3.2, which ripples: which samples get two weights?":
            [0.75] * 8,
        "eight ones give two gains of 2: which weights write to these samples?": [1] * 8,
        "a sum of 1 over all weights is that of a convolution; here each gain is a sum":
            [1 / 8] * 8,
        "you have halved the weights that write alone; which ones share a sample?":
            [1, 1, 0.5, 0.5, 0.5, 0.5, 1, 1],
        "weights j and j + 6 share a sample: those are not neighbours":
            [0.5, 0.5, 0.5, 0.5, 1, 1, 1, 1],
    })  # fmt: skip
    if np.allclose(g, g[0]) and not np.allclose(g, 1, rtol=1e-3):
        return f"nothing ripples, but a constant comes out {g[0]:.3g} times as high"
    if not np.allclose(g, 1, rtol=1e-3):
        told = f"the gains are {np.round(g, 3).tolist()}: a constant 1 ripples"
        return told, f"{told}. Begin with the weights that write alone: what must they be?"


@exercise(
    "Such a decoder has a place for every sample, so it can draw one QRS complex and no second. "
    "Count its weights for 16 channels, and compare them with the lecture's 57,616."
)
def from_1_to_450(layers):
    """Transposed convolutions 1 -> 450: kernels up to 25, each a multiple of its stride."""
    if not isinstance(layers, list | tuple):
        return "a list of layers is asked for, as in [dict(kernel_size=4, stride=2)]"
    lengths = [1]
    for position, layer in enumerate(layers):
        name = f"layer {position}"
        layer, length = length_after(lengths[-1], layer, name)
        kernel_size, stride = layer["kernel_size"], layer.get("stride", 1)
        if kernel_size > 25:
            return f"{name} has a kernel of {kernel_size} weights, 25 are allowed"
        if kernel_size % stride:
            return f"{name}: kernel_size={kernel_size} is not a multiple of stride={stride}"
        if ends_in_bias(layer):
            return (
                f"{name} has more output padding than padding: no weight reaches its last samples"
            )
        lengths.append(length)
    path = " -> ".join(map(str, lengths))
    if lengths[-1] != 450:
        return f"your layers lead {path}; 450 samples are asked for", (
            f"your layers lead {path}: which product of small numbers is 450?"
        )


def length_after(length, layer, name):
    """The settings of a layer, and the length that it makes; Mistake if it can make none."""
    layer = settings_of(layer, NAMES)
    if "kernel_size" not in layer:
        raise Mistake(f"{name}: `kernel_size` is missing")
    try:
        return layer, conv_transpose_length(length, **layer)
    except ValueError as error:
        raise Mistake(f"{name}: {error}") from None


def ends_in_bias(layer):
    """Whether no weight reaches the last samples that a layer makes."""
    return layer.get("output_padding", 0) > layer.get("padding", 0)


@exercise(
    "The first ten samples get one copy only; from sample 10 on the drawing repeats every 30. Draw "
    "a random kernel, let torch write, and count with `torch.unique`."
)
def different_values(count):
    """k=40, stride 30, 90 equal inputs, cut at 450: how many values may differ."""
    kernel = torch.randn(1, 1, 40, dtype=torch.float64)
    x_hat = F.conv_transpose1d(torch.ones(1, 1, 90).double(), kernel, stride=30)[0, 0, :450]
    return judge(count, len(x_hat.round(decimals=9).unique()), {
        "that is the period. Is the beginning already like all that follows?": 30,
        "so many samples are kept; how many of them must be equal?": 450,
        "that many samples only the beginning has for itself": 10,
        "so many copies go in; they are all equal": 90,
        "so many periods fit into the cut; what is in one of them?": 15,
        "so many samples come out before the cut": 2710,
        "that is the lecture's period, for kernel and stride 225": 225,
        "all inputs are equal, and yet the output is no constant: a kernel has many weights": 1,
        "you count both ends: the cut keeps only the first": 50,
        "the stride of 30 and the kernel of 40 are not added: where do the copies overlap?": 70,
        "so many samples of a period have one copy only; the others are drawn, too": 20,
        "so many products are written; those of equal copies are equal": 3600,
    }, "{:g} is not the number of samples until the drawing repeats",
       "Which inputs write to sample 5, which to sample 35 and 65?", whole=True)  # fmt: skip


OFF_BY_ONE = {
    -1: "for signal_length={} one sample is missing",
    1: "for signal_length={} there is a sample too many, and nothing shall be cut off afterwards",
}


@exercise(
    "So two copies do for 175 samples, too: a beat of 0.7 s at 250 Hz, where the helper refuses "
    "`LectureAutoencoder(175, copies=2)`. What is the period of the drawing now?"
)
def for_any_length(settings):
    """A function of a length: settings of a layer from 2 samples to it, without hole or overlap."""
    for length in (8, 9, 25, 174, 175, 450, 451, 1001):
        told = f"for signal_length={length}"
        layer, made = length_after(2, call(settings, length), told)
        if layer["kernel_size"] != layer.get("stride", 1):
            return f"{told} the copies do not stand side by side: kernel_size is not the stride"
        if made - length in OFF_BY_ONE:
            told = OFF_BY_ONE[made - length].format(length)
            return told, f"{told}. Of odd lengths round the half up: which setting takes two away?"
        if made != length:
            return f"{told} your layer makes {made} samples: what do two copies have to do with it?"
        if ends_in_bias(layer):
            return f"{told} the length is right, but no weight reaches the last sample", (
                f"{told} there is more output padding than padding, so the last sample is bias "
                "alone: begin with longer copies"
            )


by_torch = F.conv_transpose1d


def last_wins(z, w, b, stride, padding, output_padding):
    """Where copies overlap, the later one stays."""
    x_hat = 0 * by_torch(z, w, None, stride, 0, output_padding)
    for i in range(z.shape[-1]):
        x_hat[:, :, i * stride :][:, :, : w.shape[-1]] = by_torch(z[:, :, [i]], w)
    return F.pad(x_hat, (-padding, -padding)) + b[:, None]


WRONG_TRANSPOSED = {  # of z, w, b, stride s, padding p, output padding o; F.pad cuts below 0
    "your kernels are turned round: the first weight is written first":
        lambda z, w, *rest: by_torch(z, w.flip(-1), *rest),
    "the bias is missing": lambda z, w, b, *rest: by_torch(z, w, None, *rest),
    "the bias comes once to every sample; yours comes with every copy":
        lambda z, w, b, *rest: by_torch(z, w, None, *rest)
        + b[:, None] * by_torch(torch.ones_like(z[:, :1]), torch.ones_like(w[:1, :1]), None, *rest),
    "the padding is missing: it takes samples away at both ends":
        lambda z, w, b, s, p, o: by_torch(z, w, b, s, 0, o),
    "padding takes samples away here; yours puts zeros before and after":
        lambda z, w, b, s, p, o: F.pad(by_torch(z, w, b, s, 0, o), (p, p)),
    "the padding is taken away at the beginning only":
        lambda z, w, b, s, p, o: F.pad(by_torch(z, w, b, s, 0, o), (-p, 0)),
    "the padding is taken away at the end only":
        lambda z, w, b, s, p, o: F.pad(by_torch(z, w, b, s, 0, o), (0, -p)),
    "where the padding is 0 nothing is left: what does [0:-0] keep?":
        lambda z, w, b, s, p, o: by_torch(z, w, b, s, 0, o)[..., p:-p],
    "the output padding is missing": lambda z, w, b, s, p, o: by_torch(z, w, b, s, p, 0),
    "output padding adds no zeros: it cuts less off at the right end":
        lambda z, w, b, s, p, o: F.pad(by_torch(z, w, b, s, p, 0), (0, o)),
    "output padding adds no bias alone: it cuts less off at the right end":
        lambda z, w, b, s, p, o: F.pad(by_torch(z, w, None, s, p, 0), (0, o)) + b[:, None],
    "output padding lengthens the right end, not the left one":
        lambda z, w, b, s, p, o: F.pad(by_torch(z, w, b, s, 0, 0), (o - p, -p)),
    "where two copies overlap, add them: the later one stays alone": last_wins,
    "the stride is missing: sample i begins to write at i * stride":
        lambda z, w, b, s, p, o: F.pad(by_torch(z, w), (-p, o - p)) + b[:, None],
    "only the first channel of z is written": lambda z, w, *rest: by_torch(z[:, :1], w[:1], *rest),
    "only the first beat is written":
        lambda z, *rest: by_torch(torch.cat([z[:1], 0 * z[1:]]), *rest),
}  # fmt: skip


@exercise(
    "That is the whole of `nn.ConvTranspose1d`, but for dilation and groups. Send `short` of "
    "section 3.1 through it with the tent: `back` comes out. How much slower is it than torch's?"
)
def transposed(function):
    """A function (z, w, b, stride, padding, output_padding), against F.conv_transpose1d."""
    z, w = torch.tensor([[[1.0, 2.0]]]), torch.tensor([[[1.0, 10.0, 100.0]]])
    cases = [(z.double(), w.double(), torch.tensor([0.5]).double(), 2, 0, 0)]
    draw = torch.Generator().manual_seed(0)
    shapes = (2, 2, 2, 4, 5, 3, 2, 0), (2, 3, 2, 5, 4, 2, 1, 1), (1, 2, 3, 4, 6, 3, 2, 1)
    for B, C_in, C_out, L, k, *settings in (*shapes, (2, 2, 2, 3, 2, 3, 0, 1)):
        sizes = (B, C_in, L), (C_in, C_out, k), (C_out,)
        parts = [torch.randn(size, generator=draw, dtype=torch.float64) for size in sizes]
        cases.append((*parts, *settings))
    what = "a signal of shape (B, C_out, L_out) is asked for"
    compare(function, by_torch, cases, what, WRONG_TRANSPOSED)
