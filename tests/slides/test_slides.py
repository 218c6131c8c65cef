"""Every slide of every deck, as the lecture hall sees it: 1280 x 720, without a network."""

import re
from contextlib import contextmanager
from itertools import chain

import pytest
from bs4 import BeautifulSoup

from ecgae_lib import widgets
from ecgae_lib.testing.browser import (
    drawn_at,
    mouse_to,
    needs_chromium,
    next_frame,
    quiet_page,
    violations,
)
from tests.site.built import LESSONS, LIVING

BEAMER = dict(viewport=dict(width=1280, height=720), bypass_csp=False)
every_deck = pytest.mark.parametrize("name", LESSONS)
FAULTS = """() => {
    const slide = deck.getCurrentSlide();
    const words = [...slide.querySelectorAll("*")].filter((part) => !part.closest(
        "aside, script, noscript, math *, .ecgae-unseen") && part.checkVisibility()
        && [...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
        || part.tagName === "math");
    const cut = [slide, ...slide.querySelectorAll(".body, .scroll, .widget, .ecgae")].filter(
        (box) => box.scrollWidth > box.clientWidth + 1 ||
            (box.scrollHeight > box.clientHeight + 1 && !box.matches(".formula")));
    const out = [...slide.querySelectorAll(".body *")].filter((part) => {
        const box = part.getBoundingClientRect();
        return box.width && box.height && !part.closest("svg, .ecgae-unseen, math") &&
            (box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight);
    });
    const name = (what) => (part) => `${what}: ${part.tagName} ${part.textContent.slice(0, 60)}`;
    return [
        ...words.filter((part) => parseFloat(getComputedStyle(part).fontSize) < 17.99)
            .map(name("small")),
        ...cut.map(name("cut")),
        ...out.map(name("outside")),
        ...[...slide.querySelectorAll("img")].filter((image) => image.height < 200
            && image.naturalHeight / image.naturalWidth > 0.3).map(name("low figure")),
    ];
}"""
WHERE = "deck.getIndices()"
SHOW = """(part) => {
    const { h, v } = deck.getIndices(part.closest("section"));
    deck.slide(h, v);
}"""
TURN = """(slide) => {
    const { h, v } = deck.getIndices(deck.getSlides()[slide]);
    deck.slide(h, v, 99);
}"""


@contextmanager
def opened(browser, slides, name):
    with quiet_page(browser, (slides / f"{name}.html").as_uri(), **BEAMER) as page:
        page.wait_for_selector(".reveal.ready")
        page.wait_for_selector("[data-widget]:not([data-ready])", state="detached")
        yield page


def columns(slides, name):
    """Lists of slides, as reveal.js has them."""
    text = re.sub(r"base64,[\w+/=]+", "", (slides / f"{name}.html").read_text(encoding="utf-8"))
    parsed = BeautifulSoup(text, "html.parser")
    return [column.find_all("section") for column in parsed.select(".slides > section")]


@needs_chromium
@every_deck
def test_nothing_is_cut_off_or_small_on_any_slide(browser, slides, name):
    with opened(browser, slides, name) as page:
        found = {}
        for slide in range(page.evaluate("deck.getSlides().length")):
            page.evaluate(TURN, slide)
            next_frame(page)
            found[slide] = page.evaluate(FAULTS)
        assert len(found) > 30 and {k: faults for k, faults in found.items() if faults} == {}


@every_deck
def test_a_lesson_has_an_hour_of_slides_and_every_section_a_question(slides, name):
    found = columns(slides, name)
    assert 20 <= len(found) <= 45
    notes = {}
    for slide in chain.from_iterable(found):
        number = re.match(r"\d+\.\d+ (?!Exercises)", slide.select_one(".title").text)
        if number:
            notes[number[0]] = notes.get(number[0], "") + str(slide.find("aside"))
    words = ("Question to ask", "Answer to expect")
    silent = [number for number, text in notes.items() if not all(w in text for w in words)]
    assert len(notes) > 3 and silent == []


@every_deck
def test_every_figure_has_alt_text_and_every_slide_something(slides, name):
    for slide in chain.from_iterable(columns(slides, name)):
        assert slide.select_one(".body").find(True) is not None, slide
        assert all(len(image["alt"]) > 30 for image in slide.select("img"))


@every_deck
def test_the_five_questions_are_still_questions(slides, name):
    for first, *_ in columns(slides, name):
        if first.select_one(".title").text == "Five questions":
            asked = [item.get_text() for item in first.select(".body li")]
            assert len(asked) == 5 and all("?" in item for item in asked)


@every_deck
def test_a_slide_with_a_widget_tells_the_speaker_what_to_ask(slides, name):
    for slide in chain.from_iterable(columns(slides, name)):
        if slide.select_one("[data-widget]"):
            assert "Question to ask" in str(slide.find("aside")), slide.select_one(".title")


@every_deck
def test_the_pdf_has_a_page_for_every_slide(slides, name):
    pdf = (slides / f"{name}.pdf").read_bytes()
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert pages == sum(map(len, columns(slides, name)))


@needs_chromium
def test_widgets_live_and_keep_their_keys(browser, slides):
    tried = set()
    with opened(browser, slides, LIVING) as page:
        for place in page.locator("[data-widget]").all():
            place.evaluate(SHOW)
            next_frame(page)
            before, here = place.inner_html(), page.evaluate(WHERE)
            hand = place.locator(":is([role=slider], input[type=range]):visible").first
            hand.press("ArrowLeft")
            hand.press("ArrowLeft")
            next_frame(page)
            assert place.inner_html() != before and page.evaluate(WHERE) == here
            tried.add(place.get_attribute("data-widget"))
            hand.press("PageDown")  # of a presenter's remote
            assert page.evaluate(WHERE)["h"] == here["h"] + 1
    assert tried == set(widgets.__all__)


@needs_chromium
def test_a_pad_follows_the_mouse(browser, slides):
    with opened(browser, slides, LIVING) as page:
        handle = page.locator("[data-widget=LatentPad] .ecgae-handle")
        handle.evaluate(SHOW)
        next_frame(page)
        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse_to(page, x, y)
        page.mouse.down()
        before, _ = drawn_at(page)
        mouse_to(page, x + 60, y - 40, steps=5)
        after, _ = drawn_at(page)
        page.mouse.up()
        moved = handle.bounding_box()
        assert after[0] > before[0] and after[1] > before[1]
        assert (moved["x"] - box["x"], box["y"] - moved["y"]) == pytest.approx((60, 40), abs=2)


@needs_chromium
def test_keys_pass_the_code_and_s_shows_question_and_answer(browser, slides):
    asked = next(
        h
        for h, (first, *_) in enumerate(columns(slides, LESSONS[0]))
        if first.select_one(".predict")
    )
    with opened(browser, slides, LESSONS[0]) as page:
        page.evaluate("(h) => deck.slide(h)", asked)
        shown = page.locator("section.present .predict.visible")
        assert shown.count() == 0
        page.keyboard.press("Space")
        shown.wait_for()
        page.keyboard.press("Space")
        assert page.evaluate(WHERE)["h"] == asked + 1
        page.evaluate("deck.nextFragment()")
        page.keyboard.press("ArrowDown")
        assert page.evaluate(WHERE)["v"] == 1
        page.keyboard.press("PageUp")
        with page.context.expect_page() as window:
            page.keyboard.press("s")
        notes = window.value.locator(".speaker-controls-notes .value")
        notes.get_by_text("Question to ask").wait_for()
        assert notes.get_by_text("Answer to expect").is_visible()


@needs_chromium
def test_a_deck_is_accessible(browser, slides):
    with opened(browser, slides, LESSONS[4]) as page:
        for slide in range(0, page.evaluate("deck.getSlides().length"), 9):
            page.evaluate(TURN, slide)
            next_frame(page)
            assert violations(page) == []
