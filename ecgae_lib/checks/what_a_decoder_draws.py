"""Checks of notebook 3: what a decoder draws."""

import torch
import torch.nn.functional as F

from ecgae_lib.checks.exercise import exercise, filled, whole_numbers
from ecgae_lib.lengths import conv_transpose_length


@exercise("To be told.")
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


@exercise("To be told.")
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
