"""The film of a training in a real browser: what it draws, how it is scrubbed, played, grown."""

import copy
import re

import numpy as np
import pytest
import torch

from ecgae_lib.beats import synthetic
from ecgae_lib.losses import beta_loss
from ecgae_lib.models import VAE, Autoencoder
from ecgae_lib.testing.browser import PHONE, PROJECTOR, needs_chromium, next_frame, violations
from ecgae_lib.training import fit
from ecgae_lib.widgets import TrainingFilm
from tests.browser.pages import WIDGET, WIDTHS, Opened, check_width, saved

pytestmark = needs_chromium
torch.set_num_threads(1)
LAST = 6
CURVE = f"{WIDGET}.curve"


@pytest.fixture(scope="session")
def beats():
    return synthetic(60, seed=1)[0]


def filmed(model, beats, **settings):
    """A film, and copies of the model at the same moments."""
    film, models = TrainingFilm(model, beats), [copy.deepcopy(model).eval()]

    def on_epoch(model):
        film.add(model)
        models.append(copy.deepcopy(model).eval())

    fit(model, beats.x, epochs=LAST, on_epoch=on_epoch, **settings)
    return film, models


@pytest.fixture(scope="session")
def made(beats):
    torch.manual_seed(0)
    return filmed(Autoencoder(450), beats)


@pytest.fixture
def film(made):
    return made[0]


@pytest.fixture
def page(browser, film, tmp_path, request):
    settings = getattr(request, "param", PROJECTOR)
    with saved(browser, film, tmp_path, **settings) as page:
        yield Opened(page)


on_phone = pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])
calmly = pytest.mark.parametrize("page", [PROJECTOR | dict(reduced_motion="reduce")], indirect=True)


def shown(page):
    """Which snapshot the slider stands at."""
    return int(page.page.locator(".ecgae-slider input").input_value())


@torch.no_grad()
def said(models, beats, n):
    """Codes and reconstructions of model n, by torch."""
    z = models[n].encode(beats.x)
    z = z[0] if isinstance(z, tuple) else z
    return z.numpy(), models[n].decode(z)[:, 0].numpy()


# what it draws


def test_every_snapshot_draws_what_torch_says(page, made, beats):
    film, models = made
    for n in range(LAST + 1):
        z, x_hat = said(models, beats, n)
        for beat in film.followed[::2]:
            page.put(epoch=n, picked=beat)
            drawn = page.line("[data-line=decoded]")
            np.testing.assert_allclose(drawn, x_hat[beat], rtol=0, atol=1.1e-3)
            np.testing.assert_allclose(
                page.line("[data-line=picked]"), beats.x[beat, 0], rtol=0, atol=1.1e-3
            )
            error = ((x_hat[beat] - beats.x[beat, 0].numpy()) ** 2).mean()
            facts = page.page.text_content(".ecgae-facts")
            assert float(re.search(r"this beat ([\d.]+)", facts)[1]) == pytest.approx(
                error, abs=2e-4
            )
            all_beats = float(re.search(r"all beats ([\d.]+)", facts)[1])
            assert all_beats == pytest.approx(film.errors[n], abs=6e-5)
            assert f"alike {100 * film.alike[n]:.0f} %" in facts
        for label in (0, 1):
            marks = page.points(f".ecgae-points .ecgae-c{label}")
            expected = page.pixels("map", z[beats.y == label])
            np.testing.assert_allclose(marks, expected, atol=0.2)


def test_the_loss_curve_marks_the_epoch_shown(page, film):
    page.put(epoch=3)
    here = [float(page.page.locator(".ecgae-here").get_attribute(name)) for name in ("cx", "cy")]
    expected = page.pixels("curve", [(3, 1000 * film.errors[3])])[0]
    np.testing.assert_allclose(here, expected, atol=0.01)
    level = page.page.get_attribute(".ecgae-level", "d")
    mean_error = float(re.match(r"M-[\d.]+ ([\d.]+)H", level)[1])
    assert mean_error == pytest.approx(1000 * film._beats["mean_error"])
    assert page.page.text_content(".ecgae-level-name") == "the mean beat"


def test_the_way_of_the_picked_beat_leads_through_all_its_codes(page, made, beats):
    film, models = made
    page.put(epoch=4, picked=film.followed[1])
    d = page.page.get_attribute("path.ecgae-path", "d")
    trail = np.array([p.split(",") for p in re.split("[ML]", d)[1:]], float)
    codes = [said(models, beats, n)[0][film.followed[1]] for n in (0, 1, 2, 3, 4, 4)]
    np.testing.assert_allclose(trail, page.pixels("map", codes), atol=0.2)
    rings = page.points(".ecgae-followed") + np.array([8, 0])
    z = said(models, beats, 4)[0][film.followed]
    np.testing.assert_allclose(rings, page.pixels("map", z), atol=0.2)


def test_without_colours_nothing_tells_the_classes_apart(page, beats):
    assert page.page.locator(".ecgae-points .ecgae-mark").count() == 2
    page.page.get_by_role("button", name="hide the labels").click()
    next_frame(page.page)
    assert page.get("colours") is False
    assert page.page.locator(".ecgae-points .ecgae-mark").count() == 1
    assert len(page.points(".ecgae-points .ecgae-mark")) == len(beats)
    assert not page.page.locator(".ecgae-map-panel .ecgae-legend").is_visible()
    assert page.page.text_content(".ecgae-facts").endswith("alike ?")
    page.page.get_by_role("button", name="show the labels").click()
    next_frame(page.page)
    assert page.page.locator(".ecgae-points .ecgae-mark").count() == 2


def test_a_vae_shows_prior_and_posterior(browser, beats, tmp_path):
    torch.manual_seed(0)
    film, models = filmed(VAE(450), beats, loss=beta_loss(1e-3))
    with saved(browser, film, tmp_path, **PROJECTOR) as page:
        page = Opened(page)
        page.put(epoch=2)
        assert page.page.locator(".ecgae-prior ellipse").count() == 3
        with torch.no_grad():
            sigma = (0.5 * models[2].encode(beats.x)[1][film.picked]).exp().numpy()
        unit = np.diff(page.pixels("map", [(0, 0), (1, 0)])[:, 0])[0]
        radii = [float(page.page.get_attribute(".ecgae-posterior", name)) for name in ("rx", "ry")]
        np.testing.assert_allclose(radii, 2 * sigma * unit, rtol=2e-3)


# hands


def test_the_slider_scrubs_and_its_end_follows_the_newest(page):
    assert page.get("epoch") is None and shown(page) == LAST
    page.page.locator(".ecgae-slider input").focus()
    for key, epoch in [("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("End", None)]:
        page.page.keyboard.press(key)
        next_frame(page.page)
        assert page.get("epoch") == epoch
        words = page.page.text_content(".ecgae-now")
        assert words == ("before training" if epoch == 0 else f"epoch {epoch or LAST}")
        assert page.page.locator(".ecgae-slider input").get_attribute("aria-valuetext") == words


def test_a_click_on_the_curve_chooses_the_epoch(page, film):
    page.page.mouse.click(*page.window("curve", (2.2, 1000 * film.errors[2])))
    next_frame(page.page)
    assert page.get("epoch") == 2 and shown(page) == 2


def test_a_followed_beat_is_chosen_on_the_map_and_in_the_menu(page, made, beats):
    film, models = made
    for beat in film.followed[1:4]:
        page.page.mouse.click(*page.window("map", said(models, beats, LAST)[0][beat]))
        next_frame(page.page)
        assert page.get("picked") == beat
        assert page.page.locator("select").input_value() == str(beat)
    page.page.select_option("select", str(film.followed[0]))
    next_frame(page.page)
    assert page.get("picked") == film.followed[0]
    option = page.page.locator("option").first.text_content()
    assert option == f"{film.followed[0]}, {beats.class_names[beats.y[film.followed[0]]]}"


@on_phone
def test_a_finger_chooses_a_beat_and_may_scroll_over_the_map(page, made, beats):
    film, models = made
    page.page.locator(".ecgae-latent-map").scroll_into_view_if_needed()
    beat = film.followed[-1]
    page.page.touchscreen.tap(*page.window("map", said(models, beats, LAST)[0][beat]))
    next_frame(page.page)
    assert page.get("picked") == beat
    before = page.page.evaluate("scrollY")
    (left, right), (bottom, top) = film._film["extent"]
    middle = (left + right) / 2
    page.touch_and_drag(
        "map", *[(middle, top - s * (top - bottom)) for s in np.arange(0.2, 0.6, 0.05)]
    )
    assert page.page.evaluate("scrollY") != before


def test_it_plays_from_the_beginning_to_the_end(page):
    page.page.get_by_role("button", name="play").click()
    seen = [page.page.evaluate(f"[{WIDGET}.t, {WIDGET}.at()]")[0]]
    page.page.wait_for_function(f"{WIDGET}.t > 1.1")
    seen.append(page.page.evaluate(f"{WIDGET}.t"))
    page.page.wait_for_function(f"!{WIDGET}.playing", timeout=10_000)
    next_frame(page.page)
    assert 0 <= seen[0] < 1 < seen[1] <= LAST
    assert page.get("epoch") is None and shown(page) == LAST
    assert page.page.get_by_role("button", name="play").is_visible()


def test_while_it_plays_the_points_glide_and_rest_on_a_snapshot(page, made, beats):
    _, models = made
    page.page.get_by_role("button", name="play").click()
    page.page.wait_for_function(f"{WIDGET}.t > 1.2 && {WIDGET}.t % 1 > 0.2 && {WIDGET}.t % 1 < 0.8")
    t, x, y = page.page.evaluate(
        f"""() => {{
            const film = {WIDGET};
            film.draw();
            return [film.t, ...film.map.axes.px(film.map.codes[0], film.map.codes[1])];
        }}"""
    )
    n = int(t)
    a, b = (said(models, beats, k)[0][:1] for k in (n, n + 1))
    expected = page.pixels("map", a + (t - n) * (b - a))[0]
    np.testing.assert_allclose([x, y], expected, atol=0.5)
    page.page.get_by_role("button", name="pause").click()
    next_frame(page.page)
    n = page.get("epoch")
    z = said(models, beats, n)[0]
    marks = page.points(".ecgae-points .ecgae-c0")
    np.testing.assert_allclose(marks, page.pixels("map", z[beats.y == 0]), atol=0.2)
    assert page.page.text_content(".ecgae-now") == f"epoch {n}"


@calmly
def test_where_motion_is_not_wanted_a_press_is_one_snapshot(page):
    play = page.page.get_by_role("button", name="play")
    for epoch in (0, 1, 2):
        play.click()
        for _ in range(3):
            next_frame(page.page)
            assert page.get("epoch") == epoch and shown(page) == epoch


# it grows while a model trains


SHORTEN = """n => {
    const film = document.querySelector(".ecgae").widget;
    const whole = (film.whole ??= film.model.get("_film"));
    const cut = (packed) => packed && {
        steps: packed.steps.slice(0, n),
        levels: new DataView(
            packed.levels.buffer.slice(0, (packed.levels.byteLength / packed.steps.length) * n)),
    };
    const [epochs, errors, alike] = ["epochs", "errors", "alike"].map((k) => whole[k].slice(0, n));
    const parts = Object.fromEntries(["codes", "spread", "drawn"].map((k) => [k, cut(whole[k])]));
    film.model.set("_film", { ...whole, epochs, errors, alike, ...parts });
}"""


def grow(page, count):
    page.page.evaluate(SHORTEN, count)
    next_frame(page.page)


def test_a_film_on_show_follows_the_training(page, made, beats):
    film, models = made
    for count in (1, 2, 5):
        grow(page, count)
        assert shown(page) == count - 1
        x_hat = said(models, beats, count - 1)[1][film.picked]
        np.testing.assert_allclose(page.line("[data-line=decoded]"), x_hat, rtol=0, atol=1.1e-3)
        assert page.page.locator(".ecgae-dots circle").count() == count


def test_who_looks_at_an_earlier_epoch_is_left_in_peace(page):
    grow(page, 4)
    page.page.locator(".ecgae-slider input").focus()
    page.page.keyboard.press("Home")
    grow(page, 6)
    assert shown(page) == 0 and page.get("epoch") == 0
    page.page.keyboard.press("End")
    next_frame(page.page)
    assert page.get("epoch") is None and shown(page) == 5
    grow(page, 7)
    assert shown(page) == 6


def test_an_epoch_that_was_thinned_out_shows_the_one_before(page, made, beats):
    film, _ = made
    for beat in (film.followed[0],):
        page.put(epoch=3, picked=beat)
    page.page.evaluate(
        f"""() => {{
            const film = {WIDGET};
            film.film.epochs = film.film.epochs.map((e) => 2 * e);
            film.redraw();
        }}"""
    )
    next_frame(page.page)
    assert page.page.text_content(".ecgae-now") == "epoch 2"


# everybody can use it


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PROJECTOR, PHONE], ids=["projector", "phone"])
def test_axe_finds_nothing_against_wcag(browser, film, tmp_path, theme, screen):
    with saved(browser, film, tmp_path, color_scheme=theme, **screen) as page:
        page = Opened(page)
        assert page.page.get_attribute(".ecgae", "data-theme") == theme
        assert violations(page.page) == []
        page.put(colours=False, epoch=1)
        assert violations(page.page) == []


@on_phone
def test_on_a_phone_nothing_overflows_and_the_slider_stays_in_sight(page):
    page.check_phone()
    for share in (0, 1):
        page.page.evaluate(f"scrollTo(0, {share} * document.body.scrollHeight)")
        box = page.page.locator(".ecgae-slider input").bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 600


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_every_width(browser, film, tmp_path, width):
    check_width(browser, film, tmp_path, width)


def test_what_is_shown_is_spoken(page, film):
    page.put(epoch=2)
    words = page.spoken("epoch 2")
    assert f"all beats {film.errors[2]:.4f} mV²" in words


def test_keys_stay_inside_and_every_focus_says_so(page):
    assert page.check_keys() > 0
