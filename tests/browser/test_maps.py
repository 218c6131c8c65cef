"""What all maps of the latent plane show: codes, prior, posterior; and a beat that is tapped."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from ecgae_lib.losses import beta_loss
from ecgae_lib.models import VAE
from ecgae_lib.testing.browser import PHONE, PROJECTOR, needs_chromium
from ecgae_lib.training import fit
from ecgae_lib.widgets import LatentPad, TrainingFilm
from tests.browser.made import BETAS, LAST, betas, film, filmed, pad, sweep
from tests.unit.maps import BEATS, build, encoded

pytestmark = needs_chromium


@cache
def film_of_a_vae():
    model = build(VAE)
    film = TrainingFilm(model, BEATS)
    fit(model, BEATS.x, epochs=2, loss=beta_loss(1e-3), on_epoch=film.add)
    return film, model.eval()


# the widget, its traits and the model that is on its map
MAPS = {
    "latent pad": lambda: (pad(), dict(picked=7), build(VAE)),
    "film of a VAE": lambda: (film_of_a_vae()[0], {}, film_of_a_vae()[1]),
    **{
        f"beta {beta}": lambda beta=beta: (betas(), dict(beta=beta, picked=7), sweep()[beta])
        for beta in BETAS
    },
    **{f"epoch {n}": lambda n=n: (film(), dict(epoch=n), filmed()[1][n]) for n in (0, 1, 5, LAST)},
}


def show(shelf, name, screen=PROJECTOR):
    """The page, and mu and sigma of its beats by torch."""
    widget, traits, model = MAPS[name]()
    page = shelf.take(widget, screen)
    page.show(**traits)
    return page, *encoded(model)


@pytest.mark.parametrize("name", MAPS)
def test_beats_prior_and_posterior_lie_where_the_model_puts_them(shelf, name):
    page, mu, sigma = show(shelf, name)
    for label in (0, 1):
        marks = page.points(f".ecgae-points .ecgae-c{label}")
        np.testing.assert_allclose(marks, page.pixels("map", mu[BEATS.y == label]), atol=0.2)
    circles = page.page.locator(".ecgae-prior ellipse")
    if sigma is None:
        assert circles.count() == 0
        return
    unit = np.ptp(page.pixels("map", [(0, 0), (1, 1)]), axis=0)
    radii = circles.evaluate_all("all => all.map((e) => [e.rx.baseVal.value, e.ry.baseVal.value])")
    np.testing.assert_allclose(radii, np.outer([3, 2, 1], unit), rtol=1e-5)
    tops = page.page.locator(".ecgae-prior text").evaluate_all(
        "all => all.map((t) => t.getBBox().y)"
    )
    assert tops and min(tops) >= 0  # or their names would be cut off
    radii = page.attributes(".ecgae-posterior", "rx", "ry")
    np.testing.assert_allclose(radii, 2 * sigma[page.get("picked")] * unit, rtol=2e-3)


@pytest.mark.parametrize("screen", [PROJECTOR, PHONE], ids=["mouse", "finger"])
@pytest.mark.parametrize("name", ["latent pad", "beta 0.001", f"epoch {LAST}"])
def test_a_beat_is_chosen_by_a_tap(shelf, name, screen):
    """Tried with the beat farthest from all others: who means it means no other."""
    page, mu, _ = show(shelf, name, screen)
    page.page.locator(".ecgae-latent-map").scroll_into_view_if_needed()
    choice = getattr(page.widget, "followed", range(len(mu)))  # a film has codes of some beats only
    places = page.pixels("map", mu[choice])
    apart = np.linalg.norm(places[:, None] - places, axis=-1) + 1e9 * np.eye(len(places))
    beat = int(choice[apart.min(axis=1).argmax()])
    page.tap(page.window("map", mu[beat]))
    page.check(picked=beat)


@pytest.mark.parametrize("name", ["beta 0.001", f"epoch {LAST}"])
def test_on_a_phone_the_slider_stays_in_sight(shelf, name):
    page, *_ = show(shelf, name, PHONE)
    for share in (0, 0.5, 1):
        page.page.evaluate(f"scrollTo(0, {share} * document.body.scrollHeight)")
        box = page.page.locator(".ecgae-slider input").first.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 600


def test_a_legend_names_only_classes_that_have_a_beat(shelf):
    some = replace(BEATS, class_names=("N", "S", "V", "F", "Q"), y=4 * BEATS.y)
    pad = LatentPad(build(VAE), some)
    named = shelf.take(pad).page.locator(".ecgae-map-panel .ecgae-legend li").all_text_contents()
    _, drawn = pad.still().axes[0].get_legend_handles_labels()
    assert named == drawn == ["N", "Q"]
