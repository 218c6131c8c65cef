"""The length explorer: its Python side, and its arithmetic in JavaScript against torch."""

import math
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import traitlets
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from torch import nn

from ecgae_lib.lengths import conv_length, conv_transpose_length
from ecgae_lib.widgets import LengthExplorer
from ecgae_lib.widgets.length_explorer import SETTINGS
from tests.node.run import in_node, needs_node

torch.set_num_threads(1)
# Each example starts node: a failing one is not made smaller, which would take minutes.
IN_NODE = dict(deadline=None, phases=[Phase.explicit, Phase.generate])
SMALL = st.fixed_dictionaries(
    dict(
        kind=st.sampled_from(["conv", "conv_transpose"]),
        length=st.integers(1, 12),
        kernel_size=st.integers(1, 6),
        stride=st.integers(1, 5),
        padding=st.integers(0, 6),
        dilation=st.integers(1, 4),
        output_padding=st.integers(0, 4),
    )
)


def names(s):
    return [n for n in SETTINGS[1:] if n != "output_padding" or s["kind"] == "conv_transpose"]


def layer_of(s):
    """torch's layer with these settings."""
    layer = nn.Conv1d if s["kind"] == "conv" else nn.ConvTranspose1d
    return layer(1, 1, **{name: s[name] for name in names(s)}, bias=False)


def length_by_torch(s):
    """What torch makes of it, None where it refuses."""
    try:
        return layer_of(s)(torch.zeros(1, 1, s["length"])).shape[-1]
    except (RuntimeError, ValueError):
        return None


def reason(s):
    """The sentence of ecgae_lib.lengths, None where it has none."""
    length_of = conv_length if s["kind"] == "conv" else conv_transpose_length
    try:
        length_of(s["length"], **{name: s[name] for name in names(s)})
    except ValueError as error:
        return str(error)


def matrix(s):
    """(L_in, L_out): 1 + the number of the weight that joins them, 0 for none, by torch."""
    layer = layer_of(s)
    with torch.no_grad():
        layer.weight.copy_(torch.arange(1.0, s["kernel_size"] + 1))
        return layer(torch.eye(s["length"])[:, None])[:, 0].numpy()


# Python


@settings(max_examples=300, deadline=None)
@given(SMALL)
def test_the_length_is_that_of_torch(s):
    explorer = LengthExplorer(**s)
    assert explorer.output_length == length_by_torch(s)
    assert explorer.refused == reason(s)
    assert (explorer.refused is None) == (explorer.output_length is not None)


def test_its_repr_can_be_compared():
    explorer = LengthExplorer(length=450, kernel_size=5, stride=3, padding=2)
    start = "LengthExplorer(conv, length=450, kernel_size=5, stride=3, padding=2, dilation=1"
    assert repr(explorer) == f"{start} -> 150)"
    explorer.kernel_size = 500
    assert repr(explorer).endswith("kernel_size=500, stride=3, padding=2, dilation=1 -> refused)")
    lecture = dict(kind="conv_transpose", length=225, kernel_size=225, stride=225)
    assert repr(LengthExplorer(**lecture)).endswith("output_padding=0 -> 50625)")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("length", 0), ("length", 1001), ("kernel_size", 0), ("stride", -1), ("stride", 1.5),
        ("dilation", "2"), ("padding", -1), ("output_padding", None), ("length", True),
        ("kind", "pool"), ("view", "matrix"),
    ],
)  # fmt: skip
def test_a_value_that_fits_nothing_is_refused(name, value):
    explorer = LengthExplorer()
    before = getattr(explorer, name)
    with pytest.raises(traitlets.TraitError, match=name):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == before


@pytest.mark.parametrize(
    "picked", [("output", 8), ("input", 10), ("input", -1), ("kernel", 0), ("input",), 3, "input"]
)
def test_a_sample_that_is_not_there_cannot_be_picked(picked):
    explorer = LengthExplorer()
    with pytest.raises(traitlets.TraitError, match="picked"):
        explorer.picked = picked
    assert explorer.picked is None
    explorer.picked = ["output", 7]  # a list, as it comes from the page
    assert explorer.picked == ("output", 7)


def test_a_picked_sample_is_let_go_when_it_is_gone():
    explorer = LengthExplorer(picked=("output", 7))
    explorer.stride = 1
    assert explorer.picked == ("output", 7)
    explorer.kernel_size = 4
    assert explorer.picked is None
    explorer.picked = ("input", 9)
    explorer.kernel_size = 11
    assert explorer.picked == ("input", 9) and explorer.output_length is None
    explorer.length = 5
    assert explorer.picked is None


def test_the_page_can_change_setting_and_sample_at_once():
    explorer = LengthExplorer(picked=("output", 7))
    explorer.set_state(dict(length=20, picked=["output", 17]))
    assert (explorer.length, explorer.picked) == (20, ("output", 17))
    explorer.set_state(dict(length=5, picked=None))
    assert (explorer.length, explorer.picked) == (5, None)


# the page's arithmetic


@needs_node
@settings(max_examples=12, **IN_NODE)
@given(st.lists(SMALL, min_size=20, max_size=40))
def test_the_page_agrees_with_torch(cases):
    """Length, reason, every connection with its weight in both views, and the counts."""
    for s, found in zip(cases, in_node("lengths.mjs", cases), strict=True):
        assert found["refusal"] == reason(s)
        assert (found["refusal"] is None) == (length_by_torch(s) is not None)
        if found["refusal"] is None:
            check_picture(s, found, matrix(s))


def check_picture(s, found, expected):
    assert found["length"] == expected.shape[1]
    assert found["counts"] == (expected > 0).sum(axis=0).tolist()
    for pairs, back in zip(found["connections"], found["backwards"], strict=True):
        drawn = np.zeros_like(expected)
        for i, n, weight in pairs:
            drawn[i, n] += weight + 1
        np.testing.assert_array_equal(drawn, expected)
        assert sorted(map(tuple, back)) == sorted(zip(*expected.nonzero(), strict=True))
    if s["kind"] == "conv":
        assert found["unread"] == (expected.sum(axis=1) == 0).sum()
    check_cells(s, found)


def check_cells(s, found):
    """How many cells of each kind the rows have."""
    scatter, zeros = ({k: c.count(k) for k in set(c)} for c in found["cells"])
    p, full = s["padding"], dict(real=s["length"])
    if s["kind"] == "conv":
        assert scatter == zeros == full | ({"padding": 2 * p} if p else {})
        return
    assert scatter == dict(real=found["length"]) | ({"cropped": 2 * p} if p else {})
    reach, extra = s["dilation"] * (s["kernel_size"] - 1), s["output_padding"]
    around = max(reach - p, 0) + max(reach - p + extra, 0)
    if reach >= p:
        inserted = (s["length"] - 1) * (s["stride"] - 1)
        parts = dict(padding=around, inserted=inserted, **full)
        assert zeros == {kind: n for kind, n in parts.items() if n}
    assert sum(zeros.values()) - zeros.get("cropped", 0) == found["length"] + reach


@needs_node
@settings(max_examples=8, **IN_NODE)
@given(st.lists(SMALL, min_size=20, max_size=40))
def test_the_written_formula_is_true_at_every_step(cases):
    for s, found in zip(cases, in_node("lengths.mjs", cases), strict=True):
        if found["refusal"] is None:
            values = [evaluate(part) for part in found["steps"].split(" = ")]
            assert values == [found["length"]] * (3 if s["kind"] == "conv" else 2)
            for name in names(s):
                assert str(s[name]) in found["steps"]


def evaluate(text):
    """The value of a formula as it stands on the page."""
    for sign, code in {"⌊": "floor(", "⌋": ")", "·": "*", "\u2212": "-"}.items():
        text = text.replace(sign, code)
    assert re.fullmatch(r"[\d()+*/ floor-]+", text)
    return eval(text, dict(floor=math.floor))


@needs_node
def test_uneven_means_that_a_constant_becomes_a_ripple():
    """Against torch: a constant through a kernel of ones, away from the ends."""
    cases = [
        dict(kind="conv_transpose", length=60, kernel_size=k, stride=s, dilation=d, padding=0,
             output_padding=0)
        for k in range(1, 9) for s in range(1, 6) for d in range(1, 4)
    ]  # fmt: skip
    verdicts = set()
    for s, found in zip(cases, in_node("lengths.mjs", cases), strict=True):
        ones = torch.ones(1, 1, s["kernel_size"])
        z, stride = torch.ones(1, 1, 60), s["stride"]
        x = F.conv_transpose1d(z, ones, stride=stride, dilation=s["dilation"])[0, 0]
        middle = x[30 * stride : 31 * stride].long().tolist()
        assert found["perRemainder"] == middle
        words, uneven = found["judge"]
        assert uneven == (len(set(middle)) > 1) == words.startswith("uneven")
        assert re.findall(r"\d+", words) == [str(v) for v in sorted({min(middle), max(middle)})]
        verdicts.add(uneven)
    assert verdicts == {True, False}


@needs_node
def test_what_it_says_of_a_sample():
    conv = dict(kind="conv", length=10, kernel_size=3, stride=2, padding=1, dilation=1)
    back = dict(kind="conv_transpose", length=5, kernel_size=4, stride=3, padding=1, dilation=1)
    skip = dict(kind="conv", length=9, kernel_size=1, stride=4, padding=0, dilation=1)
    cases = [s | dict(output_padding=0) for s in (conv, back, skip)]
    found = in_node("lengths.mjs", cases)
    assert found[0]["tell"][0] == [
        "input 0 goes into output 0",
        "output 0 is made of inputs 0, 1 and 1 padding zero",
    ]
    assert found[1]["tell"] == [
        ["input 0 goes into outputs 0, 1, 2 and 1 cropped place", "output 0 is made of input 0"],
        ["input 0 goes into outputs 0, 1, 2",
         "output 0 is made of input 0 and 2 padding zeros and 1 inserted zero"],
    ]  # fmt: skip
    assert found[2]["judge"] == ["6 input samples are never read", True]


@needs_node
def test_the_lectures_decoder():
    s = dict(kind="conv_transpose", length=225, kernel_size=225, stride=225, padding=0)
    (found,) = in_node("lengths.mjs", [s | dict(dilation=1, output_padding=0)])
    assert found["length"] == 50_625 == length_by_torch(s | dict(dilation=1, output_padding=0))
    assert set(found["counts"]) == {1}
    assert found["steps"].endswith(" = 50625")
