"""Checks of notebook 2: the lengths of convolutions."""

from itertools import product

import numpy as np
import torch
from torch import nn
from torch.nn.functional import pad

from ecgae_lib.checks.exercise import Mistake, exercise, judge, settings_of
from ecgae_lib.checks.functions import call, compare
from ecgae_lib.lengths import conv_length


@exercise(
    "The encoder of notebook 4 halts at 90 samples on its way down, too. Try how far the padding "
    "may grow before one output reads nothing but zeros."
)
def conv_450_to_90(settings):
    """A convolution 450 -> 90 whose kernel is longer than its stride."""
    settings = settings_of(settings, ("kernel_size", "stride", "padding"))
    if "kernel_size" not in settings:
        return "every convolution has a kernel: `kernel_size` is missing"
    try:
        length = conv_length(450, **settings)
    except ValueError as error:
        return str(error)
    kernel_size, stride = settings["kernel_size"], settings.get("stride", 1)
    if length == 90 and kernel_size <= stride:
        return (
            f"90 samples it is, but kernel_size={kernel_size} is not longer than stride={stride}: "
            "no two outputs share an input"
        )
    told = f"your settings lead to the length {length}, 90 is asked for"
    if not 81 < length < 99:
        return f"{told}: far off. Which setting changes a length most?", (
            f"{told}: far off, and it is the stride that divides. By what must 450 be divided?"
        )
    if length != 90:
        return f"{told}: close. What changes a length a little, without the stride?", (
            f"{told}. Compare 2p with k in the formula: how much must 450 + 2p - k be?"
        )


def spaced(z, stride):
    """Put the samples of z (B, C, L) one by one into their places."""
    B, C, L = z.shape
    spread = torch.zeros(B, C, (L - 1) * stride + 1, dtype=z.dtype)
    for b, c, i in product(range(B), range(C), range(L)):
        spread[b, c, i * stride] = z[b, c, i]
    return spread


WRONG_SPREADS = {
    "no zeros belong behind the last sample: L samples have L - 1 gaps":
        lambda z, s: pad(spaced(z, s), (0, s - 1)),
    "no zeros belong before the first sample: L samples have L - 1 gaps":
        lambda z, s: pad(spaced(z, s), (s - 1, 0)),
    "no zeros belong before the first sample or behind the last one":
        lambda z, s: pad(spaced(z, s), (s - 1, s - 1)),
    "one zero too many stands in each of your gaps: `stride` steps lead to the next sample":
        lambda z, s: spaced(z, s + 1),
    "your samples are repeated; zeros are asked for": lambda z, s: z.repeat_interleave(s, -1),
    "your samples are repeated, even if only within the gaps; zeros are asked for":
        lambda z, s: z.repeat_interleave(s, -1)[..., : (z.shape[-1] - 1) * s + 1],
    "your zeros stand all at the end; they belong between the samples":
        lambda z, s: pad(z, (0, (z.shape[-1] - 1) * (s - 1))),
    "your zeros stand all at the beginning; they belong between the samples":
        lambda z, s: pad(z, ((z.shape[-1] - 1) * (s - 1), 0)),
    "your samples come in reverse order": lambda z, s: spaced(z, s).flip(-1),
    "you take samples away: the signal has to grow longer": lambda z, s: z[..., ::s],
    "you give z back as it came": lambda z, s: z,
    "only the first beat gets its samples, the others are zero":
        lambda z, s: spaced(torch.cat([z[:1], 0 * z[1:]]), s),
    "only the first channel gets its samples, the others are zero":
        lambda z, s: spaced(torch.cat([z[:, :1], 0 * z[:, 1:]], dim=1), s),
    "every beat and channel gets the samples of the first; each has its own":
        lambda z, s: spaced(z[:1, :1].expand_as(z), s),
    "you return zeros alone: where are the samples of z?": lambda z, s: 0 * spaced(z, s),
    "you return one signal; z is a batch of shape (B, C, L)": lambda z, s: spaced(z, s)[0, 0],
    "the zeros belong between the samples, which are the last axis of z":
        lambda z, s: spaced(z.transpose(1, 2), s).transpose(1, 2),
}  # fmt: skip


@exercise(
    "This is the second way, ready for any batch. Put the 75 samples of a thinned heartbeat 6 "
    "apart, and plot them: which filter would turn these needles into a curve again?"
)
def insert_zeros(function):
    """A function (z, stride) that puts stride - 1 zeros between the samples of z (B, C, L)."""
    rng = torch.Generator().manual_seed(0)
    cases = [(torch.tensor([[[1.0, 2.0, 3.0]]]), 2)]
    cases += [(torch.randn(2, 4, L, generator=rng), s) for L in (1, 2, 5) for s in (1, 2, 3, 4)]
    what = "a tensor of shape (B, C, (L - 1) * stride + 1) is asked for"
    try:
        compare(function, spaced, cases, what, WRONG_SPREADS)
    except Mistake as mistake:
        if "expanded size" not in mistake.args[0]:
            raise
        return f"{mistake}. Compare the two shapes: `len(z)` counts beats, `z.shape[-1]` samples"
    spread = call(function, torch.ones(2, 1, 3, dtype=torch.float64), 2)
    if not isinstance(spread, torch.Tensor):
        return f"the values are right, but a tensor is asked for, not a {type(spread).__name__}"
    if spread.dtype != torch.float64:
        return f"z is in double precision, your result has the type {spread.dtype}", (
            "the zeros are made with a type of their own: make them with that of z"
        )


@exercise(
    "Notebook 4 computes it in the same way for each of its layers. Ask `nn.ConvTranspose1d` "
    "itself: call the layer with `output_size=[452]`."
)
def output_padding_for_452(output_padding):
    """The output padding from 90 back to 452 with kernel_size=8, stride=5, padding=2."""
    return judge(output_padding, 3, {
        (
            "with 0 the smallest length that gives 90 comes back",
            "with 0 the smallest length that gives 90 comes back: which remainder is lost in 452?",
        ): 0,
        "the padding counts at both ends": 1,
        "452 is not all that is divided by the stride: where are padding and kernel?": 2,
        "that comes out without the padding, or if the kernel spans a sample less than 8": 4,
        "as many samples as the stride would make another sample of the 90: fewer are possible": 5,
        "that is what the convolution divides by its stride: which part of it is thrown away?": 448,
        "that is the quotient; the remainder is what the rounding threw away": 89,
        "that is the length without any output padding": 449,
        "that is the length itself; how many samples are missing without output padding?": 452,
        "that is the length of the short signal": 90,
        "output padding makes the signal longer, not shorter": -3,
    }, "{:g} samples more do not end at 452",
       "How many are there with an output padding of 0?", whole=True)  # fmt: skip


@exercise(
    "All other layers of the lecture's autoencoder together have 1555. Count the lean way to 450 "
    "in notebook 3, with kernels of 25 weights at most."
)
def transposed_weights(weights):
    """The weights of nn.ConvTranspose1d(16, 16, kernel_size=225)."""
    layer = nn.ConvTranspose1d(16, 16, kernel_size=225, stride=225)
    every_pair = "there is one kernel for every pair of an input and an output channel"
    return judge(weights, sum(p.numel() for p in layer.parameters()), {
        ("the biases are missing", "every output channel has a bias too"): 57_600,
        "a bias is added to a whole output channel; it does not depend on the place": 57_825,
        "a bias belongs to an output channel, not to a pair of channels": 57_856,
        "the input channels have no bias, only the output channels": 57_632,
        "every output channel has a bias of its own; you count one for all": 57_601,
        "those are all weights of the lecture's autoencoder; one layer is asked for": 59_171,
        every_pair: 3600,
        f"{every_pair}; the biases are right": 3616,
        f"{every_pair}; and every output channel has a bias": 225,
        f"{every_pair}; that is one kernel and the biases": 241,
        "those are the pairs of channels; each of them has a kernel": 256,
        f"{every_pair}, and you count as if input and output channels stood side by side": 7216,
        "the stride says where the copies lie; it has no weights": 12_960_016,
    }, "{:g} is not the number of kernels times 225, and the biases",
       "How many kernels, and how many biases are there?", rtol=1e-6)  # fmt: skip


@exercise(
    "The strides 2, 3 and 2 fold 2 * 3 * 2 = 12 input lengths onto this one. Find them with "
    "`conv_length`: 450 is one of them."
)
def three_layers(length):
    """450 samples after k=7, s=2, p=2, then k=5, s=3, p=2, then k=5, s=2, p=2, d=3."""
    return judge(length, 34, {
        "that is the length after the first of three layers": 224,
        "that is the length after two of three layers": 75,
        "lengths are rounded down, not up": 35,
        "in every layer one thing is counted too little: the first stop, or the second padding": 32,
        "a padding lengthens the signal before the kernel comes, at both ends": 31,
        "the last kernel has a dilation: how many samples does it span?": 38,
        "a dilated kernel has k - 1 gaps, not k: how many samples does it span?": 33,
        "the strides alone give a first guess; the kernels and the padding do the rest": 37,
        "the other way round: the first layer comes first": 36,
        "that is the division by all strides, not even rounded": 37.5,
        "those are the layers of a decoder: here the signal grows shorter": 5409,
        "that would be so if every layer kept the length": 450,
    }, "{:g} samples do not come out of the last layer",
       "Write the length after each layer down, and check it with torch", whole=True)  # fmt: skip


def stops(length, kernel_size, stride, padding, dilation):
    """Go through the starts, and count those whose last weight is still on the padded signal."""
    starts = range(-padding, length + padding, stride)
    return sum(start + dilation * (kernel_size - 1) < length + padding for start in starts)


WRONG_STOPS = {  # of length L, kernel size k, stride s, padding p, dilation d
    "one stop is too many: does your count begin with 0?": lambda *given: stops(*given) + 1,
    "a part of a step is no stop: walk, or round down":
        lambda L, k, s, p, d: (L + 2 * p - d * (k - 1) - 1) / s + 1,
    "where the kernel does not fit at all there is no stop: 0, not what a formula says":
        lambda L, k, s, p, d: (L + 2 * p - d * (k - 1) - 1) // s + 1,
    "the padding is missing": lambda L, k, s, p, d: stops(L, k, s, 0, d),
    "there are zeros at both ends, you put them at one":
        lambda L, k, s, p, d: stops(L + p, k, s, 0, d),
    "the dilation is missing: where does the last weight lie?":
        lambda L, k, s, p, d: stops(L, k, s, p, 1),
    "k weights have k - 1 gaps: your kernel spans too much":
        lambda L, k, s, p, d: stops(L, d * k, s, p, 1),
    "you count every start; the kernel goes on by the stride":
        lambda L, k, s, p, d: stops(L, k, 1, p, d),
    "the last stop is missing: a kernel that ends just with the signal still fits":
        lambda L, k, s, p, d: stops(L - 1, k, s, p, d),
    "one stop is missing: steps are one fewer than stops":
        lambda L, k, s, p, d: max(0, stops(L, k, s, p, d) - 1),
    "your last stops hang over the end of the signal: all weights need a sample":
        lambda L, k, s, p, d: len(range(-p, L + p, s)),
    "a last stop that hangs over the end does not count: round down":
        lambda L, k, s, p, d: max(0, -((L + 2 * p - d * (k - 1) - 1) // -s) + 1),
    "a kernel may be longer than the signal: then there is no stop, not one":
        lambda *given: max(1, stops(*given)),
    "the number of stops is asked for, not a list of them":
        lambda L, k, s, p, d: np.arange(-p, L + p - d * (k - 1), s),
}  # fmt: skip


@exercise(
    "Without any rounding: the division's floor is the last stop that still fits. Ask it for the "
    "450 samples of a beat and the lecture's first layer: it counts 150."
)
def count_stops(count):
    """A function (length, kernel_size, stride, padding, dilation): how often the kernel stops."""
    cases = [(10, 3, 2, 1, 1), (1, 5, 1, 0, 2)]
    cases += product((1, 4, 9, 20), (1, 3, 4), (1, 2, 3), (0, 2), (1, 2))
    compare(count, stops, cases, "one number is asked for, that of the stops", WRONG_STOPS)
