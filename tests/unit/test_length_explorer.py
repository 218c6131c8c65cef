"""The length explorer: its Python side against torch, and torch as an oracle of its page."""

import math
import re

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from ecgae_lib.lengths import conv_length, conv_transpose_length
from ecgae_lib.widgets import LengthExplorer
from ecgae_lib.widgets.length_explorer import SETTINGS

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


def evaluate(text):
    """The value of a formula as it stands on the page."""
    for sign, code in {"⌊": "floor(", "⌋": ")", "·": "*", "\u2212": "-"}.items():
        text = text.replace(sign, code)
    assert re.fullmatch(r"[\d()+*/ floor-]+", text)
    return eval(text, dict(floor=math.floor))


# Python


@settings(max_examples=100)
@given(SMALL)
def test_the_length_is_that_of_torch(s):
    explorer = LengthExplorer(**s)
    assert explorer.output_length == length_by_torch(s)
    assert explorer.refused == reason(s)
    assert (explorer.refused is None) == (explorer.output_length is not None)


def test_a_list_may_be_picked_as_it_comes_from_the_page():
    explorer = LengthExplorer()
    explorer.picked = ["output", 7]
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
