"""The length of a convolution's output, and a table that checks it layer by layer."""

import copy
import math
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from ecgae_lib.expects import takes, tensor, whole

CONV = ("kernel_size", "stride", "padding", "dilation")
SAME_LENGTH = (nn.BatchNorm1d, nn.Dropout, nn.ELU, nn.GELU, nn.Identity, nn.LeakyReLU)
SAME_LENGTH += (nn.ReLU, nn.Sigmoid, nn.SiLU, nn.Softplus, nn.Tanh)
SETTINGS = dict(length=whole(1), padding=whole(0))
SETTINGS |= {name: whole(1) for name in ("kernel_size", "stride", "dilation")}


@takes(**SETTINGS)
def conv_length(length, kernel_size, stride=1, padding=0, dilation=1):
    """L_out = floor((L_in + 2p - d(k - 1) - 1) / s) + 1, the length a convolution leaves.

    Source: the lecture's formula (d = 1), completed as in torch.nn.Conv1d.
    Raises TypeError or ValueError, naming the value, for the settings that torch refuses.

    >>> conv_length(450, kernel_size=5, stride=3, padding=2)
    150
    """
    span = dilation * (kernel_size - 1) + 1
    padded = length + 2 * padding
    if span > padded:
        raise ValueError(
            f"the kernel spans {span} samples (kernel_size={kernel_size}, dilation={dilation}), "
            f"the padded input has only {padded}: take a smaller kernel or more padding"
        )
    return (padded - span) // stride + 1


@takes(**SETTINGS, output_padding=whole(0))
def conv_transpose_length(length, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    """L_out = (L_in - 1)s - 2p + d(k - 1) + p_out + 1, the length a transposed convolution makes.

    Source: the lecture's formula (d = 1, p_out = 0), completed as in torch.nn.ConvTranspose1d.
    Raises TypeError or ValueError, naming the value, for the settings that torch refuses.

    >>> conv_transpose_length(225, kernel_size=225, stride=225)
    50625
    """
    check_output_padding(output_padding, stride, dilation)
    span = dilation * (kernel_size - 1) + 1
    out = (length - 1) * stride - 2 * padding + span + output_padding
    if out < 1:
        raise ValueError(
            f"the output would have {out} samples: padding={padding} takes away "
            f"{2 * padding} of the {out + 2 * padding} that are there; take less padding"
        )
    return out


def check_output_padding(output_padding, stride, dilation):
    """Raise ValueError unless output_padding < max(stride, dilation)."""
    if not output_padding < max(stride, dilation):
        raise ValueError(f"{output_padding=}: expected less than {stride=} or {dilation=}")


@dataclass(frozen=True)
class Row:
    """One layer's step: shapes without the batch, predicted and true length."""

    layer: str
    shape_in: tuple[int, ...]
    predicted: int | None
    shape_out: tuple[int, ...]

    @property
    def cells(self):
        verdict = {None: "", self.shape_out[-1]: "ok"}.get(self.predicted, "WRONG")
        shapes = (" x ".join(map(str, shape)) for shape in (self.shape_in, self.shape_out))
        return self.layer, next(shapes), str(self.predicted or ""), next(shapes), verdict


class Trace(list):
    """The rows of `trace`, as a table."""

    def __str__(self):
        header = ("layer", "shape in", "predicted length", "shape out", "")
        table = [header, *(row.cells for row in self)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in table)

    __repr__ = __str__


@takes(x=tensor("...", "L"))
def trace(module, x):
    """Send x through a copy of `module` and write down one row per layer.

    x: (B, C, L).  Shapes are shown without B.  A row "(code in forward)" shows where the
    module's own code, not a layer, has changed the shape.  Returns a Trace: a list of Row that
    prints as a table.  The module itself, its mode and its running averages stay as they are.
    """
    module = copy.deepcopy(module).eval()
    rows = Trace()
    for name, layer in module.named_modules():
        if not list(layer.children()):
            layer.register_forward_hook(partial(write_down, rows, name))
    with torch.no_grad(), torch.random.fork_rng():  # a VAE draws
        out = module(x.clone())  # the first layer may work in place
    out = out[0] if isinstance(out, tuple) else out
    note_reshape(rows, tuple(out.shape[1:]))
    return rows


def write_down(rows, name, layer, inputs, output):
    """A forward hook: append the layer's row."""
    shape_in, shape_out = tuple(inputs[0].shape[1:]), tuple(output.shape[1:])
    note_reshape(rows, shape_in)
    title = f"{name} {type(layer).__name__}".strip()
    rows.append(Row(title, shape_in, predicted_length(layer, shape_in), shape_out))


def note_reshape(rows, shape):
    """If `shape` is not what the last layer left, say that code in between has changed it."""
    if rows and rows[-1].shape_out != shape:
        rows.append(Row("(code in forward)", rows[-1].shape_out, None, shape))


def predicted_length(layer, shape):
    """The length that `layer` leaves of an input `shape` (C, L), None for a layer unknown here."""
    length = shape[-1]
    match layer:
        case nn.ConvTranspose1d():
            return conv_transpose_length(length, **settings_of(layer, *CONV, "output_padding"))
        case nn.Conv1d(padding="same"):
            return length
        case nn.MaxPool1d(ceil_mode=True) | nn.AvgPool1d(ceil_mode=True):
            return None
        case nn.Conv1d() | nn.MaxPool1d() | nn.AvgPool1d():
            return conv_length(length, **settings_of(layer, *CONV))
        case nn.AdaptiveAvgPool1d() | nn.AdaptiveMaxPool1d():
            return settings_of(layer, "output_size")["output_size"]
        case nn.Linear():
            return layer.out_features
        case nn.Flatten(start_dim=1, end_dim=-1):
            return math.prod(shape)
        case nn.Unflatten(dim=1, unflattened_size=(*_, last)) if len(shape) == 1 and last > 0:
            return last
        case _:
            return length if isinstance(layer, SAME_LENGTH) else None


def settings_of(layer, *names):
    """The layer's settings as numbers, whether torch keeps them as 5 or as (5,)."""
    values = {name: getattr(layer, name, 1) for name in names}
    values = {name: v[0] if isinstance(v, tuple) else v for name, v in values.items()}
    return {name: 0 if v == "valid" else v for name, v in values.items()}
