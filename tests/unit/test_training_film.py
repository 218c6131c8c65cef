"""The film of a training: what it keeps of every epoch, and that it does not disturb it."""

import copy

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from torch import nn

from ecgae_lib.models import Autoencoder, LectureAutoencoder
from ecgae_lib.training import fit
from ecgae_lib.widgets import TrainingFilm
from tests.unit import maps
from tests.unit.maps import BEATS, broken, check_map, encoded, expanded, state_of, voltages
from tests.unit.trained import noisy_loss


def build(model_class=Autoencoder, **settings):
    return maps.build(model_class, **settings).train()


@torch.no_grad()
def look(model):
    """What the model says: codes (N, 2) and reconstructions."""
    alone = copy.deepcopy(model).eval()
    z, _ = encoded(alone)
    return z, alone.decode(torch.tensor(z))


def coordinates(film, name, n):
    """Snapshot n of the 16-bit coordinates."""
    return expanded(state_of(film)["_film"][name]).reshape(len(film.epochs), -1, 2)[n]


KINDS = [(Autoencoder, {}), (LectureAutoencoder, dict(copies=2))]


@pytest.fixture(scope="module", params=KINDS, ids=["repaired", "lecture"])
def filmed(request):
    """A film, and what the model said at the same moments."""
    model_class, settings = request.param
    model = build(model_class, **settings)
    film, seen = TrainingFilm(model, BEATS), [look(model)]
    fit(model, BEATS.x, epochs=5, on_epoch=lambda m: (film.add(m), seen.append(look(m))))
    return film, seen


# on_epoch


def test_on_epoch_sees_the_model_after_every_epoch():
    model, seen = build(), []
    x = BEATS.x
    history = fit(model, x, epochs=3, on_epoch=lambda m: seen.append((m, copy.deepcopy(m))))
    assert len(seen) == len(history) == 3 and all(m is model for m, _ in seen)
    last = seen[-1][1].state_dict()
    assert all(torch.equal(v, last[n]) for n, v in model.state_dict().items())
    first = seen[0][1].state_dict()
    assert not torch.equal(first["bottleneck.weight"], last["bottleneck.weight"])


def test_looking_does_not_change_the_training():
    def disturb(model):
        torch.randn(1000)
        model.eval()

    ends = []
    for on_epoch in (None, disturb, TrainingFilm(build(LectureAutoencoder, copies=2), BEATS).add):
        model = build(LectureAutoencoder, copies=2)
        fit(model, BEATS.x, noisy_loss, epochs=3, on_epoch=on_epoch)
        ends.append(model.state_dict())
    for end in ends[1:]:
        assert all(torch.equal(v, end[n]) for n, v in ends[0].items())


# what it keeps


def test_the_film_holds_the_codes_of_every_epoch(filmed):
    film, seen = filmed
    assert film.epochs == [0, 1, 2, 3, 4, 5] and len(seen) == 6
    all_z = np.array([z for z, _ in seen])
    found = [coordinates(film, "codes", n) for n in range(6)]
    np.testing.assert_allclose(found, all_z, rtol=0, atol=abs(all_z).max() / 65_000)


def test_the_film_holds_reconstructions_to_a_microvolt(filmed):
    film, seen = filmed
    drawn = voltages(state_of(film)["_film"]["drawn"]).reshape(6, -1, 450)
    for n, (_, x_hat) in enumerate(seen):
        expected = x_hat[film.followed, 0].numpy()
        np.testing.assert_allclose(drawn[n], expected, rtol=0, atol=1.01e-3)


def test_the_error_is_the_mean_squared_error_over_all_beats(filmed):
    film, seen = filmed
    expected = [nn.functional.mse_loss(x_hat, BEATS.x).item() for _, x_hat in seen]
    np.testing.assert_allclose(film.errors, expected, rtol=1e-5)
    mean_beat = BEATS.x.mean(dim=0, keepdim=True).expand_as(BEATS.x)
    reference = nn.functional.mse_loss(mean_beat, BEATS.x).item()
    assert state_of(film)["_beats"]["mean_error"] == pytest.approx(reference, rel=1e-5)


def test_alike_counts_nearest_neighbours_with_the_same_label(filmed):
    film, seen = filmed
    for found, (z, _) in zip(film.alike, seen, strict=True):
        apart = cdist(z, z) + np.diag(np.full(len(z), np.inf))
        same = BEATS.y.numpy()[apart.argmin(axis=1)] == BEATS.y.numpy()
        assert found == pytest.approx(same.mean())
    assert 0.5 < film.alike[-1] <= 1


def test_the_map_of_a_film_shows_every_snapshot(filmed):
    film, seen = filmed
    for z, _ in seen:
        check_map(state_of(film)["_film"]["extent"], z, round_prior=False)


@pytest.mark.parametrize("most", [2, 5, 8])
def test_a_long_training_keeps_few_snapshots_evenly_spread(most):
    model = build()
    film = TrainingFilm(model, BEATS, most=most)
    for n in range(1, 24):
        film.add(model)
        epochs = film.epochs
        assert len(epochs) <= most and epochs[0] == 0 and epochs[-1] == n
        steps = np.diff(epochs)
        assert len(set(steps[:-1])) <= 1 and steps[-1] <= max(steps)
        assert {epoch % max(steps) for epoch in epochs[:-1]} == {0}
        assert coordinates(film, "codes", -1).shape == (len(BEATS), 2)
    assert len(film.epochs) > most // 2


def test_a_second_training_goes_on_counting():
    model = build()
    film = TrainingFilm(model, BEATS)
    for _ in range(2):
        fit(model, BEATS.x, epochs=2, on_epoch=film.add)
    assert film.epochs == [0, 1, 2, 3, 4]


def test_a_snapshot_is_a_copy():
    model = build()
    film = TrainingFilm(model, BEATS)
    before = coordinates(film, "codes", 0)
    model.bottleneck.bias.data.add_(1)
    film.add(model)
    np.testing.assert_allclose(coordinates(film, "codes", 0), before, rtol=0, atol=1e-3)
    np.testing.assert_allclose(coordinates(film, "codes", 1), before + 1, atol=1e-3)


def test_every_epoch_is_one_message_about_the_film_only():
    model = build()
    film, sent = TrainingFilm(model, BEATS), []
    film.send_state = lambda key=None: sent.append(key)
    film.add(model)
    film.add(model)
    assert [set([k] if isinstance(k, str) else k) for k in sent] == [{"_film"}, {"_film"}]


def test_a_page_of_a_long_film_stays_small():
    model = build()
    film = TrainingFilm(model, BEATS)
    for _ in range(50):
        film.add(model)
    assert len(film.fragment()) < 300_000
    assert set(state_of(film)) == {"_film", "_beats", "epoch", "picked", "colours"}


def test_three_beats_of_each_class_are_followed():
    film = TrainingFilm(build(), BEATS)
    assert sorted(BEATS.y[film.followed].tolist()) == [0, 0, 0, 1, 1, 1]
    assert len(set(film.followed)) == 6 and film.picked == film.followed[0]
    drawn = voltages(state_of(film)["_beats"])
    np.testing.assert_allclose(drawn, BEATS.x[film.followed, 0], atol=1.01e-3)


def test_a_refused_snapshot_leaves_the_film_as_it_was():
    film = TrainingFilm(build(), BEATS)
    with pytest.raises(ValueError, match=r"bottleneck.bias of the Autoencoder holds NaN"):
        film.add(broken(build(), "bottleneck.bias"))
    assert film.epochs == [0]
