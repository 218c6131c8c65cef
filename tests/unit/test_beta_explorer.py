"""The sweep over beta: rate and distortion, compact weights, and what is refused."""

import json
import re
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path

import numpy as np
import pytest
import torch
import traitlets
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import nn
from torch.distributions import Normal, kl_divergence

from ecgae_lib.beats import synthetic
from ecgae_lib.models import VAE, Autoencoder, LectureAutoencoder, LectureVAE
from ecgae_lib.training import fit_together
from ecgae_lib.widgets import BetaExplorer
from ecgae_lib.widgets.export import compact, export_decoder

torch.set_num_threads(1)
HERE = Path(__file__).parent
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(
    NODE is None, reason="node is missing: apt-get install nodejs, or see the site of Node.js"
)
BETAS = (0.1, 0.005, 1e-4)


@pytest.fixture(scope="module")
def beats():
    return synthetic(60, seed=1)[0]


def build(model_class=VAE, seed=0, **settings):
    torch.manual_seed(seed)
    return model_class(450, **settings).eval()


@pytest.fixture(scope="module")
def sweep(beats):
    models = [build() for _ in BETAS]
    fit_together(models, beats.x, BETAS, epochs=25, batch_size=16)
    return dict(zip(BETAS, models, strict=True))


@pytest.fixture
def explorer(sweep, beats):
    return BetaExplorer(sweep, beats)


def expanded(packed):
    levels, steps = (np.frombuffer(packed[k], t) for k, t in (("levels", "<i2"), ("steps", "<f4")))
    return levels * np.repeat(steps, 64)[: len(levels)]


# rate and distortion


def test_the_rate_is_the_mean_kl_in_nats(explorer, sweep, beats):
    for beta, model in sweep.items():
        with torch.no_grad():
            mu, logvar = model.encode(beats.x)
        q, prior = Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0)
        rate = kl_divergence(q, prior).sum(dim=1).mean()
        assert explorer.rates[beta] == pytest.approx(rate.item(), rel=1e-4, abs=1e-6)
    assert explorer.rates[0.1] < 0.1 < 1 < explorer.rates[1e-4]


def test_the_distortion_is_the_error_with_drawn_z(explorer, sweep, beats):
    """Against the model's own forward, averaged over many draws; the error with mu is smaller."""
    torch.manual_seed(5)
    for beta, model in sweep.items():
        with torch.no_grad():
            draws = [nn.functional.mse_loss(model(beats.x)[0], beats.x).item() for _ in range(60)]
        assert abs(explorer.distortions[beta] - np.mean(draws)) < 6 * np.std(draws) / 8**0.5
    with torch.no_grad():
        model = sweep[0.005]
        x_hat = model.decode(model.encode(beats.x)[0])
    assert nn.functional.mse_loss(x_hat, beats.x).item() < explorer.distortions[0.005]


def test_the_reader_s_random_stream_goes_on_and_the_draws_stay(sweep, beats):
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    one = BetaExplorer(sweep, beats)
    assert torch.equal(torch.rand(3), expected)
    two, other = BetaExplorer(sweep, beats), BetaExplorer(sweep, beats, seed=1)
    np.testing.assert_array_equal(one.generated, two.generated)
    assert one.distortions == two.distortions and one.generated.shape == (12, 2)
    assert abs(one.generated - other.generated).min() > 0


# what the page gets


def test_betas_run_from_the_largest_and_every_model_is_where_it_belongs(sweep, beats):
    shuffled = {beta: sweep[beta] for beta in (0.005, 1e-4, 0.1)}
    explorer = BetaExplorer(shuffled, beats)
    assert explorer.betas == list(BETAS) == explorer._sweep["betas"]
    for beta, shown in zip(BETAS, explorer._sweep["models"], strict=True):
        with torch.no_grad():
            mu, logvar = sweep[beta].encode(beats.x)
        for name, values in (("codes", mu), ("spread", (0.5 * logvar).exp())):
            found = expanded(shown[name]).reshape(-1, 2)
            np.testing.assert_allclose(found, values, atol=values.abs().max().item() / 60_000)
        assert shown["rate"] == explorer.rates[beta]
        assert shown["distortion"] == explorer.distortions[beta]


def test_one_map_for_all_betas_with_a_round_prior(explorer):
    (left, right), (bottom, top) = explorer._sweep["extent"]
    assert -left == right == top == -bottom >= 3
    for shown in explorer._sweep["models"]:
        codes = expanded(shown["codes"]).reshape(-1, 2)
        assert (abs(codes).max(axis=1) < right).mean() >= 0.95


numbers = st.floats(-1e6, 1e6, width=32)


@given(arrays(np.float32, st.integers(1, 200), elements=numbers))
def test_compact_numbers_are_as_near_as_16_bits_can_be(values):
    found = expanded(compact(values.astype("<f4").tobytes()))
    assert found.shape == values.shape
    for start in range(0, len(values), 64):
        block = values[start : start + 64].astype(float)
        allowed = abs(block).max() / 65_534 * (1 + 1e-5) + 1e-30
        assert abs(found[start : start + 64] - block).max() <= allowed + abs(block).max() * 1e-7


@needs_node
@pytest.mark.parametrize("model_class", [VAE, Autoencoder, LectureAutoencoder, LectureVAE])
def test_node_decodes_from_compact_weights_what_torch_decodes(model_class):
    model = build(model_class)
    z = 2 * torch.randn(50, 2)
    steps, blob = export_decoder(model)
    packed = {name: b64encode(data).decode() for name, data in compact(blob).items()}
    given = json.dumps(dict(steps=steps, **{"packed": packed}, z=z.tolist()))
    done = subprocess.run(
        [NODE, HERE.parent / "node" / "compact.mjs"], input=given, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    with torch.no_grad():
        x = model.decode(z)[:, 0].numpy()
    np.testing.assert_allclose(json.loads(done.stdout), x, rtol=0, atol=1e-4)


def test_the_models_are_copies(sweep, beats):
    explorer = BetaExplorer(sweep, beats)
    before = explorer._sweep["models"][0]["weights"]["levels"]
    model = build()
    explorer = BetaExplorer({1: model, 2: sweep[0.1]}, beats)
    with torch.no_grad():
        model.decoder[0].weight.mul_(2)
    assert explorer._sweep["models"][0]["weights"]["levels"] == before
    assert all(p.requires_grad for p in model.parameters())


def test_only_the_widgets_own_state_goes_into_a_page(explorer):
    state = json.loads(re.search(r'json">(.*?)</script>', explorer.fragment())[1])
    assert set(state) == {"_sweep", "_beats", "beta", "picked"}


# traits and refusals


def test_beta_can_be_set_to_what_was_trained(explorer):
    assert explorer.beta == 0.005
    explorer.beta = 1e-4 * (1 + 1e-9)
    assert explorer.beta == 1e-4
    with pytest.raises(traitlets.TraitError, match=r"beta=0.2: the sweep has 0.1, 0.005, 0.0001"):
        explorer.beta = 0.2
    with pytest.raises(traitlets.TraitError, match="picked=60: expected 0 to 59"):
        explorer.picked = 60
    assert repr(explorer) == "BetaExplorer(3 betas, 60 beats, beta=0.0001)"


def test_what_is_no_sweep_is_refused(sweep, beats):
    one, two, _ = sweep.values()
    for given_, kind, words in [
        ([one, two], TypeError, "sweep is list"),
        ({0.1: one}, ValueError, "sweep has 1 models"),
        ({"0.1": one, 0.2: two}, ValueError, "beta='0.1' in sweep"),
        ({-0.1: one, 0.2: two}, ValueError, "beta=-0.1 in sweep"),
        ({float("nan"): one, 0.2: two}, ValueError, "beta=nan in sweep"),
        ({0.1: build(Autoencoder), 0.2: two}, TypeError, "Autoencoder has no posterior"),
        ({0.1: build(latent_dim=3), 0.2: two}, ValueError, "3 latents"),
    ]:
        with pytest.raises(kind, match=words):
            BetaExplorer(given_, beats)
    with pytest.raises(TypeError, match="beats is Tensor"):
        BetaExplorer(sweep, beats.x)
    broken = build()
    broken.decoder[0].bias.data[0] = float("inf")
    with pytest.raises(ValueError, match="holds NaN or infinity"):
        BetaExplorer({0.1: one, 0.2: broken}, beats)
