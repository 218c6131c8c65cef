"""Checks of notebook 2: the lengths of convolutions."""

import torch
import torch.nn.functional as F

from ecgae_lib.checks.exercise import exercise, filled
from ecgae_lib.lengths import conv_length, conv_transpose_length


def whole_numbers(settings, names):
    """Return the settings; TypeError unless they are a dict of these names and whole numbers."""
    if not isinstance(settings, dict) or not set(settings) <= set(names):
        raise TypeError(f"expected a dict with some of {', '.join(names)}, got {settings!r}")
    for name, value in settings.items():
        if type(value) is not int:
            raise TypeError(f"{name}={value!r} is not a whole number")
    return settings


@exercise
def conv_450_to_90(settings):
    """A convolution 450 -> 90 whose kernel is longer than its stride."""
    settings = whole_numbers(settings, ("kernel_size", "stride", "padding"))
    length = conv_length(450, **settings)
    if length != 90:
        return f"your settings give {length} samples, 90 are asked for"
    kernel_size, stride = settings["kernel_size"], settings.get("stride", 1)
    if kernel_size <= stride:
        return (
            f"90 samples it is, but kernel_size={kernel_size} is not longer than stride={stride}: "
            "no two outputs share an input"
        )


@exercise
def insert_zeros(function):
    """A function (z, stride) that puts stride - 1 zeros between the samples of z (B, C, L)."""
    rng = torch.Generator().manual_seed(0)
    cases = [(torch.tensor([[[1.0, 2.0, 3.0]]]), 2)]
    cases += [(torch.randn(2, 3, L, generator=rng), s) for L in (1, 2, 5) for s in (1, 2, 3, 4)]
    for z, stride in cases:
        spread, (C, L) = filled(function(z.clone(), stride)), z.shape[1:]
        expected = F.conv_transpose1d(z, torch.ones(C, 1, 1), stride=stride, groups=C)
        given = f"for z of shape {tuple(z.shape)} and stride={stride}"
        if not isinstance(spread, torch.Tensor):
            return f"{given} you return a {type(spread).__name__}, not a tensor"
        if spread.shape != expected.shape:
            return (
                f"{given} you return the shape {tuple(spread.shape)}, not {tuple(expected.shape)}: "
                f"put stride - 1 = {stride - 1} zeros into each of the {L - 1} gaps, none elsewhere"
            )
        if not torch.equal(spread, expected):
            return f"{given} the shape is right; but z = {z[0, 0]} became {spread[0, 0]}"


@exercise
def output_padding_for_451(output_padding):
    """The output padding from 90 back to 451 with kernel_size=9, stride=5, padding=2."""
    settings = dict(kernel_size=9, stride=5, padding=2)
    whole_numbers(dict(output_padding=output_padding), ("output_padding",))
    length = conv_transpose_length(90, **settings, output_padding=output_padding)
    if length != 451:
        return f"output_padding={output_padding} gives {length} samples, 451 are asked for"


@exercise
def gains(function):
    """A function (kernel, stride): what a constant 1 becomes at each remainder n mod stride."""
    cases = ([1] * 8, 6), ([1, 2, 3, 4, 3, 2, 1], 5), ([1, -2, 4], 1), ([3, 1, 4, 1, 5], 2)
    for kernel, stride in (*cases, ([2, 5], 4)):
        answer = filled(function(list(kernel), stride))
        answer = torch.as_tensor([float(gain) for gain in answer])
        given = f"for kernel={kernel} and stride={stride}"
        if len(answer) != stride:
            return f"{given} you return {len(answer)} gains, there are {stride} remainders"
        ones = torch.ones(1, 1, len(kernel) + 2)  # enough for a full period in the middle
        x_hat = F.conv_transpose1d(ones, torch.tensor(kernel).view(1, 1, -1) * 1.0, stride=stride)
        middle = x_hat[0, 0, stride * len(kernel) :][:stride]
        wrong = (answer - middle).abs() > 1e-4
        if wrong.any():
            r = int(wrong.nonzero()[0])
            return (
                f"{given} you have {answer[r]:g} at remainder {r}: which weights write to the "
                f"samples n with n mod {stride} = {r}?"
            )


@exercise
def from_1_to_450(layers):
    """Transposed convolutions 1 -> 450: kernels up to 25, each a multiple of its stride."""
    names = ("kernel_size", "stride", "padding", "output_padding", "dilation")
    lengths = [1]
    for number, layer in enumerate(layers):
        layer = whole_numbers(layer, names)
        lengths.append(conv_transpose_length(lengths[-1], **layer))
        kernel_size, stride = layer["kernel_size"], layer.get("stride", 1)
        if kernel_size > 25:
            return f"layer {number} has a kernel of {kernel_size} weights, 25 are allowed"
        if kernel_size % stride:
            return f"layer {number}: kernel_size={kernel_size} is not a multiple of stride={stride}"
    if lengths[-1] != 450:
        path = " -> ".join(map(str, lengths))
        return f"your layers lead {path}; 450 samples are asked for"
