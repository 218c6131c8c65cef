"""The KL explorer in a real browser: curves, bars and draws against torch and scipy."""

import re

import numpy as np
import pytest
from scipy import stats

from ecgae_lib.testing.browser import (
    PHONE,
    PROJECTOR,
    mouse_to,
    needs_chromium,
    next_frame,
    quiet_page,
    ready_page,
    sideways,
)
from ecgae_lib.testing.browser import violations as axe_violations
from ecgae_lib.widgets import KLExplorer
from tests.unit.test_kl_explorer import POINTS, divergence

pytestmark = needs_chromium
WIDGET = "document.querySelector('.ecgae-kl-explorer').widget"
MU, SIGMA = "[aria-label='mu, middle of q']", "[aria-label='sigma, width of q']"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kl")
    return KLExplorer(mu=1, sigma=0.8).save_html(folder / "kl.html").as_uri()


@pytest.fixture
def page(browser, address, request):
    with ready_page(browser, address, **getattr(request, "param", PROJECTOR)) as page:
        yield page


on_phone = pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])


def put(page, **traits):
    """As if Python had set the traits."""
    script = f"t => {{ for (const [k, v] of Object.entries(t)) {WIDGET}.model.set(k, v) }}"
    page.evaluate(script, traits)
    next_frame(page)


def get(page, *names):
    values = [page.evaluate(f"{WIDGET}.model.get('{name}')") for name in names]
    return values if len(names) > 1 else values[0]


def curve(page, name):
    d = page.get_attribute(f"[data-line={name}]", "d")
    return np.array([point.split() for point in re.split("[ML]", d)[1:]], float).T


def numbers(text):
    return [float(v) for v in re.findall(r"-?\d+\.\d+", text.replace("\u2212", "-"))]


def pixel(page, z, density=0.0):
    """Where the point of the plot lies in the window."""
    return page.evaluate(
        f"""([z, y]) => {{
            const {{ axes, parent }} = {WIDGET}.curves;
            const {{ left, top }} = parent.getBoundingClientRect();
            const [u, v] = axes.px(z, y);
            return [left + axes.box.left + u, top + axes.box.top + v];
        }}""",
        [z, density],
    )


def mark(page, selector):
    """Where the visible mark of a handle lies in the window."""
    x, y, off = page.locator(selector).evaluate(
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
    put(page, mu=mu, sigma=sigma)
    for name, (m, s) in dict(q=(mu, sigma), p=(0, 1)).items():
        z, density = curve(page, name)
        np.testing.assert_allclose(density, stats.norm(m, s).pdf(z), atol=2e-3)
        assert z[0] <= -6 and z[-1] >= 6 and (np.diff(z) > -1e-9).all()
        inner = np.diff(z[(z > m - 3 * s) & (z < m + 3 * s)])
        assert inner.max() < 0.05 * s  # round, also where it is narrow
        filled = page.locator(f".ecgae-fill.ecgae-{name}").evaluate(
            "n => getComputedStyle(n).fillOpacity"
        )
        assert 0 < float(filled) < 1


@pytest.mark.parametrize(("mu", "sigma"), POINTS)
def test_the_divergence_its_bars_and_its_formula(page, mu, sigma):
    put(page, mu=mu, sigma=sigma)
    kl, parts = divergence(mu, sigma), [divergence(mu, 1), divergence(0, sigma)]
    assert numbers(page.text_content(".ecgae-total")) == [pytest.approx(kl, abs=0.0051)]
    notes = numbers(" ".join(page.locator(".ecgae-parts b").all_text_contents()))
    assert notes == pytest.approx(parts, abs=0.0051)
    stack = page.locator(".ecgae-stack").evaluate("n => n.clientWidth")
    widths = [
        page.locator(bar).bounding_box()["width"]
        for bar in (".ecgae-bar.ecgae-distance", ".ecgae-bar.ecgae-size")
    ]
    assert np.array(widths) / stack * max(3, kl) == pytest.approx(parts, abs=0.02)
    assert page.text_content(".ecgae-scale") == ("03 nats" if kl < 3 else f"0{kl:.2f} nats")
    spoken = page.get_attribute(".ecgae-numbers", "aria-label")
    for sign, code in {" squared": "**2", "log ": "log(", "minus": "-", "D_KL = ": ""}.items():
        spoken = spoken.replace(sign, code)
    left, right = spoken.replace("\u2212", "-").split(" = ")
    left = re.sub(r"log\(([\d.]+\*\*2)", r"log(\1)", left)
    assert eval(left, dict(log=np.log)) == pytest.approx(kl, abs=1e-9)
    assert float(right) == pytest.approx(kl, abs=0.0051)


def test_equal_clouds_cost_nothing(page):
    page.get_by_role("button", name="q = p").click()
    next_frame(page)
    assert get(page, "mu", "sigma") == [0, 1]
    assert page.text_content(".ecgae-total") == "KL divergence 0.00 nats"
    np.testing.assert_array_equal(curve(page, "q"), curve(page, "p"))


# hands


@pytest.mark.parametrize("sigma", [0.3, 1, 2.5])
def test_the_top_moves_mu_and_nothing_else(page, sigma):
    put(page, mu=1, sigma=sigma)
    x, y = mark(page, ".ecgae-handle.ecgae-top")
    expected = pixel(page, 1, stats.norm.pdf(0) / sigma)
    assert (x, y) == pytest.approx(expected, abs=0.6)
    mouse_to(page, x + 6, y + 4)
    page.mouse.down()
    for z in (0.5, -2, -1.2):
        mouse_to(page, pixel(page, z)[0] + 6, y + 40)
        next_frame(page)
        assert get(page, "mu", "sigma") == [pytest.approx(z, abs=2e-3), sigma]
        assert mark(page, ".ecgae-handle.ecgae-top")[0] == pytest.approx(pixel(page, z)[0], abs=0.6)
    mouse_to(page, 5, y)
    page.mouse.up()
    assert get(page, "mu") == -5


@pytest.mark.parametrize(("flank", "sign"), [("left", -1), ("right", 1)])
def test_the_flanks_change_sigma_and_nothing_else(page, flank, sign):
    x, y = mark(page, f".ecgae-handle.ecgae-{flank}")
    expected = pixel(page, 1 + sign * 0.8, stats.norm(1, 0.8).pdf(1.8))
    assert (x, y) == pytest.approx(expected, abs=0.6)
    mouse_to(page, x, y)
    page.mouse.down()
    for sigma in (1.5, 0.4, 2.2):
        there, _ = pixel(page, 1 + sign * sigma)
        mouse_to(page, there, y)
        next_frame(page)
        assert mark(page, f".ecgae-handle.ecgae-{flank}")[0] == pytest.approx(there, abs=1)
        assert get(page, "mu", "sigma") == [1, pytest.approx(sigma, abs=2e-3)]
    mouse_to(page, pixel(page, 1 - sign * 2)[0], y)  # beyond the middle
    page.mouse.up()
    assert get(page, "mu", "sigma") == [1, 0.05]


def test_narrow_flanks_can_both_be_taken(page):
    for flank, sign in (("left", -1), ("right", 1)):
        put(page, mu=1, sigma=0.05)
        box = page.locator(f".ecgae-handle.ecgae-{flank}").bounding_box()
        x, y = box["x"] + 22, box["y"] + 22
        mouse_to(page, x, y)
        page.mouse.down()
        mouse_to(page, x + sign * (pixel(page, 1)[0] - pixel(page, 0)[0]), y)
        page.mouse.up()
        assert get(page, "sigma") == pytest.approx(1.05, abs=0.02)


@on_phone
@pytest.mark.parametrize(("handle", "expected"), [("top", [2, 0.8]), ("right", [1, 1.8])])
def test_a_finger_drags_and_the_page_stays(page, handle, expected):
    page.locator(".ecgae-curve-plot").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    finger = page.context.new_cdp_session(page)

    def touch(kind, *points):
        points = [dict(x=x, y=y) for x, y in points]
        finger.send("Input.dispatchTouchEvent", dict(type=kind, touchPoints=points))

    x, y = mark(page, f".ecgae-handle.ecgae-{handle}")
    far = pixel(page, expected[0] if handle == "top" else 1 + expected[1])[0]
    touch("touchStart", (x, y))
    for n in range(1, 11):
        touch("touchMove", (x + n / 10 * (far - x), y + 8 * n))
        next_frame(page)
    touch("touchEnd")
    assert get(page, "mu", "sigma") == pytest.approx(expected, abs=0.03)
    assert page.evaluate("scrollY") == before
    assert page.evaluate("document.documentElement.scrollHeight > innerHeight + 60")


def test_the_keyboard(page):
    for handle, keys in {
        "top": [("ArrowRight", 1.05), ("Shift+ArrowLeft", 0.55), ("Home", 0)],
        "right": [("ArrowRight", 0.85), ("ArrowDown", 0.8), ("Home", 1)],
        "left": [("ArrowRight", 0.95), ("ArrowLeft", 1.0), ("Shift+ArrowUp", 1.5)],
    }.items():
        page.focus(f".ecgae-handle.ecgae-{handle}")
        for key, expected in keys:
            page.keyboard.press(key)
            assert get(page, "mu" if handle == "top" else "sigma") == pytest.approx(expected)
    next_frame(page)
    assert page.get_attribute(".ecgae-handle.ecgae-left", "aria-valuetext") == "1.50"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement === document.body")


def test_the_sliders_need_no_dragging(page):
    for selector, key, name, value in [
        (MU, "End", "mu", 5), (MU, "Home", "mu", -5), (SIGMA, "Home", "sigma", 0.05),
        (SIGMA, "End", "sigma", 3),
    ]:  # fmt: skip
        page.focus(f"input{selector}")
        page.keyboard.press(key)
        assert get(page, name) == pytest.approx(value)
    put(page, mu=2.5, sigma=0.6)
    assert [float(page.input_value(f"input{s}")) for s in (MU, SIGMA)] == [2.5, 0.6]


# draws


def ends(page, part):
    """z at the upper and the lower end of each way, read back from the picture."""
    box = page.evaluate(f"{WIDGET}.curves.axes.box")
    d = page.get_attribute(f"[data-part={part}]", "d")
    x = np.array(re.findall(r"M(\S+) \S+?L(\S+) ", d), float).reshape(-1, 2)
    return ((x - box["left"]) / box["width"] * 12 - 6).T


def test_the_same_draws_move_with_mu_and_sigma(page):
    eps = [0.5, -1.25, 2, -0.4]
    put(page, eps=eps)
    for mu, sigma in POINTS:
        put(page, mu=mu, sigma=sigma)
        for part, shown in (("ways", np.array(eps)), ("last-way", np.array(eps[-1:]))):
            above, below = ends(page, part)
            np.testing.assert_allclose(above, shown, atol=2e-3)
            np.testing.assert_allclose(below, mu + sigma * shown, atol=2e-3)
        words = numbers(page.text_content(".ecgae-point"))
        assert words == pytest.approx([mu, sigma, -0.4, mu - 0.4 * sigma], abs=0.0051)
        z = stats.norm(mu, sigma)
        points = mu + sigma * np.array(eps)
        mean = (z.logpdf(points) - stats.norm.logpdf(points)).mean()
        assert numbers(page.text_content(".ecgae-average")) == [pytest.approx(mean, abs=0.0051)]
        assert "over 4 draws" in page.text_content(".ecgae-average")
    assert get(page, "eps") == eps


def test_drawing_adds_up_and_can_be_cleared(page):
    assert page.text_content(".ecgae-point").startswith("draw")
    clear = page.get_by_role("button", name="clear")
    assert clear.is_disabled()
    one, fifty = (page.get_by_role("button", name=n, exact=True) for n in ("draw ε", "draw 50"))
    for n in (1, 2):
        one.click()
        assert len(get(page, "eps")) == n
    first = get(page, "eps")
    fifty.click()
    assert get(page, "eps")[:2] == first and len(set(get(page, "eps"))) == 52
    for _ in range(10):
        fifty.click()
    next_frame(page)
    assert len(get(page, "eps")) == 500 and get(page, "eps")[:2] != first
    assert page.get_attribute("[data-part=z]", "d").count("M") == 500
    KLExplorer(eps=get(page, "eps"))  # Python takes what the page has drawn
    clear.click()
    next_frame(page)
    assert get(page, "eps") == [] and page.get_attribute("[data-part=ways]", "d") == ""


def test_no_key_leaves_the_widget_and_every_focus_says_so(page):
    page.evaluate("window.keys = 0; document.addEventListener('keydown', () => keys++)")
    page.focus(".ecgae-handle.ecgae-top")
    for key in ["ArrowRight", "a", "b", "Enter", "x", "Escape"]:
        page.keyboard.press(key)
    page.focus(f"input{MU}")
    page.keyboard.press("b")
    assert page.evaluate("keys") == 0
    marked = "n => n.map((e) => e.hasAttribute('data-lm-suppress-shortcuts'))"
    found = page.eval_on_selector_all("button, select, input, textarea, a, [tabindex]", marked)
    assert len(found) == 9 and all(found)


def test_saving_is_throttled_while_moving_and_done_at_the_end(page):
    many = f"""() => {{
        window.saves = 0;
        {WIDGET}.model.save_changes = () => saves++;
        for (let n = 0; n < 100; n++) {WIDGET}.move({{ mu: n / 50 }});
        return saves;
    }}"""
    assert page.evaluate(many) == 0
    page.wait_for_function("saves === 1")
    again = f"() => {{ {WIDGET}.move({{ mu: 1 }}); {WIDGET}.curves.on.end(); return saves }}"
    assert page.evaluate(again) == 2


# everybody can use it


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PROJECTOR, PHONE], ids=["projector", "phone"])
def test_axe_finds_nothing_against_wcag(browser, address, theme, screen):
    with quiet_page(browser, address, color_scheme=theme, **screen) as page:
        page.wait_for_selector("[data-ready]", state="attached")
        next_frame(page)
        assert axe_violations(page) == []
        put(page, mu=-4.5, sigma=0.1, eps=[0.3, -1])
        assert axe_violations(page) == []


@on_phone
def test_on_a_phone_nothing_overflows_and_targets_are_large(page):
    for traits in (dict(mu=-4.56, sigma=0.05, eps=[-1.11]), dict(mu=0, sigma=3)):
        put(page, **traits)
        assert sideways(page) <= 0
    for target in page.locator("button, input, .ecgae-handle").all():
        assert target.bounding_box()["height"] >= 44


@pytest.mark.parametrize("width", [320, 600, 720, 1024, 1280, 1920])
def test_it_fits_every_width(browser, address, width):
    with quiet_page(browser, address, viewport=dict(width=width, height=800)) as page:
        page.wait_for_selector("[data-ready]", state="attached")
        put(page, mu=-4.56, sigma=0.05, eps=[-1.11])
        assert sideways(page) <= 0
        whole = page.locator(".ecgae-kl-explorer").bounding_box()
        for part in page.locator(
            ".ecgae-kl-explorer :is(button, input, .ecgae-formula, svg.ecgae-axes)"
        ).all():
            box = part.bounding_box()
            assert whole["x"] <= box["x"]
            assert box["x"] + box["width"] <= whole["x"] + whole["width"] + 1


def test_nothing_jumps_when_the_state_changes(page):
    found = []
    for traits in (dict(mu=0, sigma=1), dict(mu=-5, sigma=0.05), dict(eps=[-1.5]), dict(eps=[])):
        put(page, **traits)
        places = (".ecgae-curve-plot", ".ecgae-draw-plot", ".ecgae-stack", ".ecgae-controls")
        found.append([page.locator(s).first.bounding_box() for s in places])
    for boxes in found:
        assert boxes == found[0]


def test_what_moves_is_spoken_when_it_rests(page):
    put(page, mu=2, sigma=1)
    said = "document.querySelector('[aria-live]').textContent.includes('2.00 nats')"
    page.wait_for_function(said)
    words = page.text_content("[aria-live=polite]")
    assert "mu 2.00, sigma 1.00" in words and "distance 2.00, size 0.00" in words


@pytest.mark.parametrize("page", [PROJECTOR | dict(forced_colors="active")], indirect=True)
def test_forced_colours_are_obeyed(page):
    text = page.evaluate(
        """() => {
            document.body.style.color = "CanvasText";
            return getComputedStyle(document.body).color;
        }"""
    )
    assert page.locator(".ecgae-axis-label").first.evaluate("n => getComputedStyle(n).fill") == text
    put(page, mu=3)
    main = "n => getComputedStyle(n).forcedColorAdjust"  # or its letters vanish
    assert page.locator("button.ecgae-main").evaluate(main) == "none"
    paint = "nodes => nodes.map((n) => getComputedStyle(n).backgroundColor)"
    assert len(set(page.eval_on_selector_all(".ecgae-bar, .ecgae-stack", paint))) == 3


def test_it_ends_without_a_trace(page):
    before = page.text_content(".ecgae-total")
    page.evaluate(f"{WIDGET}.remove()")
    put(page, mu=-3)
    assert page.text_content(".ecgae-total") == before
