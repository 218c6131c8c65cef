"""Checks of notebook 2: the lengths of convolutions."""

import torch
import torch.nn.functional as F
from torch import nn

from ecgae_lib.checks.exercise import exercise, filled, whole_numbers
from ecgae_lib.lengths import conv_length, conv_transpose_length


@exercise("To be told.")
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


@exercise("To be told.")
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


@exercise("To be told.")
def output_padding_for_451(output_padding):
    """The output padding from 90 back to 451 with kernel_size=9, stride=5, padding=2."""
    settings = dict(kernel_size=9, stride=5, padding=2)
    whole_numbers(dict(output_padding=output_padding), ("output_padding",))
    length = conv_transpose_length(90, **settings, output_padding=output_padding)
    if length != 451:
        return f"output_padding={output_padding} gives {length} samples, 451 are asked for"


@exercise("To be told.")
def transposed_weights(answer):
    """The weights of nn.ConvTranspose1d(16, 16, kernel_size=225)."""
    whole_numbers(dict(weights=answer), ("weights",))
    layer = nn.ConvTranspose1d(16, 16, kernel_size=225, stride=225)
    right = sum(p.numel() for p in layer.parameters())
    if answer == layer.weight.numel():
        return "every output channel has a bias too"
    if answer in (16 * 225, 16 * 225 + 16):
        return "there is one kernel for every pair of an input and an output channel"
    if answer != right:
        return f"{answer} is too {'many' if answer > right else 'few'}"
