"""Maps of more beats than a page shows: their marks, their numbers, what they say."""

from functools import cache

import numpy as np
import pytest

from ecgae_lib.models import VAE
from ecgae_lib.testing.browser import needs_chromium
from ecgae_lib.widgets import BetaExplorer, ComparePads, LatentPad, TrainingFilm
from tests.browser.made import trained_vae
from tests.unit.maps import build, encoded
from tests.unit.test_thinning import MANY

pytestmark = needs_chromium
SENTENCE = "3,000 of 3,500 beats are shown."


@cache
def made(name):
    model = trained_vae()
    return {
        "pad": lambda: LatentPad(model, MANY),
        "pads": lambda: ComparePads({"one": model, "other": build(VAE)}, MANY),
        "betas": lambda: BetaExplorer({1: model, 2: build(VAE)}, MANY),
        "film": lambda: TrainingFilm(model, MANY),
    }[name]()


@pytest.mark.parametrize("name", ["pad", "pads", "betas", "film"])
def test_a_map_says_how_many_it_shows_and_draws_the_rare_class_on_top(shelf, name):
    page = shelf.take(made(name))
    assert SENTENCE in page.text(".ecgae-panel-head")
    marks = page.page.locator(".ecgae-points").first.locator("path")
    kinds = marks.evaluate_all("all => all.map((p) => p.getAttribute('class'))")
    assert kinds[-1] == "ecgae-mark ecgae-c2" and len(kinds) == 3
    drawn = [
        d.count("M") for d in marks.evaluate_all("all => all.map((p) => p.attributes.d.value)")
    ]
    assert sum(drawn) == 3000 and drawn[-1] == 7


def test_what_python_knows_of_the_map_is_what_is_seen(shelf):
    pad, page = made("pad"), shelf.take(made("pad"))
    seen, left_out = set(), np.setdiff1d(np.arange(3500), pad.shown)
    anywhere = np.random.default_rng(0).uniform(-2.5, 2.5, (6, 2))
    for z in (*anywhere, *encoded(trained_vae(), MANY.x[left_out[::100]])[0]):
        page.show(z=z.tolist())
        assert (page.text(".ecgae-chip")[:5] == "extra") == pad.extrapolating
        seen.add(pad.extrapolating)
        nearest = MANY.x[pad.nearest[0], 0].numpy()
        np.testing.assert_allclose(page.line("[data-line=nearest]"), nearest, atol=1.1e-3)
        page.click("look at nearest beat")
        page.check(picked=pad.nearest[0])
        np.testing.assert_allclose(page.line("[data-line=picked]"), nearest, atol=1.1e-3)
        assert page.text("[data-key=picked]") == f"beat {pad.nearest[0]}"
    assert seen == {True, False}


@pytest.mark.parametrize("name", ["pads", "betas"])
def test_beats_keep_their_numbers(shelf, name):
    widget, page = made(name), shelf.take(made(name))
    number = int(widget.shown[2000])
    assert number != 2000
    page.show(picked=number)
    line = "nearest" if name == "pads" else "picked"
    x = MANY.x[number, 0]
    np.testing.assert_allclose(page.line(f"[data-line={line}]"), x, atol=1.1e-3)
    assert f"beat {number}" in page.page.locator(f"[data-key={line}]").first.text_content()
    slider = page.page.get_by_role("slider", name="beat, by its number")
    assert slider.get_attribute("aria-valuetext") == str(number)
    slider.focus()
    page.press("ArrowRight")
    page.check(picked=int(widget.shown[2001]))


def test_the_film_rings_the_beat_that_it_follows(shelf):
    film, page = made("film"), shelf.take(made("film"))
    codes, _ = encoded(trained_vae(), MANY.x[film.followed])
    for n, code in zip(film.followed, codes, strict=True):
        page.show(picked=n)
        ring = page.points(".ecgae-ring")[0]
        np.testing.assert_allclose(ring, page.pixels("map", [code])[0], atol=0.5)
        label = MANY.class_names[MANY.y[n]]
        chosen = page.page.locator("select option:checked").text_content()
        assert chosen == f"{n}, {label}"
