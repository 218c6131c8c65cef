"""What only the beta explorer has: one slider moves map, reconstruction, new beats and point."""

import numpy as np
import pytest
import torch

from ecgae_lib.testing.browser import needs_chromium
from tests.browser.made import BETAS, betas, said, sweep
from tests.browser.pages import WIDGET, digits
from tests.unit.maps import BEATS, encoded

pytestmark = needs_chromium
every_beta = pytest.mark.parametrize("beta", BETAS)


@pytest.fixture
def page(shelf):
    return shelf.take(betas())


@every_beta
def test_the_error_of_this_beat(page, beta):
    for beat in (5, 31):
        page.show(beta=beta, picked=beat)
        error = ((said(sweep()[beta], beat)[1][0] - BEATS.x[beat, 0].numpy()) ** 2).mean()
        assert digits(page.text(".ecgae-facts"))[-1] == pytest.approx(error, abs=1e-4)
        assert f"beat {beat}" in page.text(".ecgae-beat-panel .ecgae-legend")


@every_beta
def test_the_new_beats_are_decoded_from_the_same_z_for_every_beta(page, beta):
    z = torch.tensor(page.widget.generated)
    page.show(beta=beta)
    with torch.no_grad():
        x = sweep()[beta].decode(z)[:, 0].numpy()
    assert page.page.locator("path.ecgae-generated").count() == len(z) == 12
    for n in range(len(z)):
        np.testing.assert_allclose(page.line(".ecgae-generated", n), x[n], rtol=0, atol=1e-4)
    crosses = page.points(".ecgae-map-panel .ecgae-drawn-z")
    np.testing.assert_allclose(crosses, page.pixels("map", z), atol=0.01)


@pytest.mark.parametrize("beta", BETAS[:3])
def test_the_density_is_that_of_this_beta(page, beta):
    page.show(beta=beta)
    alpha = page.canvas()[:, :, 3]
    half, cells = page.page.evaluate(f"{WIDGET}.map.axes.range[0][1]"), len(alpha)
    middle = ((np.arange(cells) + 0.5) / cells * 2 - 1) * half
    z = np.stack(np.meshgrid(middle, -middle), axis=-1).reshape(-1, 1, 2)
    mu, sigma = encoded(sweep()[beta])
    sigma = np.maximum(sigma, 2 * half / cells)
    peaks = np.exp(-0.5 * (((z - mu) / sigma) ** 2).sum(-1)) / sigma.prod(-1)
    expected = np.sqrt(peaks.mean(axis=1) / peaks.mean(axis=1).max())
    assert np.corrcoef(alpha.ravel() / 255, expected)[0, 1] > 0.995


@every_beta
def test_the_point_moves_along_the_curve(page, beta):
    page.show(beta=beta)
    rate, distortion = page.widget.rates[beta], page.widget.distortions[beta]
    place = page.pixels("curve", [(rate, 1000 * distortion)])[0]
    np.testing.assert_allclose(page.attributes(".ecgae-here", "cx", "cy"), place, atol=0.01)
    assert page.page.locator(".ecgae-dots circle").count() == len(BETAS)
    name = "β = " + {0.001: "0.001", 1e-5: "1e-5"}.get(beta, str(beta))
    assert page.text(".ecgae-now") == page.text(".ecgae-curve-plot .ecgae-name") == name
    assert page.page.locator(".ecgae-slider input").first.get_attribute("aria-valuetext") == name


@pytest.mark.parametrize("width", [390, 900, 1600])
def test_the_name_on_the_curve_is_never_cut_off(page, width):
    page.page.set_viewport_size(dict(width=width, height=900))
    for beta in BETAS:
        page.show(beta=beta)
        left, top, right, plot = page.page.evaluate(
            f"""() => {{
                const name = document.querySelector(".ecgae-curve-plot .ecgae-name");
                const {{ x, y, width }} = name.getBBox();
                return [x, y, x + width, {WIDGET}.curve.axes.box.width];
            }}"""
        )
        assert 0 <= left < right - 20 < right <= plot and top >= 0


def test_the_slider_chooses_a_beat_by_its_number(page):
    page.show(picked=31)
    assert page.page.locator(".ecgae-slider input").nth(1).input_value() == "31"
    page.press("Home", at=".ecgae-slider input", number=1)
    page.check(picked=0)
