"""Maps of very many beats: which are shown, and that Python and page speak of the same ones."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
import traitlets
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist, pdist

from ecgae_lib.generator import synthetic
from ecgae_lib.models import VAE, Autoencoder
from ecgae_lib.widgets import BetaExplorer, ComparePads, LatentPad, TrainingFilm, thinning
from ecgae_lib.widgets.maps import nearness
from ecgae_lib.widgets.thinning import farthest_first, shares, thinned
from tests.unit.maps import build, encoded, expanded, points, shift, state_of, voltages

MOST = 150  # shown in these tests, of 3500 less than 5 %


@pytest.fixture(autouse=True, scope="module")
def little_room():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(thinning, "MOST_SHOWN", MOST)
        yield


# the choice

whole = st.integers(-50, 50).map(float)


@given(arrays(float, st.tuples(st.integers(1, 60), st.integers(1, 4)), elements=whole), st.data())
def test_no_point_is_farther_from_a_taken_one_than_those_are_from_each_other(found, data):
    most = data.draw(st.integers(1, len(found)))
    taken, counts = farthest_first(found, most)
    apart = cdist(found, found[taken]).min(axis=1)
    assert len(taken) == len(set(taken)) == min(most, len(np.unique(found, axis=0)))
    assert counts.sum() == len(found) and counts.min() >= 1
    if len(taken) > 1:
        assert apart.max() <= pdist(found[taken]).min()
    first = [len(found) - 1, 0][: data.draw(st.integers(1, min(2, len(found))))]
    if len(np.unique(found[first], axis=0)) == len(first):
        assert farthest_first(found, most, first)[0][: len(first)].tolist() == first


@given(st.lists(st.integers(1, 900), min_size=1, max_size=6), st.integers(6, 2000))
def test_small_classes_are_whole_and_the_others_share_evenly(sizes, most):
    room = shares(sizes, most)
    assert sum(room) == min(most, sum(sizes))
    cut = [r for r, size in zip(room, sizes, strict=True) if r < size]
    assert max(cut, default=0) - min(cut, default=0) <= 1
    assert all(r <= size for r, size in zip(room, sizes, strict=True))
    assert not cut or max(room) <= max(cut) + 1  # the last may be whole by one more


@cache
def crowd():
    """20,000 points of three classes in two heaps, one class rare, and five points far away."""
    rng = np.random.default_rng(0)
    heaps = rng.normal(size=(20_000, 2)) * 0.1 + np.repeat([[0, 0], [1, 0.5]], 10_000, axis=0)
    heaps[[3, 500, 7000, 12_000, 19_999]] = [[3, 3], [-3, 2], [4, -4], [0, 5], [-5, -5]]
    y = np.repeat([0, 2], 10_000)
    y[100:140] = 1
    return heaps, y


def test_what_is_rare_or_far_away_stays_and_the_dense_is_thinned():
    places, y = crowd()
    index, counts = thinned([places], y)
    assert len(index) == MOST and counts.sum() == len(places) and (np.diff(index) > 0).all()
    assert {3, 500, 7000, 12_000, 19_999, *range(100, 140)} <= set(index)
    middle = np.linalg.norm(places, axis=1) < 0.1
    share = np.isin(np.flatnonzero(middle), index).mean()
    assert share < len(index) / len(places)
    edge = (y == 0) & (np.linalg.norm(places, axis=1) > 0.3)
    assert np.isin(np.flatnonzero(edge), index).mean() > 3 * share


def test_every_beat_left_out_has_a_shown_one_of_its_class_near_by():
    places, y = crowd()
    index, _ = thinned([places], y)
    for label in (0, 2):
        shown = places[index[y[index] == label]]
        apart = cdist(places[y == label], shown).min(axis=1)
        assert apart.max() <= pdist(shown).min() * (1 + 1e-5)
        assert apart.max() < 0.1  # a heap is as wide


def test_near_means_that_no_beat_left_out_is_called_far():
    """So many beats that fewer than 5 % of them are shown: those would decide what is near."""
    places = np.random.default_rng(2).normal(size=(3500, 2))
    index, _ = thinned([places])
    _, reach = nearness(places, np.ones_like(places), index)
    apart, _ = KDTree(places[index]).query(np.delete(places, index, axis=0))
    assert apart.max() <= reach * (1 + 1e-9) < 0.5


def test_the_choice_is_the_same_every_time_and_whatever_the_unit_of_the_labels():
    places, y = crowd()
    once, again = thinned([places], y), thinned([places.copy()], 5 - y)
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))


def test_several_maps_share_one_choice_and_each_keeps_its_outliers():
    places, _ = crowd()
    rng = np.random.default_rng(1)
    other = rng.normal(size=places.shape) * 0.1
    other[77] = 4
    assert {3, 500, 77} <= set(thinned([places, other])[0])


def test_few_beats_are_all_shown_and_some_on_demand():
    places, y = crowd()
    index, counts = thinned([places[:MOST]], y[:MOST])
    assert np.array_equal(index, np.arange(MOST)) and (counts == 1).all()
    keep = [5000, 5001, 15_000]
    assert not set(keep) <= set(thinned([places], y)[0])
    assert set(keep) <= set(thinned([places], y, keep)[0])


# widgets over many beats


MANY = synthetic(3500, seed=2)[0]
MANY = replace(MANY, y=MANY.y.where(torch.arange(3500) % 500 != 0, 2), class_names=("a", "b", "c"))
RARE = set(range(0, 3500, 500))
MODELS = {"plain": build(Autoencoder), "VAE": build(VAE)}
WIDGETS = {
    "pad": lambda **traits: LatentPad(MODELS["VAE"], MANY, **traits),
    "pads": lambda **traits: ComparePads(MODELS, MANY, **traits),
    "betas": lambda **traits: BetaExplorer({1: MODELS["VAE"], 2: MODELS["VAE"]}, MANY, **traits),
    "film": lambda **traits: TrainingFilm(MODELS["plain"], MANY, **traits),
}


@cache
def widget(name):
    return WIDGETS[name]()


def coordinates(state):
    """What the page gets of the widget's maps: (rows (M, 2), model)."""
    if "_map" in state:
        return [(points(state["_map"]["codes"]), "VAE")]
    if "_models" in state:
        return [(points(m["map"]["codes"]), m["name"]) for m in state["_models"]]
    if "_sweep" in state:
        return [(expanded(m["codes"]).reshape(-1, 2), "VAE") for m in state["_sweep"]["models"]]
    return [(expanded(state["_film"]["codes"]).reshape(-1, 2), "plain")]


@pytest.mark.parametrize("name", WIDGETS)
def test_a_page_gets_the_shown_beats_with_their_numbers(name):
    made = widget(name)
    state = state_of(made)
    beats, shown = state["_beats"], made.shown
    assert len(shown) == MOST and set(shown) >= RARE
    assert np.array_equal(np.frombuffer(beats["numbers"], "<i4"), shown)
    assert np.frombuffer(beats["weights"], "<i4").sum() == 3500
    assert np.array_equal(np.frombuffer(beats["labels"], "u1"), MANY.y[shown])
    for rows, model in coordinates(state):
        codes = encoded(MODELS[model], MANY.x)[0][shown]
        np.testing.assert_allclose(rows, codes, atol=abs(codes).max() / 30_000)
    held = made.followed if name == "film" else shown
    np.testing.assert_allclose(voltages(beats), MANY.x[held, 0], atol=1.01e-3)
    assert "3500 beats" in repr(made)


@pytest.mark.parametrize("name", ["pad", "pads", "betas"])
def test_a_beat_that_is_left_out_is_refused_unless_it_is_asked_for_at_the_start(name):
    made = widget(name)
    left_out = int(np.setdiff1d(np.arange(3500), made.shown)[7])
    words = f"picked={left_out}: this beat is not among the {MOST} of 3500 on the map"
    with pytest.raises(traitlets.TraitError, match=words):
        made.picked = left_out
    made.picked = int(made.shown[-1])
    asked = WIDGETS[name](picked=left_out)
    assert left_out in asked.shown and asked.picked == left_out
    if name == "pads":
        expected = [encoded(model, MANY.x[[left_out]])[0][0] for model in MODELS.values()]
        np.testing.assert_allclose(asked.z, expected, rtol=1e-4)


def test_followed_beats_are_always_on_the_film_s_map():
    assert set(widget("film").followed) <= set(widget("film").shown)


def test_where_a_beat_was_left_out_the_map_does_not_say_extrapolating():
    pad, codes = widget("pad"), encoded(MODELS["VAE"], MANY.x)[0]
    left_out = np.setdiff1d(np.arange(3500), pad.shown)
    for n in left_out[::40]:
        pad.z = codes[n].tolist()
        index, distance = pad.nearest
        apart = np.linalg.norm(codes[pad.shown] - codes[n], axis=1)
        assert index == pad.shown[apart.argmin()] and distance == pytest.approx(apart.min())
        assert not pad.extrapolating


def test_push_chooses_again_and_keeps_the_picked_beat():
    model, sent = build(VAE), []
    pad = LatentPad(model, MANY, picked=123)
    before = pad.shown
    shift(model.encoder, 0.05)
    pad.send_state = lambda key=None: sent.append(set(key))
    pad.push(model)
    assert [keys for keys in sent if keys] == [{"_map", "_beats"}]
    assert 123 in pad.shown and not np.array_equal(pad.shown, before)
    state = state_of(pad)
    codes = encoded(model, MANY.x)[0][pad.shown]
    np.testing.assert_allclose(points(state["_map"]["codes"]), codes, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(voltages(state["_beats"]), MANY.x[pad.shown, 0], atol=1.01e-3)


@pytest.mark.parametrize("kinds", [2, 3])
def test_the_path_leads_between_classes_that_lie_apart(kinds):
    """The first two lie in one place; a third, where there is one, elsewhere."""
    y = (torch.arange(3500) % 2).where(MANY.y == 0, torch.tensor(2 if kinds == 3 else 1))
    if kinds == 2:
        y = torch.arange(3500) % 2
    pad, codes = LatentPad(MODELS["VAE"], replace(MANY, y=y)), encoded(MODELS["VAE"], MANY.x)[0]
    scale = codes.std(axis=0)
    middle = [np.median(codes[y == label], axis=0) for label in range(kinds)]
    assert np.hypot(*((middle[0] - middle[1]) / scale)) < 0.5
    if kinds == 3:
        np.testing.assert_allclose([pad.a, pad.b], [middle[0], middle[2]], rtol=1e-5)
    else:
        assert (pad.a[0], pad.b[0]) == (codes[:, 0].min(), codes[:, 0].max())
