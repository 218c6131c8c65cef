"""Widgets among ipywidgets: `value` is z, or beta, and both names move together."""

import ipywidgets
import pytest
import traitlets

from ecgae_lib.widgets import BetaExplorer, ComparePads, LatentPad
from tests.unit.maps import BEATS, build

MODELS = {"a": build(), "b": build()}
# the widget, the trait that `value` names, two values for it, and one that it refuses
VALUED = {
    "latent pad": (lambda **t: LatentPad(build(), BEATS, **t), "z", (0.5, -1.0), (1.0, 2.0), (1,)),
    "compare pads": (
        lambda **t: ComparePads(MODELS, BEATS, **t),
        "z", ((0.5, -1.0),) * 2, ((1.0, 2.0),) * 2, ((1, 2),),
    ),
    "beta explorer": (
        lambda **t: BetaExplorer({0.1: build(), 0.01: build(), 0.5: build()}, BEATS, **t),
        "beta", 0.01, 0.5, 3.0,
    ),
}  # fmt: skip


@pytest.fixture(params=VALUED)
def valued(request):
    return VALUED[request.param]


def test_both_names_move_together(valued):
    make, name, one, other, refused = valued
    widget, seen = make(), []
    assert widget.value == getattr(widget, name)
    widget.observe(lambda change: seen.append(change.new), "value")
    setattr(widget, name, one)
    assert widget.value == one
    widget.value = other
    assert getattr(widget, name) == other and seen == [one, other]
    with pytest.raises(traitlets.TraitError, match=name):
        widget.value = refused
    assert widget.value == getattr(widget, name) == other


@pytest.mark.parametrize("by", ["its name", "value"])
def test_either_name_may_be_given(valued, by):
    make, name, one, *_ = valued
    widget = make(**{name if by == "its name" else by: one})
    assert widget.value == getattr(widget, name) == one


@pytest.mark.parametrize("kind", ["interactive", "interactive_output"])
def test_interact_calls_with_what_it_is(valued, kind):
    make, name, one, other, _ = valued
    widget, calls = make(**{name: one}), []

    def f(z):
        calls.append(z)

    if kind == "interactive":
        shown = ipywidgets.interactive(f, z=widget)
        assert shown.children[0] is widget
    else:
        ipywidgets.interactive_output(f, {"z": widget})
    setattr(widget, name, other)
    assert calls == [one, other]


def test_it_is_linked(valued):
    make, name, one, other, _ = valued
    here, there = make(), make()
    ipywidgets.link((here, "value"), (there, "value"))
    setattr(here, name, one)
    assert getattr(there, name) == one
    there.value = other
    assert getattr(here, name) == other


def test_page_and_python_share_it_once(valued):
    make, name, *_ = valued
    assert name in make().keys and "value" not in make().keys
