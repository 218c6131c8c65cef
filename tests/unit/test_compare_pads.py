"""Models side by side: the Python side."""

import numpy as np
import pytest
import torch

from ecgae_lib.models import VAE, Autoencoder, LectureAutoencoder
from ecgae_lib.widgets import ComparePads, LatentPad
from tests.unit.maps import BEATS, build, encoded, shift, state_of


@pytest.fixture(scope="module")
def models():
    lecture = build(LectureAutoencoder, copies=2)
    return {"lecture": lecture, "repaired": build(Autoencoder), "VAE": build(VAE)}


@pytest.fixture
def pads(models):
    return ComparePads(models, BEATS)


def test_the_handles_go_where_each_model_has_put_the_beat(pads, models):
    for beat in (0, 17):
        pads.picked = beat
        for z, model in zip(pads.z, models.values(), strict=True):
            np.testing.assert_allclose(z, encoded(model)[0][beat], rtol=1e-6)


def test_decoded_is_what_torch_decodes_at_each_handle(pads, models):
    pads.picked = 9
    decoded = pads.decoded
    assert list(decoded) == ["lecture", "repaired", "VAE"]
    for name, model in models.items():
        with torch.no_grad():
            expected = model.decode(torch.tensor(encoded(model)[0][9:10]))[0, 0]
        np.testing.assert_allclose(decoded[name], expected, atol=1e-6)
    pads.z = [(0, 1), (1, 0), (-1, 2)]
    with torch.no_grad():
        expected = models["VAE"].decode(torch.tensor([[-1.0, 2.0]]))[0, 0]
    np.testing.assert_array_equal(pads.decoded["VAE"], expected)


def test_in_the_other_mode_picking_moves_nothing(pads):
    pads.mode = "same relative move"
    before = pads.z
    pads.picked = 3
    assert pads.z == before


def test_traits_given_at_the_start_are_kept(models):
    pads = ComparePads(models, BEATS, mode="same relative move", z=[(0, 0), (1, 1), (2, 2)])
    assert pads.z == ((0, 0), (1, 1), (2, 2))
    picked = ComparePads(models, BEATS, picked=30)
    np.testing.assert_allclose(picked.z[1], encoded(models["repaired"])[0][30], rtol=1e-6)


def test_each_map_is_that_of_a_latent_pad(pads, models):
    for shown, model in zip(state_of(pads)["_models"], models.values(), strict=True):
        assert shown["map"] == state_of(LatentPad(model, BEATS))["_map"]


def test_the_models_are_copies(models):
    model = build(VAE)
    pads = ComparePads({"a": model, "b": models["VAE"]}, BEATS)
    before = pads.decoded["a"]
    shift(model)
    np.testing.assert_array_equal(pads.decoded["a"], before)
    assert all(p.requires_grad for p in model.parameters())


def test_its_state(pads):
    assert set(state_of(pads)) == {"_models", "_beats", "mode", "picked", "z"}
