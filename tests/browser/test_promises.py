"""Every promise once, for every widget of the table in cases.py."""

import numpy as np
import pytest

from ecgae_lib.testing.browser import (
    PHONE,
    PROJECTOR,
    mouse_to,
    needs_chromium,
    next_frame,
    sideways,
    violations,
)
from tests.browser.cases import CASES

pytestmark = [needs_chromium, pytest.mark.parametrize("name", CASES)]
SCREENS = dict(projector=PROJECTOR, phone=PHONE)
on_phone = pytest.mark.parametrize("screen", [PHONE], ids=["phone"])
on_both = pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS)
OFF = (6, 4)  # pixels from the middle of a handle to where it is taken


# the hand


def test_arrows_shift_and_home_move_and_escape_leaves(page, case):
    page.page.locator(case.hand).nth(case.number).focus()
    for key, traits in case.keys.items():
        page.press(key)
        page.check(**traits)
    page.press("Escape")
    assert not page.focused()


def test_every_slider_obeys_arrows_shift_home_end_and_escape(page, case):
    page.show(**case.states[0])
    sliders = page.page.locator("input[type=range]:enabled")
    assert sliders.count() > 0
    for slider in sliders.all():
        if not slider.is_visible():
            continue
        low, high, step = (float(slider.get_attribute(n)) for n in ("min", "max", "step"))
        slider.focus()
        for key, expected in dict(
            Home=low,
            ArrowRight=low + step,
            **{"Shift+ArrowRight": min(high, low + 11 * step)},
            **{"Shift+ArrowLeft": max(low, min(high, low + 11 * step) - 10 * step)},
            End=high,
            ArrowDown=high - step,
        ).items():
            page.press(key)
            found = float(slider.input_value())
            assert found == pytest.approx(expected, abs=step / 4), (
                slider.get_attribute("aria-label"), key
            )  # fmt: skip
        page.press("Escape")
        assert not page.focused()


def test_the_mouse_moves_it_and_where_it_is_taken_does_not_matter(page, case):
    places = case.way(page)
    before = {name: page.get(name) for name in case.leaves}
    mouse_to(page.page, *np.add(places[0], OFF))
    page.page.mouse.down()
    if case.holds:
        page.check(**before)
    for x, y in places[1:]:
        mouse_to(page.page, x + OFF[0], y + OFF[1], steps=3)
    page.page.mouse.up()
    next_frame(page.page)
    page.check(**case.leaves, atol=2e-3)
    if len(places) > 1:
        mouse_to(page.page, *places[0])  # it has let go
        next_frame(page.page)
        page.check(**case.leaves, atol=2e-3)


@on_phone
def test_a_finger_moves_it_and_not_the_page(page, case):
    page.page.evaluate("y => scrollTo(0, y - innerHeight / 2)", case.way(page)[0][1])
    places, before = case.way(page), page.page.evaluate("scrollY")
    if len(places) > 1:
        steps = np.linspace(places[0], places[-1], 9)
        page.finger(*steps.tolist())
    else:
        page.page.touchscreen.tap(*places[0])
        next_frame(page.page)
    page.check(**case.leaves, atol=0.03)
    assert page.page.evaluate("scrollY") == before
    assert page.page.evaluate("document.documentElement.scrollHeight > innerHeight + 60")


@on_phone
def test_a_finger_scrolls_the_page_where_nothing_is_held(page, case):
    over = case.scrolls or ".ecgae-panel-title, .ecgae-total"
    page.page.locator(over).first.evaluate("n => n.scrollIntoView({ block: 'center' })")
    x, y = page.middle(over)
    before = page.page.evaluate("scrollY")
    down = -1 if before < 100 else 1
    page.finger(*[(x, y + down * s) for s in range(0, 161, 20)])
    assert page.page.evaluate("scrollY") != before
    page.check(**case.start)


def test_no_key_leaves_it_and_every_focus_says_so(page, case):
    page.page.evaluate("window.keys = []; addEventListener('keydown', (e) => keys.push(e.key))")
    targets = page.page.locator("button, select, input, textarea, a, [tabindex]")
    assert targets.count() > 1
    for target in targets.all():
        assert target.evaluate("node => node.closest('[data-lm-suppress-shortcuts=true]') !== null")
    for target in targets.all():
        if target.is_enabled() and target.is_visible():
            target.focus()
            page.press("a", "b", "x")
    page.press("ArrowRight", "Enter", "Escape", at=case.hand, number=case.number)
    assert page.page.evaluate("keys") == []


def test_saving_is_throttled_while_moving_and_done_at_the_end(page, case):
    for slider in page.page.locator("input[type=range]").all():
        if slider.get_attribute("aria-label") == "zoom" or slider.is_disabled():
            continue  # the zoom is of the picture alone, unknown to Python
        page.page.wait_for_timeout(150)  # the last save is long ago
        moving, end, knows_last = slider.evaluate("savesOfSlider")
        assert (moving, end, knows_last) == (0, 1, True), slider.get_attribute("aria-label")
    page.show(**case.start)
    if len(places := case.way(page)) > 1:
        page.page.wait_for_timeout(150)
        page.drag(places[0])
        page.page.wait_for_timeout(150)
        moving, end, knows_last = page.page.evaluate("savesOfHand", places[0])
        assert (moving, end, knows_last) == (0, 1, True)


# what it draws and says


def test_what_is_drawn_is_what_python_says(page, case):
    for state in case.states:
        page.show(**case.start | state)
        case.check_shown(page)


def test_what_is_shown_is_spoken_once_when_it_rests(page, case):
    traits, words = case.says
    page.page.wait_for_timeout(600)  # what was said at the start
    page.page.evaluate("() => { window.said = heard() }")
    for state in (*case.states, traits):
        page.show(**case.start | state)
    said = page.page.evaluate("said")
    assert len(said) == 1 and words in said[0]


def test_nothing_jumps_when_the_state_changes(page, case):
    found = []
    for state in case.states:
        page.show(**case.start | state)
        boxes = page.page.locator(case.kept).all()
        found.append([box.bounding_box() for box in boxes])
        assert len(boxes) > 1
    assert all(boxes == found[0] for boxes in found)


def test_nothing_moves_by_itself_where_motion_is_not_wanted(page, case):
    page.page.emulate_media(reduced_motion="reduce")
    if case.plays:
        name, steps = case.plays
        path = page.page.get_by_role("button", name=name).locator("xpath=following::input[1]")
        path.focus()
        page.press("Home")
        for traits in steps:
            page.click(name)
            page.check(**traits)
    for button in page.page.locator("button:enabled").all():
        button.click()
        next_frame(page.page)
        assert page.page.evaluate("restless(60)") == 0


# everybody can use it


@on_both
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_against_wcag(page, case, theme):
    page.page.emulate_media(color_scheme=theme)
    next_frame(page.page)
    assert page.page.get_attribute(".ecgae", "data-theme") == theme
    for state in case.states[-2:]:
        page.show(**case.start | state)
        assert violations(page.page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_can_be_read_in_every_theme(page, case, theme):
    page.page.emulate_media(color_scheme=theme)
    next_frame(page.page)
    assert page.page.evaluate("faint()") == []
    card = page.page.locator(".ecgae").evaluate(
        "n => luminance(getComputedStyle(n).backgroundColor)"
    )
    assert card > 0.9 if theme == "light" else card < 0.1


def test_forced_colours_are_obeyed(page, case):
    page.page.emulate_media(forced_colors="active")
    for state in case.states:
        page.show(**case.start | state)
        drawn, system = (page.page.evaluate(f"{name}()") for name in ("colours", "systemColours"))
        assert set(drawn) <= set(system) and len(drawn) > 1
        assert page.page.evaluate("faint()") == []


@pytest.mark.parametrize("width", [320, 390, 600, 1024, 1280, 1920])
def test_nothing_lies_beside_or_over_it_at_any_width(page, case, width):
    page.page.set_viewport_size(dict(width=width, height=800))
    for state in case.states:
        page.show(**case.start | state)
        assert sideways(page.page) <= 0
        assert page.page.evaluate("misplaced()") == []


# nothing is left


def test_it_ends_without_a_trace(page, case):
    traits = case.start | case.states[-1]
    used = "([script, traits]) => useAndTakeAway(script, traits)"
    page.page.evaluate(used, [page.widget._esm, traits])
    page.page.request_gc()
    assert page.page.evaluate("taken.root.deref() === undefined")


def test_everything_can_be_used_and_nothing_complains(page, case):
    for state in case.states:
        page.show(**case.start | state)
        for slider in page.page.locator("input[type=range]").all():
            if slider.is_enabled() and slider.is_visible():
                slider.focus()
                page.press("End", "Home")
        for menu in page.page.locator("select").all():
            for option in menu.locator("option").all():
                if menu.is_enabled() and menu.is_visible():
                    menu.select_option(option.get_attribute("value"))
                    next_frame(page.page)
        for button in page.page.locator("button").all():
            if button.is_enabled():
                button.click()
        next_frame(page.page)
    assert page.page.faults == []
