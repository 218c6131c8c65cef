"""The length formulas against torch, legal and illegal settings alike, and the traced table."""

import copy
from collections import OrderedDict
from itertools import product

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from ecgae_lib import lengths
from ecgae_lib.lengths import conv_length, conv_transpose_length, trace
from ecgae_lib.models import Autoencoder, LectureAutoencoder

torch.set_num_threads(1)

CONV = ("length", "kernel_size", "stride", "padding", "dilation")
CONV_SWEEP = (
    (-1, 0, 1, 2, 5, 8, 12),
    (-1, 0, 1, 2, 3, 6),
    (-1, 0, 1, 2, 5),
    (-1, 0, 1, 3),
    (-1, 0, 1, 2, 3),
)
TRANSPOSE = ("length", "kernel_size", "stride", "padding", "output_padding", "dilation")
TRANSPOSE_SWEEP = (
    (-1, 0, 1, 4),
    (-1, 0, 1, 4),
    (-1, 0, 1, 2, 3),
    (-1, 0, 1, 3),
    (-1, 0, 1, 2, 3),
    (-1, 0, 1, 2, 4),
)


def torch_functional(function):
    """The length that a torch function leaves of zeros."""

    def length_out(length, kernel_size, **settings):
        x, weight = torch.zeros(1, 1, length), torch.zeros(1, 1, kernel_size)
        return function(x, weight, **settings).shape[-1]

    return length_out


def torch_layer(length, **settings):
    return nn.Conv1d(1, 1, **settings)(torch.zeros(1, 1, length)).shape[-1]


def torch_transposed_layer(length, **settings):
    return nn.ConvTranspose1d(1, 1, **settings)(torch.zeros(1, 1, length)).shape[-1]


def outcome(function, error, settings):
    """The length, or None where `function` refuses the settings with `error`."""
    try:
        return function(**settings)
    except error:
        return None


def compare(ours, theirs, names, values):
    """Both outcomes for every combination of the values."""
    grid = [dict(zip(names, row, strict=True)) for row in product(*values)]
    pairs = [
        (outcome(ours, ValueError, s), outcome(theirs, (RuntimeError, ValueError), s)) for s in grid
    ]
    return grid, pairs


@pytest.mark.filterwarnings("ignore:Initializing zero-element")
@pytest.mark.parametrize(
    ("ours", "theirs", "names", "values"),
    [
        (conv_length, torch_functional(F.conv1d), CONV, CONV_SWEEP),
        (conv_length, torch_layer, CONV, CONV_SWEEP),
        (conv_transpose_length, torch_functional(F.conv_transpose1d), TRANSPOSE, TRANSPOSE_SWEEP),
        (conv_transpose_length, torch_transposed_layer, TRANSPOSE, TRANSPOSE_SWEEP),
    ],
    ids=["conv1d", "Conv1d", "conv_transpose1d", "ConvTranspose1d"],
)
def test_sweep_agrees_with_torch(ours, theirs, names, values):
    grid, pairs = compare(ours, theirs, names, values)
    legal = sum(expected is not None for _, expected in pairs)
    assert len(grid) >= 3000 and legal >= 200 and len(grid) - legal >= 200
    assert [s for s, (mine, true) in zip(grid, pairs, strict=True) if mine != true] == []


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (dict(length=0), "length=0"),
        (dict(kernel_size=0), "kernel_size=0"),
        (dict(stride=-1), "stride=-1"),
        (dict(padding=-2), "padding=-2"),
        (dict(dilation=0), "dilation=0"),
    ],
)
@pytest.mark.parametrize("function", [conv_length, conv_transpose_length])
def test_the_message_names_the_value_that_no_convolution_accepts(function, settings, named):
    with pytest.raises(ValueError, match=named):
        function(**(dict(length=9, kernel_size=3) | settings))


def test_the_message_says_how_far_the_kernel_reaches():
    with pytest.raises(ValueError, match=r"spans 9 samples \(kernel_size=5, dilation=2\).*only 8"):
        conv_length(6, kernel_size=5, padding=1, dilation=2)


@pytest.mark.parametrize("output_padding", [-1, 3, 4])
def test_the_message_names_output_padding(output_padding):
    with pytest.raises(ValueError, match=f"output_padding={output_padding}.*stride=3.*dilation=2"):
        conv_transpose_length(5, 3, stride=3, output_padding=output_padding, dilation=2)


def test_the_message_says_that_padding_takes_all():
    with pytest.raises(ValueError, match=r"-1 samples: padding=3 takes away 6 of the 5"):
        conv_transpose_length(3, kernel_size=3, padding=3)


@given(
    out=st.integers(1, 60),
    kernel_size=st.integers(1, 12),
    stride=st.integers(1, 9),
    padding=st.integers(0, 6),
    dilation=st.integers(1, 4),
)
@settings(deadline=None)
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
]
UNKNOWN_LAYERS = [
    nn.MaxPool1d(4, ceil_mode=True),
    nn.AvgPool1d(4, ceil_mode=True),
    nn.Unflatten(1, (2, 1)),
    nn.ReflectionPad1d(3),
    nn.Upsample(scale_factor=2),
]


@pytest.mark.parametrize("layer", KNOWN_LAYERS + UNKNOWN_LAYERS, ids=repr)
def test_trace_predicts_the_length_or_says_nothing(layer):
    x = torch.zeros(3, 2, 31)
    (row,) = trace(layer, x)
    assert row.shape_in == (2, 31)
    assert row.shape_out == layer.eval()(x).shape[1:]
    assert row.predicted == (row.shape_out[-1] if layer in KNOWN_LAYERS else None)


@pytest.mark.parametrize(
    ("shape", "predicted"), [((4, 9), 9), ((2, 2, 9), 9), ((-1, 9), 9), ((4, -1), None)]
)
def test_trace_of_unflatten(shape, predicted):
    (row,) = trace(nn.Unflatten(1, shape), torch.zeros(3, 36))
    assert (row.predicted, row.shape_out[-1]) == (predicted, 9)


def test_trace_of_the_lecture():
    rows = trace(LectureAutoencoder(450), torch.zeros(2, 1, 450))
    predicted = {row.layer: row.predicted for row in rows}
    encoder = [row.predicted for row in rows if row.layer.startswith("encoder")]
    assert encoder == [150, 150, 150, 75, 25, 25, 25, 1]
    assert predicted["decoder.0 ConvTranspose1d"] == 50625
    assert predicted["decoder.2 ConvTranspose1d"] == 50625
    assert rows[-1].layer == "(code in forward)"
    assert (rows[-1].shape_in, rows[-1].shape_out) == ((1, 50625), (1, 450))


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


def test_a_wrong_formula_is_seen_in_both_tables(monkeypatch):
    layer, x = nn.Conv1d(1, 1, 3), torch.zeros(1, 1, 9)
    assert "ok" in str(trace(layer, x)) and "WRONG" not in str(trace(layer, x))
    monkeypatch.setattr(lengths, "conv_length", lambda length, *_, **__: length)
    rows = trace(layer, x)
    assert str(rows).splitlines()[1].split() == [
        "Conv1d",
        "1",
        "x",
        "9",
        "9",
        "1",
        "x",
        "7",
        "WRONG",
    ]
    assert "<td>WRONG</td>" in rows._repr_html_()


def test_the_table_in_print_and_in_html():
    model = nn.Sequential(OrderedDict({"<b>": nn.ReLU(), "pool": nn.MaxPool1d(2)}))
    rows = trace(model, torch.zeros(1, 1, 9))
    header, *lines = str(rows).splitlines()
    assert len(lines) == 2 and repr(rows) == str(rows)
    column = header.index("shape out")
    assert [line[column:].split() for line in lines] == [
        ["1", "x", "9", "ok"],
        ["1", "x", "4", "ok"],
    ]
    html = rows._repr_html_()
    assert html.count("<tr>") == 3 and html.count("<td>ok</td>") == 2
    assert "<td>&lt;b&gt; ReLU</td>" in html and "<b>" not in html
