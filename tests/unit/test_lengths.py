"""The length formulas against torch, legal and illegal settings alike, and the traced table."""

import copy
import re
from collections import OrderedDict
from itertools import product

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from ecgae_lib import lengths
from ecgae_lib.lengths import conv_length, conv_transpose_length, trace
from ecgae_lib.models import Autoencoder, LectureAutoencoder

CONV = ("length", "kernel_size", "stride", "padding", "dilation")
CONV_SWEEP = (-1, 0, 1, 2, 5, 8, 12), (-1, 0, 1, 2, 3, 6), (-1, 0, 1, 2, 5), (-1, 0, 1, 3)
CONV_SWEEP += ((-1, 0, 1, 2, 3),)
TRANSPOSE = ("length", "kernel_size", "stride", "padding", "output_padding", "dilation")
TRANSPOSE_SWEEP = (-1, 0, 1, 4), (-1, 0, 1, 4), (-1, 0, 1, 2, 3), (-1, 0, 1, 3), (-1, 0, 1, 2, 3)
TRANSPOSE_SWEEP += ((-1, 0, 1, 2, 4),)


def by_function(function):
    """The length that a function of torch leaves of zeros."""

    def length_out(length, kernel_size, **settings):
        x, weight = torch.zeros(1, 1, length), torch.zeros(1, 1, kernel_size)
        return function(x, weight, **settings).shape[-1]

    return length_out


def by_layer(kind):
    return lambda length, **settings: kind(1, 1, **settings)(torch.zeros(1, 1, length)).shape[-1]


def outcome(function, error, settings):
    """The length, or None where `function` refuses the settings with `error`."""
    try:
        return function(**settings)
    except error:
        return None


@pytest.mark.filterwarnings("ignore:Initializing zero-element")
@pytest.mark.parametrize(
    ("ours", "theirs", "names", "values"),
    [
        (conv_length, by_function(F.conv1d), CONV, CONV_SWEEP),
        (conv_length, by_layer(nn.Conv1d), CONV, CONV_SWEEP),
        (conv_transpose_length, by_function(F.conv_transpose1d), TRANSPOSE, TRANSPOSE_SWEEP),
        (conv_transpose_length, by_layer(nn.ConvTranspose1d), TRANSPOSE, TRANSPOSE_SWEEP),
    ],
    ids=["conv1d", "Conv1d", "conv_transpose1d", "ConvTranspose1d"],
)
def test_sweep_agrees_with_torch(ours, theirs, names, values):
    """The same length, or both refuse the settings."""
    legal, illegal = 0, 0
    for row in product(*values):
        settings = dict(zip(names, row, strict=True))
        expected = outcome(theirs, (RuntimeError, ValueError), settings)
        assert outcome(ours, ValueError, settings) == expected, settings
        legal, illegal = legal + (expected is not None), illegal + (expected is None)
    assert legal >= 200 and illegal >= 200 and legal + illegal >= 3000


BOTH = [conv_length, conv_transpose_length]
REFUSED = [
    *[(f, {name: value}, f"{name}={value}: expected at least")
      for f in BOTH
      for name, value in dict(length=0, kernel_size=0, stride=-1, padding=-2, dilation=0).items()],
    (conv_transpose_length, dict(output_padding=-1), "output_padding=-1: expected at least 0"),
    (conv_length, dict(length=6, kernel_size=5, padding=1, dilation=2),
     r"spans 9 samples \(kernel_size=5, dilation=2\).*only 8"),
    *[(conv_transpose_length, dict(stride=3, output_padding=p, dilation=2),
       f"output_padding={p}: .*stride=3.*dilation=2") for p in (3, 4)],
    (conv_transpose_length, dict(length=3, padding=3),
     r"-1 samples: padding=3 takes away 6 of the 5"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "settings", "message"), REFUSED)
def test_the_message_names_the_value(function, settings, message):
    with pytest.raises(ValueError, match=message):
        function(**(dict(length=9, kernel_size=3) | settings))


@given(
    out=st.integers(1, 60),
    kernel_size=st.integers(1, 12),
    stride=st.integers(1, 9),
    padding=st.integers(0, 6),
    dilation=st.integers(1, 4),
)
def test_stride_lengths_fold_onto_one_and_output_padding_tells_them_apart(out, stride, **others):
    others |= dict(stride=stride)
    assume((out - 1) * stride + others["dilation"] * (others["kernel_size"] - 1) + 1
           > 2 * others["padding"] + 1)  # fmt: skip
    shortest = conv_transpose_length(out, **others)
    folded = range(shortest, shortest + stride)
    assert {conv_length(length, **others) for length in folded} == {out}
    assert conv_length(shortest + stride, **others) == out + 1
    assert outcome(conv_length, ValueError, others | dict(length=shortest - 1)) != out
    restored = [conv_transpose_length(out, output_padding=p, **others) for p in range(stride)]
    assert restored == list(folded)


KNOWN_LAYERS = [
    nn.Conv1d(2, 3, kernel_size=(5,), stride=(3,), padding=(2,), dilation=(2,)),
    nn.Conv1d(2, 3, 4, padding="same", dilation=2),
    nn.Conv1d(2, 3, 4, padding="valid"),
    nn.ConvTranspose1d(2, 3, (4,), stride=(3,), padding=(1,), output_padding=(2,)),
    nn.ConvTranspose1d(2, 3, 4, stride=2, output_padding=1, dilation=3),
    nn.MaxPool1d(3),
    nn.MaxPool1d(3, stride=2, padding=1, dilation=2),
    nn.AvgPool1d(4),
    nn.AvgPool1d((4,), stride=(3,), padding=(1,)),
    nn.AdaptiveAvgPool1d(7),
    nn.AdaptiveMaxPool1d((7,)),
    nn.Linear(31, 5),
    nn.Flatten(),
    nn.BatchNorm1d(2),
    nn.Dropout(0.5),
    nn.GELU(),
    nn.Identity(),
    nn.Unflatten(1, (2, 31)),
    nn.Unflatten(1, (1, 2, 31)),
    nn.Unflatten(1, (-1, 31)),
]
UNKNOWN_LAYERS = [
    nn.MaxPool1d(4, ceil_mode=True),
    nn.AvgPool1d(4, ceil_mode=True),
    nn.Unflatten(1, (2, -1)),
    nn.Unflatten(1, (2, 1)),
    nn.ReflectionPad1d(3),
    nn.Upsample(scale_factor=2),
]


@pytest.mark.parametrize("layer", KNOWN_LAYERS + UNKNOWN_LAYERS, ids=repr)
def test_trace_predicts_the_length_or_says_nothing(layer):
    flat = isinstance(layer, nn.Unflatten) and layer.unflattened_size != (2, 1)
    shape = (62,) if flat else (2, 31)
    x = torch.zeros(3, *shape)
    (row,) = trace(layer, x)
    assert row.shape_in == shape and row.shape_out == layer.eval()(x).shape[1:]
    assert row.predicted == (row.shape_out[-1] if layer in KNOWN_LAYERS else None)


def test_trace_of_the_lecture():
    rows = trace(LectureAutoencoder(450), torch.zeros(2, 1, 450))
    predicted = {row.layer: row.predicted for row in rows}
    encoder = [length for layer, length in predicted.items() if layer.startswith("encoder")]
    assert encoder == [150, 150, 150, 75, 25, 25, 25, 1]
    assert predicted["decoder.0 ConvTranspose1d"] == predicted["decoder.2 ConvTranspose1d"] == 50625
    assert rows[-1] == lengths.Row("(code in forward)", (1, 50625), None, (1, 450))


@pytest.mark.parametrize(
    "model", [LectureAutoencoder(450), LectureAutoencoder(33, copies=3), Autoencoder(450)]
)
def test_trace_agrees_with_every_layer_of_the_models(model):
    length = getattr(model, "signal_length", 450)
    rows = trace(model, torch.zeros(2, 1, length))
    assert rows[0].shape_in == rows[-1].shape_out == (1, length)
    for row in rows:
        own_code = row.layer == "(code in forward)"
        assert row.predicted == (None if own_code else row.shape_out[-1])
    layers = [layer for layer in model.modules() if not list(layer.children())]
    assert len([row for row in rows if row.layer != "(code in forward)"]) == len(layers)


def test_trace_leaves_the_module_as_it_was():
    model = LectureAutoencoder(450).train()
    model.encoder[2].eval()
    modes = [layer.training for layer in model.modules()]
    state = copy.deepcopy(model.state_dict())
    trace(model, torch.randn(8, 1, 450))
    assert [layer.training for layer in model.modules()] == modes
    assert all(torch.equal(state[name], value) for name, value in model.state_dict().items())
    assert not any(layer._forward_hooks for layer in model.modules())


def test_a_wrong_formula_is_seen_in_the_table(monkeypatch):
    layer, x = nn.Conv1d(1, 1, 3), torch.zeros(1, 1, 9)
    assert "ok" in str(trace(layer, x)) and "WRONG" not in str(trace(layer, x))
    monkeypatch.setattr(lengths, "conv_length", lambda length, *_, **__: length)
    rows = trace(layer, x)
    assert re.sub(" +", " ", str(rows).splitlines()[1]) == "Conv1d 1 x 9 9 1 x 7 WRONG"


def test_the_table():
    model = nn.Sequential(OrderedDict({"relu": nn.ReLU(), "pool": nn.MaxPool1d(2)}))
    rows = trace(model, torch.zeros(1, 1, 9))
    header, *lines = str(rows).splitlines()
    assert len(lines) == 2 and repr(rows) == str(rows)
    column = header.index("shape out")
    assert [line[column:] for line in lines] == ["1 x 9      ok", "1 x 4      ok"]
