"""Lesson 9, its six widgets alive, in Chromium with a phone's screen, made six times slower,
against the same page at full speed; the best of 2 visits. The slowest widget: the one with
most time between two redraws while its slider moves in every frame."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from ecgae_lib.testing.browser import CHROMIUM, OPTIONS, PHONE
from tools.bench.rows import Row
from tools.site.build import ROOT, build

LESSON = "09_latent_space"
SLOWER, TURNS, SECONDS = 6, 2, 1
# In ms: when something is in sight, and when all widgets are drawn.
WATCH = """addEventListener("DOMContentLoaded", () => {
    const look = () => {
        const places = [...document.querySelectorAll("[data-widget]")];
        if (places.some((place) => !("ready" in place.dataset))) return requestAnimationFrame(look);
        const [{ startTime }] = performance.getEntriesByName("first-contentful-paint");
        const allReady = performance.now();
        window.found = { "first paint": startTime, "all six widgets ready": allReady };
    };
    requestAnimationFrame(look);
})"""
# One move of its first slider in every frame: the ms between two drawings of its widget.
DRAG = """(place, seconds) => new Promise((done) => {
    const { widget } = place.querySelector(".ecgae");
    const slider = place.querySelector("input[type=range]:enabled");
    const { draw } = widget;
    const [low, high] = [Number(slider.min), Number(slider.max)];
    let [draws, frames, start] = [0, 0, 0];
    place.closest("details:not([open])")?.setAttribute("open", "");
    place.scrollIntoView({ behavior: "instant" });
    widget.draw = () => { draws++; draw.call(widget); };
    const move = () => {
        const spent = (performance.now() - start) / 1000;
        if (spent > seconds) return delete widget.draw && done((1000 * spent) / draws);
        slider.value = low + (high - low) * (0.5 - 0.5 * Math.cos(0.7 * frames++));
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        requestAnimationFrame(move);
    };
    requestAnimationFrame(() => { start = performance.now(); move(); });
})"""


def rows():
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        address = built(Path(folder)).as_uri()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        here, phone = (best_visit(browser, address, slower) for slower in (1, SLOWER))
        browser.close()
    return [Row(what, phone[what], here[what], "ms", "at full speed") for what in here]


def built(folder):
    """The page of the lesson, its widgets alive."""
    source = folder / "notebooks"
    source.mkdir()
    shutil.copy(ROOT / "notebooks" / f"{LESSON}.ipynb", source)
    build(source, folder / "site")
    return folder / "site" / f"{LESSON}.html"


def best_visit(browser, address, slower):
    """{what: ms}, each the best of some visits."""
    visits = [visit(browser, address, slower) for _ in range(TURNS)]
    return {what: min(found[what] for found in visits) for what in visits[0]}


def visit(browser, address, slower):
    context = browser.new_context(bypass_csp=True, **PHONE)  # for `wait_for_function`
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", dict(rate=slower))
    page.add_init_script(WATCH)
    page.goto(address, wait_until="commit")
    page.wait_for_function("window.found")
    between = max(map(drag, page.locator("[data-widget]").all()))
    found = page.evaluate("found") | {"slowest widget, between redraws": between}
    context.close()
    return found


def drag(place):
    """Milliseconds between two redraws."""
    place.evaluate(DRAG, 0.3)  # what is made once is made now
    return place.evaluate(DRAG, SECONDS)
