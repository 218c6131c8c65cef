"""Every promise about screens, once for every widget: projector, notebook, phone, old browser."""

import pytest

from ecgae_lib.testing.browser import PHONE, needs_chromium, sideways
from tests.browser.cases import CASES

pytestmark = [needs_chromium, pytest.mark.parametrize("name", CASES)]
on_phone = pytest.mark.parametrize("screen", [PHONE], ids=["phone"])
LECTURE_HALL = dict(width=1280, height=720)
LAB = [dict(width=width, height=575) for width in (830, 1150)]  # side bar open and shut
SITE = dict(width=905, height=659)
SMALL_PHONES = [dict(width=390, height=664), dict(width=375, height=553)]


@pytest.mark.parametrize("area", [LECTURE_HALL, *LAB, SITE], ids=lambda area: str(area["width"]))
def test_it_fits_the_area_that_it_is_given(page, case, area):
    page.page.set_viewport_size(area)
    for state in case.states:
        page.show(**case.start | state)
        assert page.page.evaluate("scrolls()") == []
        assert page.page.evaluate("misplaced()") == []


def test_presented_it_fills_the_window_and_reads_from_the_back(page, case):
    page.page.set_viewport_size(LECTURE_HALL)
    present = page.page.get_by_role("button", name="present")
    present.focus()
    page.press("Enter")
    assert page.page.get_by_role("dialog").get_attribute("aria-label") == page.page.get_attribute(
        ".ecgae", "aria-label"
    )
    for state in case.states:
        page.show(**case.start | state)
        box = page.page.locator(".ecgae").bounding_box()
        assert box == dict(x=0, y=0, **LECTURE_HALL)
        assert page.page.evaluate("scrolls()") == page.page.evaluate("smallerThan(18)") == []
        assert page.page.evaluate("misplaced()") == []
    page.press("Escape", at=case.hand, number=case.number)
    assert page.page.get_by_role("dialog").count() == 0
    assert present.evaluate("node => node === document.activeElement")


@on_phone
@pytest.mark.parametrize("phone", SMALL_PHONES, ids=lambda phone: str(phone["width"]))
def test_on_a_phone_what_belongs_together_is_seen_together(page, case, phone):
    page.page.set_viewport_size(phone)
    for state in case.states:
        page.show(**case.start | state)
        assert page.page.evaluate("smallerThan(12)") == []
        for together in case.together:
            assert page.page.evaluate("apart", together) <= 0


@on_phone
def test_a_swipe_over_a_slider_leaves_its_value(page, case):
    page.show(**case.states[0])
    for slider in page.page.locator("input[type=range]:enabled:visible").all():
        slider.evaluate("n => n.scrollIntoView({ block: 'center' })")
        box, before = slider.bounding_box(), slider.input_value()
        x, y = box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2
        page.finger(*[(x, y - s) for s in range(0, 161, 20)])
        assert slider.input_value() == before, slider.get_attribute("aria-label")
        slider.evaluate("n => n.scrollIntoView({ block: 'center' })")
        page.page.touchscreen.tap(x, slider.bounding_box()["y"] + box["height"] / 2)
        assert slider.input_value() != before  # it is not deaf
        page.show(**case.states[0])


@on_phone
def test_on_a_phone_targets_are_large_and_nothing_overflows(page, case):
    for state in case.states:
        page.show(**case.start | state)
        assert sideways(page.page) <= 0
        for target in page.page.locator("button, select, input, .ecgae-handle").all():
            if not target.is_visible():
                continue
            if target.get_attribute("type") == "radio":
                target = target.locator("xpath=..")  # its label
            assert target.bounding_box()["height"] > 43.99


def test_an_old_browser_shows_it_or_says_what_is_missing(browser, case, tmp_path):
    path = case.make().save_html(tmp_path / "page.html")
    page = browser.new_page()
    page.add_init_script("delete globalThis.DecompressionStream")
    page.goto(path.as_uri())
    page.wait_for_selector("[data-ready], [role=alert]", state="attached")
    says = page.locator("[role=alert]")
    assert page.locator(".ecgae").count() == 1 or "too old to unpack it" in says.text_content()
    page.close()


def test_what_wakes_up_hidden_is_whole_when_it_is_shown(page, case):
    selector = "svg text, svg path[d], .ecgae-legend li"
    count = f"n => [...n.querySelectorAll('{selector}')].length"
    hidden, shown = page.page.evaluate(
        "([script, count]) => wakeHidden(script, eval(count))", [page.widget._esm, count]
    )
    assert hidden <= shown == page.page.locator(".ecgae").first.evaluate(count)
