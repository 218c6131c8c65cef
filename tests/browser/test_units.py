"""Widgets over series without a unit, as the UCR archive has them: nothing speaks of an ECG."""

import re
from functools import cache

import numpy as np
import pytest
import torch

from ecgae_lib.beats import Beats
from ecgae_lib.models import VAE, Autoencoder
from ecgae_lib.testing.browser import PHONE, PROJECTOR, needs_chromium, sideways
from ecgae_lib.widgets import BetaExplorer, ComparePads, LatentPad, TrainingFilm
from tests.browser.made import pad as ecg_pad

pytestmark = needs_chromium
MEASURED = ["R amplitude", "QRS width", "T wave"]
TIME = "time after start of the series [s]"
AXES = {
    "pad": [TIME, "signal"],
    "pads": [TIME, "signal"] * 2,
    "betas": [TIME, "signal"] * 2 + ["rate: KL [nats per beat]", "distortion"],
    "film": [TIME, "signal", "epoch", "error"],
}


@cache
def series():
    """60 z-scored curves of 140 samples, one a second: sums of three waves."""
    rng, t = np.random.default_rng(0), np.arange(140) / 140
    waves = [np.sin(2 * np.pi * (k + 1) * t + k) for k in range(3)]
    x = rng.normal(size=(60, 3)) @ waves
    x = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
    return Beats(
        x=torch.tensor(x[:, None], dtype=torch.float32),
        y=torch.arange(60) % 2,
        class_names=("one", "two"),
        t=np.arange(60.0),
        fs=1.0,
        source="three waves",
        unit="",
        origin="start of the series",
        before=0.0,
    )


def model(kind):
    torch.manual_seed(0)
    return kind(140).eval()


@cache
def made(name):
    vae, plain = model(VAE), model(Autoencoder)
    return {
        "pad": lambda: LatentPad(vae, series(), z=(0.3, -0.1)),
        "pads": lambda: ComparePads({"a": vae, "b": plain}, series(), mode="same relative move"),
        "betas": lambda: BetaExplorer({1: vae, 2: vae}, series()),
        "film": lambda: TrainingFilm(plain, series()),
    }[name]()


@pytest.mark.parametrize("screen", [PROJECTOR, PHONE], ids=["projector", "phone"])
@pytest.mark.parametrize("name", AXES)
def test_nothing_that_is_seen_or_heard_speaks_of_an_ecg(shelf, name, screen):
    page = shelf.take(made(name), screen)
    page.page.wait_for_function("document.querySelector('[aria-live]').textContent")
    words = re.sub(r'd="[^"]*"', "", page.page.locator(".ecgae").evaluate("e => e.outerHTML"))
    assert re.findall(r"mV|voltage|QRS|\bR\b|\bT\b", words) == []
    labels = page.page.locator(".ecgae-axis-label").all_text_contents()
    assert [text for text in labels if "no unit" not in text] == AXES[name]
    boxes = page.page.locator(".ecgae-axis-label").evaluate_all(
        """all => all.map((label) => {
            const ends = [label, label.closest("svg")].map((e) => e.getBoundingClientRect());
            const [inner, outer] = ends;
            return [inner.left - outer.left, outer.right - inner.right];
        })"""
    )
    assert np.min(boxes) > -1 and sideways(page.page) <= 0


def test_the_pad_tells_the_maximum_and_offers_no_waves(shelf):
    page = shelf.take(made("pad"))
    x = made("pad").decoded
    expected = f"maximum {x.max():.2f} at {x.argmax():.1f} s"
    assert expected in page.text(".ecgae-facts")
    options = page.page.locator("option").evaluate_all("all => all.map((o) => o.value)")
    assert options == ["density", "none", "beats"]
    page = shelf.take(ecg_pad())
    options = page.page.locator("option").evaluate_all("all => all.map((o) => o.value)")
    assert options == ["density", "none", "beats", *MEASURED]


def test_errors_are_in_no_unit(shelf):
    page = shelf.take(made("pads"))
    page.show(mode="same beat", picked=5)
    x = series().x[5, 0].numpy()
    for n, x_hat in enumerate(made("pads").decoded.values()):
        found = re.fullmatch(r"error ([\d.]+)", page.text(".ecgae-column .ecgae-chip", n))
        assert float(found[1]) == pytest.approx(np.mean((x_hat - x) ** 2), abs=1e-3)
    page = shelf.take(made("film"))
    assert page.text(".ecgae-facts").startswith(f"all beats {made('film').errors[0]:.4f}this")
