"""The beta explorer in a real browser: one slider moves map, reconstruction, new beats, point."""

import re

import numpy as np
import pytest
import torch

from ecgae_lib.beats import synthetic
from ecgae_lib.models import VAE
from ecgae_lib.testing.browser import PHONE, PROJECTOR, needs_chromium, next_frame, violations
from ecgae_lib.training import fit_together
from ecgae_lib.widgets import BetaExplorer
from tests.browser.pages import WIDGET, WIDTHS, Opened, check_width, saved

pytestmark = needs_chromium
torch.set_num_threads(1)
BETAS = (0.1, 0.01, 0.001, 1e-5)


@pytest.fixture(scope="session")
def beats():
    return synthetic(60, seed=1)[0]


@pytest.fixture(scope="session")
def sweep(beats):
    models = []
    for _ in BETAS:
        torch.manual_seed(0)
        models.append(VAE(450))
    fit_together(models, beats.x, BETAS, epochs=25, batch_size=16)
    return dict(zip(BETAS, models, strict=True))


@pytest.fixture(scope="session")
def explorer(sweep, beats):
    return BetaExplorer(sweep, beats, picked=5)


@pytest.fixture
def page(browser, explorer, tmp_path, request):
    settings = getattr(request, "param", PROJECTOR)
    with saved(browser, explorer, tmp_path, **settings) as page:
        yield Opened(page)


on_phone = pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])


@torch.no_grad()
def said(model, beats):
    """mu, sigma and the reconstructions of mu, by torch."""
    mu, logvar = model.encode(beats.x)
    return mu.numpy(), (0.5 * logvar).exp().numpy(), model.decode(mu)[:, 0].numpy()


def text(page, selector):
    return page.page.text_content(selector).replace("\u2212", "-")


def slider(page, number=0):
    return page.page.locator(".ecgae-slider input").nth(number)


def loneliest(page, mu):
    """The beat that is drawn farthest from all others: a click there means no other."""
    place = page.pixels("map", mu)
    apart = np.linalg.norm(place[:, None] - place, axis=-1) + 1e9 * np.eye(len(mu))
    return int(apart.min(axis=1).argmax())


# what it draws


def test_every_beta_draws_what_torch_decodes(page, explorer, sweep, beats):
    for beta, model in sweep.items():
        x_hat = said(model, beats)[2]
        for beat in (5, 31):
            page.put(beta=beta, picked=beat)
            np.testing.assert_allclose(page.line("[data-line=decoded]"), x_hat[beat], atol=1e-4)
            original = beats.x[beat, 0]
            np.testing.assert_allclose(page.line("[data-line=picked]"), original, atol=1.1e-3)
            error = ((x_hat[beat] - original.numpy()) ** 2).mean()
            shown = float(re.search(r"this beat ([\d.]+)", text(page, ".ecgae-facts"))[1])
            assert shown == pytest.approx(error, abs=1e-4)


def test_the_new_beats_are_decoded_from_the_same_z_for_every_beta(page, explorer, sweep):
    z = torch.tensor(explorer.generated)
    places = []
    for beta, model in sweep.items():
        page.put(beta=beta)
        with torch.no_grad():
            x = model.decode(z)[:, 0].numpy()
        for n in range(len(z)):
            np.testing.assert_allclose(page.line(".ecgae-generated", n), x[n], rtol=0, atol=1e-4)
        places.append(page.points(".ecgae-map-panel .ecgae-drawn-z") + np.array([6, 0]))
    assert page.page.locator("path.ecgae-generated").count() == len(z) == 12
    for found in places:
        np.testing.assert_allclose(found[::2], page.pixels("map", z), atol=0.01)


def test_the_map_shows_the_codes_and_the_posterior_of_this_beta(page, sweep, beats):
    for beta, model in sweep.items():
        page.put(beta=beta, picked=7)
        mu, sigma, _ = said(model, beats)
        for label in (0, 1):
            marks = page.points(f".ecgae-points .ecgae-c{label}")
            np.testing.assert_allclose(marks, page.pixels("map", mu[beats.y == label]), atol=0.1)
        unit = np.diff(page.pixels("map", [(0, 0), (1, 0)])[:, 0])[0]
        radii = [float(page.page.get_attribute(".ecgae-posterior", name)) for name in ("rx", "ry")]
        np.testing.assert_allclose(radii, 2 * sigma[7] * unit, rtol=2e-3)
    assert page.page.locator(".ecgae-prior ellipse").count() == 3


def density(page):
    return page.page.evaluate(
        """() => {
            const { canvas } = document.querySelector(".ecgae").widget.map;
            const copy = new OffscreenCanvas(canvas.width, canvas.height);
            const context = copy.getContext("2d", { willReadFrequently: true });
            context.drawImage(canvas, 0, 0);
            const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
            return Array.from(data).filter((_, i) => i % 4 === 3);
        }"""
    )


def test_the_density_is_that_of_this_beta(page, explorer, sweep, beats):
    half, cells = explorer._sweep["extent"][0][1], 96
    middle = ((np.arange(cells) + 0.5) / cells * 2 - 1) * half
    z = np.stack(np.meshgrid(middle, -middle), axis=-1).reshape(-1, 1, 2)
    for beta in BETAS[:3]:
        mu, sigma, _ = said(sweep[beta], beats)
        sigma = np.maximum(sigma, 2 * half / cells)
        peaks = np.exp(-0.5 * (((z - mu) / sigma) ** 2).sum(-1)) / sigma.prod(-1)
        expected = np.sqrt(peaks.mean(axis=1) / peaks.mean(axis=1).max())
        page.put(beta=beta)
        assert np.corrcoef(np.array(density(page)) / 255, expected)[0, 1] > 0.995


def test_the_point_moves_along_the_curve(page, explorer):
    assert page.page.locator(".ecgae-dots circle").count() == len(BETAS)
    for beta in BETAS:
        page.put(beta=beta)
        rate, distortion = explorer.rates[beta], explorer.distortions[beta]
        here = [float(page.page.get_attribute(".ecgae-here", name)) for name in ("cx", "cy")]
        np.testing.assert_allclose(
            here, page.pixels("curve", [(rate, 1000 * distortion)])[0], atol=0.01
        )
        facts = text(page, ".ecgae-facts")
        assert f"rate {rate:.2f} nats" in facts and f"distortion {distortion:.4f} mV²" in facts
        name = {0.001: "0.001", 1e-5: "1e-5"}.get(beta, str(beta))
        assert (
            text(page, ".ecgae-now") == text(page, ".ecgae-curve-plot .ecgae-name") == f"β = {name}"
        )


@pytest.mark.parametrize("width", [390, 900, 1600])
def test_the_name_on_the_curve_is_never_cut_off(browser, explorer, tmp_path, width):
    with saved(browser, explorer, tmp_path, viewport=dict(width=width, height=800)) as page:
        page = Opened(page)
        for beta in BETAS:
            page.put(beta=beta)
            left, top, right, plot = page.page.evaluate(
                f"""() => {{
                    const {{ axes, name }} = {WIDGET}.curve;
                    const {{ x, y, width }} = name.getBBox();
                    return [x, y, x + width, axes.box.width];
                }}"""
            )
            assert 0 <= left < right - 20 < right <= plot and top >= 0


# hands


def test_the_slider_goes_from_the_largest_beta_to_the_smallest(page):
    slider(page).focus()
    keys = ["Home", "ArrowRight", "ArrowRight", "End"]
    for key, beta in zip(keys, BETAS, strict=True):
        page.page.keyboard.press(key)
        next_frame(page.page)
        assert page.get("beta") == beta
        assert slider(page).get_attribute("aria-valuetext") == text(page, ".ecgae-now")


def test_python_moves_the_slider(page):
    page.put(beta=0.001, picked=12)
    assert slider(page).input_value() == "2" and slider(page, 1).input_value() == "12"
    assert "beat 12" in text(page, ".ecgae-beat-panel .ecgae-legend")


def test_a_click_on_the_curve_chooses_beta(page, explorer):
    for beta in (0.1, 0.001):
        point = explorer.rates[beta], 1000 * explorer.distortions[beta]
        page.page.mouse.click(*page.window("curve", point))
        next_frame(page.page)
        assert page.get("beta") == beta


def test_a_beat_is_chosen_on_the_map_and_by_the_slider(page, sweep, beats):
    page.put(beta=0.001)
    mu = said(sweep[0.001], beats)[0]
    place = page.pixels("map", mu)
    lonely = int(
        (np.linalg.norm(place[:, None] - place, axis=-1) + 1e9 * np.eye(60)).min(1).argmax()
    )
    page.page.mouse.click(*page.window("map", mu[lonely]))
    next_frame(page.page)
    assert page.get("picked") == lonely
    slider(page, 1).focus()
    page.page.keyboard.press("Home")
    next_frame(page.page)
    assert page.get("picked") == 0


@on_phone
def test_a_finger_chooses_a_beat_and_may_scroll_over_the_map(page, explorer, sweep, beats):
    page.page.locator(".ecgae-latent-map").scroll_into_view_if_needed()
    beta = page.get("beta")
    mu = said(sweep[beta], beats)[0]
    before = page.page.evaluate("scrollY")
    place = page.pixels("map", mu)
    lonely = int(
        (np.linalg.norm(place[:, None] - place, axis=-1) + 1e9 * np.eye(60)).min(1).argmax()
    )
    page.page.touchscreen.tap(*page.window("map", mu[lonely]))
    next_frame(page.page)
    assert page.get("picked") == lonely and page.page.evaluate("scrollY") == before
    half = explorer._sweep["extent"][0][1]
    page.touch_and_drag("map", *[(0, half * (0.6 - s)) for s in np.arange(0, 0.8, 0.1)])
    assert page.page.evaluate("scrollY") != before


def test_saving_is_throttled_while_the_slider_moves(page):
    saves = page.page.evaluate(
        """() => {
            const { widget } = document.querySelector(".ecgae");
            let saves = 0;
            widget.model.save_changes = () => saves++;
            for (let n = 0; n < 100; n++) widget.go(n % 4);
            return saves;
        }"""
    )
    assert saves == 0


# everybody can use it


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PROJECTOR, PHONE], ids=["projector", "phone"])
def test_axe_finds_nothing_against_wcag(browser, explorer, tmp_path, theme, screen):
    with saved(browser, explorer, tmp_path, color_scheme=theme, **screen) as page:
        page = Opened(page)
        assert page.page.get_attribute(".ecgae", "data-theme") == theme
        for beta in (0.1, 1e-5):
            page.put(beta=beta)
            assert violations(page.page) == []


@on_phone
def test_on_a_phone_nothing_overflows_and_beta_stays_in_sight(page):
    page.check_phone()
    for share in (0, 0.5, 1):
        page.page.evaluate(f"scrollTo(0, {share} * document.body.scrollHeight)")
        box = slider(page).bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 600


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_every_width(browser, explorer, tmp_path, width):
    check_width(browser, explorer, tmp_path, width)


def test_what_is_shown_is_spoken(page, explorer):
    page.put(beta=0.1)
    words = page.spoken("β = 0.1;")
    assert f"rate {explorer.rates[0.1]:.2f} nats" in words


def test_keys_stay_inside_and_every_focus_says_so(page):
    assert page.check_keys() == 2
