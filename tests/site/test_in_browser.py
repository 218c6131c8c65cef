"""How the web pages live in a browser."""

import re

import numpy as np
import pytest

from ecgae_lib.beats import record_208, split
from ecgae_lib.testing.browser import (
    PHONE,
    PROJECTOR,
    drawn_at,
    needs_chromium,
    next_frame,
    quiet_page,
    sideways,
    violations,
)
from tests.browser.pages import Opened
from tests.site.built import EXTRA, LESSONS, LIVING, every_page
from tests.unit.maps import build, decoded

pytestmark = needs_chromium
DARK = ["index", LESSONS[0], LIVING]
ALL_READY = """() => [...document.querySelectorAll("[data-widget]")].every(
    (widget) => "ready" in widget.dataset)"""
CLASSES = """() => [...document.querySelectorAll("[data-widget] *")]
    .flatMap((part) => [...part.classList])"""


def opened(browser, site, name, where):
    return quiet_page(browser, (site / f"{name}.html").as_uri(), **where)


@every_page
def test_a_page_is_quiet_and_accessible_by_day_and_night(browser, site, name):
    with opened(browser, site, name, PROJECTOR) as page:
        page.wait_for_function(ALL_READY)
        assert violations(page) == [] and sideways(page) <= 0
        if name in DARK:
            page.emulate_media(color_scheme="dark")
            paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert sum(map(int, re.findall(r"\d+", paper))) < 100
            assert violations(page) == []


@every_page
def test_a_page_fits_a_phone(browser, site, name):
    with opened(browser, site, name, PHONE) as page:
        page.wait_for_function(ALL_READY)
        page.evaluate("document.fonts.ready")
        next_frame(page)
        assert sideways(page) <= 0
        right = "all => all.map((math) => math.getBoundingClientRect().right)"
        edges = page.locator("main p math").evaluate_all(right)  # in the text nothing scrolls
        assert max(edges, default=0) <= 390
        reachable = "b => b.scrollWidth <= b.clientWidth || b.tabIndex === 0"
        assert page.locator(".scroll, .formula").evaluate_all(f"boxes => boxes.every({reachable})")
        assert name == "index" or not page.locator(".contents ol").is_visible()
        assert name != LIVING or violations(page) == []


def test_contents_follow_and_widgets_have_styles_of_their_own(browser, site):
    with opened(browser, site, LIVING, PROJECTOR) as page:
        page.wait_for_function(ALL_READY)
        classes = page.evaluate(CLASSES)
        assert len(classes) > 100 and {c for c in classes if not c.startswith("ecgae")} == set()
        assert "ecgae" not in page.locator("style").first.text_content()
        page.locator(".contents a").nth(2).click()
        page.wait_for_selector(".contents li:nth-child(3) a[aria-current]")


@pytest.mark.parametrize("where", [PROJECTOR, PHONE], ids=["projector", "phone"])
def test_a_folded_widget_opens_with_the_keyboard_at_its_full_size(browser, site, where):
    with opened(browser, site, EXTRA, where) as page:
        page.wait_for_function(ALL_READY)
        shown, hidden = page.locator(".ecgae-latent-map").all()
        assert shown.is_visible() and not hidden.is_visible()
        page.locator(".predicted summary").press("Enter")
        hidden.wait_for(state="visible")
        next_frame(page)
        sizes = [
            (box["width"], box["height"]) for box in (shown.bounding_box(), hidden.bounding_box())
        ]
        assert sizes[0] == pytest.approx(sizes[1], abs=1) and sideways(page) <= 0
        assert violations(page) == []


SMALL_PHONE = PHONE | dict(viewport=dict(width=390, height=664))


@pytest.mark.parametrize(
    ("where", "hand"),
    [(PROJECTOR, Opened.drag), (SMALL_PHONE, Opened.finger)],
    ids=["mouse", "finger"],
)
def test_whoever_comes_by_sees_a_pad_that_says_drag_and_moves_a_beat(browser, site, where, hand):
    with opened(browser, site, "index", where) as page:
        page.wait_for_function(ALL_READY)
        pad = Opened(page, None, {})
        for part in (".cover p", ".ecgae-beat-plot", ".ecgae-latent-map", ".ecgae-handle"):
            box = page.locator(part).bounding_box()  # nothing is scrolled
            assert box["y"] >= 0 and box["y"] + box["height"] <= where["viewport"]["height"], part
        word = """getComputedStyle(document.querySelector(".ecgae-handle"), "::after").content"""
        assert "Drag" in page.text_content(".cover p") and page.evaluate(word) == '"drag"'
        before = pad.line("[data-line=decoded]")
        hand(pad, *(pad.window("map", z) for z in [(0, 0), (0.3, 0), (2, 0)]))
        z, drawn = drawn_at(page)
        assert z == pytest.approx((2, 0), abs=0.03) and np.abs(drawn - before).max() > 0.2  # mV
        assert page.evaluate(word) == "none"  # it has been understood


def test_the_pad_of_the_index_is_light_and_shows_real_beats(browser, site):
    html = (site / "index.html").read_text(encoding="utf-8")
    assert len(html) < 200_000
    assert len(re.search(r'<div class="door".*?</noscript>', html, re.DOTALL)[0]) < 62_000
    train, _ = split(record_208())
    with opened(browser, site, "index", PROJECTOR) as page:
        page.wait_for_function(ALL_READY)
        pad, errors = Opened(page, None, {}), []
        for n in range(0, 60, 7):
            pad.put(picked=n)
            beat = pad.line("[data-line=picked]")
            np.testing.assert_allclose(beat, train.x[5 * n, 0, ::3], rtol=0, atol=1.1e-3)
            errors.append(np.mean((pad.line("[data-line=reconstruction]") - beat) ** 2))
        rest = train.x - train.x.mean(dim=0)
        assert np.mean(errors) < float((rest**2).mean()) / 3  # the mean beat's: it has learnt


@pytest.mark.parametrize("where", [PROJECTOR, PHONE], ids=["projector", "phone"])
@pytest.mark.parametrize("name", ["index", LESSONS[4], f"solutions/{LESSONS[4]}"])
def test_what_leads_from_page_to_page_is_large_enough_for_a_finger(browser, site, name, where):
    with opened(browser, site, name, where) as page:
        links = page.locator(".top a, .on a, .cards a, .contents summary").all()
        boxes = [link.bounding_box() for link in links]
        assert len(boxes) >= len(LESSONS)
        assert min(min(box["width"], box["height"]) for box in boxes) > 43.99


def test_what_is_folded_opens_without_scripts_and_is_printed(browser, site):
    with opened(browser, site, LESSONS[0], PROJECTOR | dict(java_script_enabled=False)) as page:
        figure = page.locator(".predicted .figure").first
        assert not figure.is_visible()
        page.locator(".predicted summary").first.press("Space")
        assert figure.bounding_box()["height"] > 200
        closed = page.locator(".predicted .figure").nth(1)
        page.emulate_media(media="print")
        assert closed.bounding_box()["height"] > 200


@pytest.mark.parametrize(
    ("where", "hand"),
    [(PROJECTOR, Opened.drag), (PHONE, Opened.finger)],
    ids=["mouse", "finger"],
)
def test_pads_live_without_a_kernel(browser, site, where, hand):
    with opened(browser, site, EXTRA, where) as page:
        page.wait_for_function(ALL_READY)
        page.locator(".ecgae-latent-map").first.scroll_into_view_if_needed()
        pad = Opened(page, None, {})
        hand(pad, *(pad.window("map", z) for z in [(0, 0), (0.3, 0.1), (1, -1)]))
        z, drawn = drawn_at(page)
        np.testing.assert_allclose(drawn, decoded(build(), z), rtol=0, atol=1e-4)
        assert z == pytest.approx((1, -1), abs=0.02)
        page.mouse.up()
        page.locator(".ecgae-handle").first.focus()
        for key in ("Home", "ArrowRight", "Shift+ArrowDown"):
            page.keyboard.press(key)
        z, drawn = drawn_at(page)
        np.testing.assert_allclose(drawn, decoded(build(), z), rtol=0, atol=1e-4)
        assert z[0] > 0 > z[1] and -z[1] == pytest.approx(10 * z[0])
