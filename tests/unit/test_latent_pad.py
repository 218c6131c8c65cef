"""The latent pad: its Python side."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from ecgae_lib.models import VAE, Autoencoder, LectureVAE
from ecgae_lib.widgets import LatentPad
from ecgae_lib.widgets.export import export_decoder
from tests.unit.maps import (
    BEATS,
    broken,
    build,
    check_map,
    decoded,
    encoded,
    points,
    shift,
    state_of,
)
from tests.unit.maps import voltages as unpacked

MODEL = build()


@pytest.fixture
def pad():
    return LatentPad(MODEL, BEATS)


# what it knows


@pytest.mark.parametrize("model_class", [VAE, LectureVAE, Autoencoder])
def test_the_page_gets_decoder_codes_and_posteriors(model_class):
    model = build(model_class)
    state, (mu, sigma) = state_of(LatentPad(model, BEATS)), encoded(model)
    assert set(state) == {"_beats", "_decoder", "_map", "a", "b", "picked", "underlay", "z"}
    assert state["_decoder"]["weights"] == export_decoder(model)[1]
    np.testing.assert_array_equal(points(state["_map"]["codes"]), mu)
    if sigma is None:
        assert state["_map"]["spread"] is None
    else:
        np.testing.assert_allclose(points(state["_map"]["spread"]), sigma, rtol=1e-6)
    check_map(state["_map"]["extent"], mu, round_prior=sigma is not None)


@pytest.mark.parametrize("model_class", [VAE, Autoencoder])
def test_near_means_within_the_distance_of_95_percent_of_fellows(model_class):
    model = build(model_class)
    pad, (codes, _) = LatentPad(model, BEATS), encoded(model)
    shown = state_of(pad)["_map"]
    scale = np.array(shown["scale"])
    np.testing.assert_allclose(scale, 1 if model_class is VAE else codes.std(axis=0), rtol=1e-4)
    apart = NearestNeighbors(n_neighbors=2).fit(codes / scale).kneighbors()[0][:, 0]
    assert shown["reach"] == pytest.approx(np.quantile(apart, 0.95), rel=1e-4)
    for n in (0, 17, 59):
        pad.z = codes[n].tolist()
        assert pad.nearest == (n, 0) and not pad.extrapolating
    pad.z = (codes.max(axis=0) + 1.01 * shown["reach"] * scale).tolist()
    assert pad.extrapolating


def test_a_collapsed_axis_does_not_break_the_map():
    model = build(Autoencoder)
    model.bottleneck.weight.data[1] = 0
    shown = state_of(LatentPad(model, BEATS))["_map"]
    assert np.isfinite([*np.ravel(shown["extent"]), *shown["scale"], shown["reach"]]).all()


def test_the_path_leads_from_class_to_class(pad):
    codes, _ = encoded(MODEL)
    for end, label in ((pad.a, 0), (pad.b, 1)):
        np.testing.assert_allclose(end, np.median(codes[BEATS.y == label], axis=0), rtol=1e-6)
    alone = LatentPad(MODEL, replace(BEATS, y=None))
    assert (alone.a[0], alone.b[0]) == (codes[:, 0].min(), codes[:, 0].max())
    assert LatentPad(MODEL, BEATS, a=(1, 2)).a == (1, 2)


@pytest.mark.parametrize("factor", [1, 100])
def test_beats_are_kept_to_a_microvolt_or_to_16_bits(factor):
    beats = replace(BEATS, x=torch.cat([factor * BEATS.x[:1], BEATS.x[1:]]))
    held = state_of(LatentPad(MODEL, beats))["_beats"]
    allowed = max(0.00101, 0.6 * held["step"])
    assert abs(unpacked(held) - beats.x[:, 0].numpy()).max() <= allowed
    assert held["step"] == pytest.approx(max(0.002, abs(beats.x).max() / 16_000))


# the model is copied


def test_the_decoder_is_a_copy_until_push():
    model = build()
    pad = LatentPad(model, BEATS, z=(1, 1))
    before, state = decoded(model, (1, 1)), state_of(pad)
    np.testing.assert_array_equal(pad.decoded, before)
    shift(model, 0.1)
    np.testing.assert_array_equal(pad.decoded, before)
    assert state_of(pad) == state
    pad.push(model)
    assert abs(pad.decoded - before).max() > 0.01
    np.testing.assert_array_equal(pad.decoded, decoded(model, (1, 1)))
    assert state_of(pad)["_decoder"]["weights"] == export_decoder(model)[1]


def test_pushing_leaves_the_model_as_it_was_also_in_training():
    model = build(LectureVAE, copies=2).train()
    pad, before = LatentPad(model, BEATS), {n: v.clone() for n, v in model.state_dict().items()}
    pad.push(model)
    assert model.training and all(p.requires_grad for p in model.parameters())
    assert all(torch.equal(v, before[n]) for n, v in model.state_dict().items())


def test_a_refused_push_leaves_the_pad_as_it_was(pad):
    before, state = pad.decoded, state_of(pad)
    with pytest.raises(ValueError, match="NaN"):
        pad.push(broken(build(), "decoder.0.bias"))
    np.testing.assert_array_equal(pad.decoded, before)
    assert state_of(pad) == state


def test_push_is_one_message():
    model, sent = build(), []
    pad = LatentPad(model, BEATS)
    pad.send_state = lambda key=None: sent.append(set(key))
    for layers in ((), (model.fc_mu,), (model.fc_mu, model.decoder[0])):
        for layer in layers:
            layer.bias.data.add_(1)
        pad.push(model)
    assert [keys for keys in sent if keys] == [{"_map"}, {"_map", "_decoder"}]


# what is refused
