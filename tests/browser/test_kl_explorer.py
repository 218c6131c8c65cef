"""What only the KL explorer has: densities, the two parts of the divergence, flanks, draws."""

import re

import numpy as np
import pytest
from scipy import stats

from ecgae_lib.testing.browser import mouse_to, needs_chromium
from ecgae_lib.widgets import KLExplorer
from tests.browser.made import cloud
from tests.browser.pages import WIDGET, digits, points_of
from tests.unit.test_kl_explorer import POINTS, divergence

pytestmark = needs_chromium


@pytest.fixture
def page(shelf):
    return shelf.take(cloud())


def curve(page, name):
    return points_of(page.page.get_attribute(f"[data-line={name}]", "d"))


def mark(page, name):
    """Where the visible mark of a handle lies in the window."""
    x, y, off = page.page.locator(f".ecgae-handle.ecgae-{name}").evaluate(
        """n => {
            const { x, y, width, height } = n.getBoundingClientRect();
            const { e } = new DOMMatrix(getComputedStyle(n, "::before").transform);
            return [x + width / 2, y + height / 2, e];
        }"""
    )
    return x + off, y


# what it draws


@pytest.mark.parametrize(("mu", "sigma"), POINTS)
def test_the_curves_are_the_densities(page, mu, sigma):
    page.show(mu=mu, sigma=sigma)
    for name, (m, s) in dict(q=(mu, sigma), p=(0, 1)).items():
        z, density = curve(page, name)
        np.testing.assert_allclose(density, stats.norm(m, s).pdf(z), atol=2e-3)
        assert z[0] <= -6 and z[-1] >= 6 and (np.diff(z) > -1e-9).all()
        inner = np.diff(z[(z > m - 3 * s) & (z < m + 3 * s)])
        assert inner.max() < 0.05 * s  # round, also where it is narrow
        filled = page.page.locator(f".ecgae-fill.ecgae-{name}")
        assert 0 < float(filled.evaluate("n => getComputedStyle(n).fillOpacity")) < 1


@pytest.mark.parametrize(("mu", "sigma"), POINTS)
def test_the_divergence_its_bars_and_its_formula(page, mu, sigma):
    page.show(mu=mu, sigma=sigma)
    kl, parts = divergence(mu, sigma), [divergence(mu, 1), divergence(0, sigma)]
    assert digits(page.text(".ecgae-total")) == [pytest.approx(kl, abs=0.0051)]
    notes = page.page.locator(".ecgae-parts b").all_text_contents()
    assert digits(" ".join(notes)) == pytest.approx(parts, abs=0.0051)
    stack = page.page.locator(".ecgae-stack").evaluate("n => n.clientWidth")
    bars = page.page.locator(".ecgae-bar").all()
    widths = np.array([bar.bounding_box()["width"] for bar in bars])
    assert widths / stack * max(3, kl) == pytest.approx(parts, abs=0.02)
    assert page.text(".ecgae-scale") == ("03 nats" if kl < 3 else f"0{kl:.2f} nats")
    left, right = spoken_formula(page)
    assert eval(left, dict(log=np.log)) == pytest.approx(kl, abs=1e-9)
    assert float(right) == pytest.approx(kl, abs=0.0051)


def spoken_formula(page):
    """Both sides of what a screen reader says of the formula with numbers."""
    spoken = page.page.get_attribute(".ecgae-numbers", "aria-label").removeprefix("= ")
    for word, sign in {" squared": "**2", "log ": "log(", "minus": "-"}.items():
        spoken = spoken.replace(word, sign)
    left, right = spoken.replace("\u2212", "-").split(" = ")
    return re.sub(r"log\(([\d.]+\*\*2)", r"log(\1)", left), right


def test_equal_clouds_cost_nothing(page):
    page.click("q = p")
    page.check(mu=0, sigma=1)
    assert page.text(".ecgae-total") == "KL divergence 0.00 nats"
    np.testing.assert_array_equal(curve(page, "q"), curve(page, "p"))


def test_the_bars_are_told_apart_where_colours_are_forced(page):
    page.page.emulate_media(forced_colors="active")
    page.show(mu=3)
    paint = "nodes => nodes.map((n) => getComputedStyle(n).backgroundColor)"
    assert len(set(page.page.eval_on_selector_all(".ecgae-bar, .ecgae-stack", paint))) == 3


# hands


@pytest.mark.parametrize("sigma", [0.3, 1, 2.5])
def test_the_top_follows_the_mouse_sideways_only_and_stops_at_the_edge(page, sigma):
    page.show(mu=1, sigma=sigma)
    x, y = mark(page, "top")
    assert (x, y) == pytest.approx(page.window("curves", (1, stats.norm.pdf(0) / sigma)), abs=0.6)
    there = page.window("curves", (-1.2, 0))[0]
    page.drag((x, y), (there, y + 40))
    page.check(mu=-1.2, sigma=sigma, atol=2e-3)
    assert mark(page, "top")[0] == pytest.approx(there, abs=0.6)
    mouse_to(page.page, 5, y)
    page.page.mouse.up()
    page.check(mu=-5)


@pytest.mark.parametrize(("flank", "sign"), [("left", -1), ("right", 1)])
def test_the_flanks_change_sigma_and_nothing_else(page, flank, sign):
    x, y = mark(page, flank)
    expected = page.window("curves", (1 + sign * 0.8, stats.norm(1, 0.8).pdf(1.8)))
    assert (x, y) == pytest.approx(expected, abs=0.6)
    page.drag((x, y))
    for sigma in (1.5, 0.4, 2.2):
        there = page.window("curves", (1 + sign * sigma, 0))[0]
        mouse_to(page.page, there, y)
        page.press()
        assert mark(page, flank)[0] == pytest.approx(there, abs=1)
        page.check(mu=1, sigma=sigma, atol=2e-3)
    mouse_to(page.page, page.window("curves", (1 - sign * 2, 0))[0], y)  # beyond the middle
    page.page.mouse.up()
    page.check(mu=1, sigma=0.05)


def test_narrow_flanks_can_both_be_taken(page):
    for flank, sign in (("left", -1), ("right", 1)):
        page.show(mu=1, sigma=0.05)
        x, y = page.middle(f".ecgae-handle.ecgae-{flank}")
        unit = page.window("curves", (1, 0))[0] - page.window("curves", (0, 0))[0]
        page.drag((x, y), (x + sign * unit, y))
        page.page.mouse.up()
        page.check(mu=1, sigma=1.05, atol=0.02)


def test_the_keys_of_the_flanks(page):
    for flank, keys in dict(
        right=[("ArrowRight", 0.85), ("ArrowDown", 0.8), ("Home", 1)],
        left=[("ArrowRight", 0.95), ("ArrowLeft", 1.0), ("Shift+ArrowUp", 1.5)],
    ).items():
        for key, sigma in keys:
            page.press(key, at=f".ecgae-handle.ecgae-{flank}")
            page.check(sigma=sigma)
    assert page.page.get_attribute(".ecgae-handle.ecgae-left", "aria-valuetext") == "1.50"


# draws


def ends(page, part):
    """z at the upper and the lower end of each way, read back from the picture."""
    box = page.page.evaluate(f"{WIDGET}.curves.axes.box")
    d = page.page.get_attribute(f"[data-part={part}]", "d")
    x = np.array(re.findall(r"M(\S+) \S+?L(\S+) ", d), float).reshape(-1, 2)
    return ((x - box["left"]) / box["width"] * 12 - 6).T


@pytest.mark.parametrize(("mu", "sigma"), POINTS)
def test_the_same_draws_move_with_mu_and_sigma(page, mu, sigma):
    eps = np.array([0.5, -1.25, 2, -0.4])
    page.show(mu=mu, sigma=sigma, eps=eps.tolist())
    for part, shown in (("ways", eps), ("last-way", eps[-1:])):
        above, below = ends(page, part)
        np.testing.assert_allclose(above, shown, atol=2e-3)
        np.testing.assert_allclose(below, mu + sigma * shown, atol=2e-3)
    words = digits(page.text(".ecgae-point"))
    assert words == pytest.approx([mu, sigma, -0.4, mu - 0.4 * sigma], abs=0.0051)
    points = mu + sigma * eps
    mean = (stats.norm(mu, sigma).logpdf(points) - stats.norm.logpdf(points)).mean()
    assert digits(page.text(".ecgae-average")) == [4, pytest.approx(mean, abs=0.0051)]
    page.check(eps=eps)


def test_drawing_adds_up_and_can_be_cleared(page):
    assert page.text(".ecgae-point").startswith("draw")
    assert page.page.get_by_role("button", name="clear").is_disabled()
    for n in (1, 2):
        page.click("draw ε")
        assert len(page.get("eps")) == n
    first = page.get("eps")
    page.click("draw 50")
    eps = page.get("eps")
    assert eps[:2] == first and len(eps) == 52
    assert len(set(eps)) > 48  # two of four decimals may meet
    for _ in range(10):
        page.click("draw 50")
    assert len(page.get("eps")) == 500 and page.get("eps")[:2] != first
    assert page.page.get_attribute("[data-part=z]", "d").count("M") == 500
    KLExplorer(eps=page.get("eps"))  # Python takes what the page has drawn
    page.click("clear")
    assert page.get("eps") == [] and page.page.get_attribute("[data-part=ways]", "d") == ""
