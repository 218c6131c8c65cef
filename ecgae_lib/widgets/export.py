"""A torch decoder as plain data: a list of steps and one blob of weights, for a page to evaluate.

The torch module stays the only definition: torch.fx reads which layers `model.decode` calls, in
which order and with which shapes.  What this module does not know is refused, not guessed.
A signal inside is (channels, length); a vector is a signal of length 1.
"""

import functools
import math
import operator

import numpy as np
import torch
from torch import fx, nn
from torch.fx.passes.shape_prop import ShapeProp

from ecgae_lib import models

POINTWISE = {nn.ReLU: "relu", nn.GELU: "gelu", nn.Tanh: "tanh", nn.Sigmoid: "sigmoid"}
RESHAPING = (nn.Flatten, nn.Unflatten, nn.Identity, nn.Dropout)  # the numbers and their order stay
WHOLE = ("linear", "reshape", "add")  # steps that need all of their input
BLOCK = 64  # weights that share one step, when they are made compact


class Decode(nn.Module):
    """`model.decode` as the forward of a module, which is what torch.fx reads."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, z):
        return self.model.decode(z)


def export_decoder(model):
    """What `model.decode` computes from one z of two numbers, as (steps, blob).

    steps: one dictionary per operation: "op", "channels" and "length" of what it leaves, and its
    settings; "weight" and "bias" say where in the blob its values start.
    blob: bytes, all weights as float32, copied.
    Samples that `decode` crops away are not computed: exact, and for the lecture's decoder 112
    times fewer.
    Raises TypeError, naming it, for a layer or an operation that the page cannot evaluate, and
    ValueError for weights that are not finite.
    """
    check_weights(model)
    program = traced(model)
    weights = Weights()
    steps = [step for node in chain(program) for step in translate(program, node, weights)]
    return drop_what_is_cropped(steps), weights.blob()


def compact(numbers):
    """float32 numbers in half the space: whole levels, and one step for every 64 of them.

    numbers: an array of float32, or its bytes.  Returns levels (int16) and steps (float32) as
    bytes.  An error is at most 1/65 534 of the largest number in its block: of a decoder, less than
    a recorder's noise by far.
    """
    numbers = np.frombuffer(numbers, "<f4")
    blocks = np.pad(numbers, (0, -len(numbers) % BLOCK)).reshape(-1, BLOCK)
    steps = (abs(blocks).max(axis=1, keepdims=True) / 32_767).astype("<f4")
    steps[steps == 0] = 1
    levels = np.round(blocks / steps).astype("<i2").ravel()[: len(numbers)]
    return dict(levels=levels.tobytes(), steps=steps.tobytes())


def check_weights(model):
    """Raise ValueError, naming the first, if a weight or a running average is not finite."""
    for name, value in model.state_dict().items():
        if value.is_floating_point() and not torch.isfinite(value).all():
            raise ValueError(
                f"{name} of the {type(model).__name__} holds NaN or infinity: train it again, "
                "with a lower lr"
            )


def traced(model):
    """The graph of `decode`, every node with the shape that torch gives it for one z."""
    device = next(model.parameters()).device
    tracer = fx.Tracer(autowrap_modules=(math, models))  # `check_input` is called later, or never
    try:
        graph = tracer.trace(Decode(model))
    except fx.proxy.TraceError as error:
        raise TypeError(
            f"{type(model).__name__}.decode decides by the values of z, so it is no list of "
            f"layers ({error}): write it without if and for over z"
        ) from error
    program = fx.GraphModule(tracer.root, graph)
    program.graph.eliminate_dead_code()  # nothing works on what a check returns
    with torch.no_grad():
        ShapeProp(program).propagate(torch.zeros(1, 2, device=device))
    return program


def chain(program):
    """The nodes between input and output; TypeError unless each works on the one before it."""
    before, *nodes, output = (node for node in program.graph.nodes if node.op != "get_attr")
    for node in [*nodes, output]:
        if [n for n in node.all_input_nodes if n.op != "get_attr"] != [before]:
            raise TypeError(
                f"{node.name} in decode does not work on the step before it alone: a page can "
                "evaluate one layer after the other, nothing that branches"
            )
        before = node
    return nodes


class Weights:
    """Collects tensors one after the other; `keep` returns where each starts."""

    def __init__(self):
        self.parts, self.size = [], 0

    def keep(self, tensor):
        """Copy the tensor to the end.  Returns its start, None for None."""
        if tensor is None:
            return None
        start = self.size
        self.parts.append(tensor.detach().to("cpu", torch.float32).flatten().clone())
        self.size += tensor.numel()
        return start

    def blob(self):
        """Everything kept, as bytes of little-endian float32."""
        return torch.cat(self.parts).numpy().astype("<f4").tobytes()


def translate(program, node, weights):
    """One node of the graph as a list of none or one step."""
    channels, *rest = node.meta["tensor_meta"].shape[1:]
    step = dict(channels=channels, length=rest[0] if rest else 1)
    if node.op == "call_module":
        layer = program.get_submodule(node.target)
        if isinstance(layer, nn.Linear) and rest:
            raise TypeError(f"decode uses {layer} on a signal: the page knows it on a vector only")
        return [translate_layer(layer, weights.keep) | step]
    if getattr(node.args[-1], "op", None) == "get_attr":
        return [translate_constant(program, node, weights.keep) | step]
    if node.target == "unsqueeze" and node.args[1:] in [(-1,), (2,)]:
        return [dict(op="reshape") | step]
    if node.target == "repeat" and node.args[1:3] == (1, 1):
        return [dict(op="repeat") | step]
    if node.target is operator.getitem and is_crop(node.args[1]):
        return [dict(op="crop") | step]
    raise TypeError(f"decode does `{node.format_node()}`, which the page cannot evaluate")


def translate_constant(program, node, keep):
    """`x + buffer`, or `x * buffer` with a buffer of one number, as a step without its shape."""
    value = functools.reduce(getattr, node.args[1].target.split("."), program)
    channels, *rest = node.meta["tensor_meta"].shape[1:]
    if node.target is operator.add:
        return dict(op="add", weight=keep(value.expand(channels, *rest)))
    if node.target is operator.mul and value.numel() == 1:
        factor = value.expand(channels)
        return dict(op="affine", weight=keep(factor), bias=keep(torch.zeros_like(factor)))
    raise TypeError(f"decode does `{node.format_node()}`, which the page cannot evaluate")


def is_crop(index):
    """Whether [index] keeps the first samples: [:, :, :n]."""
    everything = slice(None)
    match index:
        case (slice() as batch, slice() as channels, slice(start=None | 0, step=None | 1)):
            return batch == channels == everything
    return False


def translate_layer(layer, keep):
    """A layer as a step, without its shape.  Raises TypeError for layers that are not known."""
    match layer:
        case nn.Linear():
            return dict(op="linear", weight=keep(layer.weight), bias=keep(layer.bias))
        case nn.ConvTranspose1d(groups=1):
            return convolution("conv_transpose", layer, keep)
        case nn.Conv1d(groups=1, padding_mode="zeros") if not isinstance(layer.padding, str):
            return convolution("conv", layer, keep)
        case nn.BatchNorm1d(track_running_stats=True):
            return batch_norm(layer, keep)
        case nn.GELU(approximate=form) if form != "none":
            pass
        case _ if type(layer) in POINTWISE:
            return dict(op=POINTWISE[type(layer)])
        case _ if isinstance(layer, RESHAPING):
            return dict(op="reshape")
    known = "Linear, Conv1d, ConvTranspose1d, BatchNorm1d, ReLU, GELU, Tanh, Sigmoid, Flatten"
    raise TypeError(f"decode uses {layer}, which the page cannot evaluate: it knows {known}")


def convolution(op, layer, keep):
    """A convolution's settings as numbers, and its weights."""
    names = ("kernel_size", "stride", "padding", "dilation")
    settings = {name: getattr(layer, name)[0] for name in names}
    return dict(op=op, weight=keep(layer.weight), bias=keep(layer.bias), **settings)


def batch_norm(layer, keep):
    """Batch normalisation in eval mode: one factor and one shift per channel."""
    weight, bias = (layer.weight, layer.bias) if layer.affine else (1, 0)
    factor = (layer.running_var + layer.eps).rsqrt() * weight
    return dict(op="affine", weight=keep(factor), bias=keep(bias - layer.running_mean * factor))


def drop_what_is_cropped(steps):
    """Walk back from the crop and shorten each step to what the next one reads."""
    needed = steps[-1]["length"]
    for step in reversed(steps):
        if step["op"] not in WHOLE:
            step["length"] = min(step["length"], needed)
        needed = reads(step)
    return steps


def reads(step):
    """How many samples of its input a step looks at, from the start, to make its output."""
    last = step["length"] - 1
    match step["op"]:
        case "conv_transpose":
            return (last + step["padding"]) // step["stride"] + 1
        case "conv":
            span = step["dilation"] * (step["kernel_size"] - 1) + 1
            return last * step["stride"] + span - step["padding"]
        case op if op in WHOLE:
            return float("inf")
        case _:
            return step["length"]
