"""A cheap phone: how long the six widgets of lesson 9 take to live, and how often they redraw.

python -m tools.bench.phone [PAGE]        (needs Chromium, node and npm; two minutes)

PAGE: lesson 9 as `make site` wrote it; without it, it is built.  The phone is Chromium that makes
itself six times slower; its rival, in the same run, is the same page at full speed.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from ecgae_lib.testing.browser import CHROMIUM, OPTIONS, PHONE
from tools.bench.clock import table
from tools.site.build import ROOT, build

LESSON = "09_latent_space"
SLOWER, TURNS, SECONDS = 6, 3, 1.5
# In ms: when something is in sight, when the first widget is drawn, and when all are.
WATCH = """addEventListener("DOMContentLoaded", () => {
    let first;
    const look = () => {
        const places = [...document.querySelectorAll("[data-widget]")];
        const ready = places.filter((place) => "ready" in place.dataset).length;
        if (ready) first ??= performance.now();
        if (ready < places.length) return requestAnimationFrame(look);
        const [{ startTime }] = performance.getEntriesByName("first-contentful-paint");
        const names = ["first paint, ms", "first widget ready, ms", "all ready, ms"];
        const times = [startTime, first, performance.now()];
        window.found = Object.fromEntries(names.map((name, n) => [name, times[n]]));
    };
    requestAnimationFrame(look);
})"""
# One move of its first slider in every frame: how often the widget is drawn, and in how many s.
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
        if (spent > seconds) return delete widget.draw && done([draws, spent]);
        slider.value = low + (high - low) * (0.5 - 0.5 * Math.cos(0.7 * frames++));
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        requestAnimationFrame(move);
    };
    requestAnimationFrame(() => { start = performance.now(); move(); });
})"""


def main():
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = Path(sys.argv[1]) if sys.argv[1:] else built(Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        address = page.resolve().as_uri()
        here, phone = (best_visit(browser, address, slower) for slower in (1, SLOWER))
        browser.close()
    print(f"{LESSON} on a screen of {PHONE['viewport']}, the best of {TURNS} visits")
    print(f"{os.getloadavg()[0]:.1f} processes wanted {os.cpu_count()} cores meanwhile")
    rows = [(name, value, phone[name][0], work) for name, (value, work) in here.items()]
    table(["", "here", f"{SLOWER} times slower", "work here, ms"], rows)
    print("work: CPU time of the page's main thread, until then or per redraw; unlike the others")
    print("it does not depend on what else the machine does")


def built(folder):
    """The page of the lesson, its widgets alive."""
    source = folder / "notebooks"
    source.mkdir()
    shutil.copy(ROOT / "notebooks" / f"{LESSON}.ipynb", source)
    build(source, folder / "site")
    return folder / "site" / f"{LESSON}.html"


def best_visit(browser, address, slower):
    """{name: (ms or redraws per s, ms of work)}, each the best of some visits."""
    visits = [visit(browser, address, slower) for _ in range(TURNS)]
    return {name: best(name, *(found[name] for found in visits)) for name in visits[0]}


def best(name, *found):
    values, works = zip(*found, strict=True)
    return (min if name.endswith("ms") else max)(values), min(works)


def visit(browser, address, slower):
    context = browser.new_context(bypass_csp=True, **PHONE)  # for `wait_for_function`
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", dict(rate=slower))
    tools.send("Performance.enable", dict(timeDomain="threadTicks"))
    page.add_init_script(WATCH)
    page.goto(address, wait_until="commit")
    page.wait_for_function("window.found")
    spent = work(tools)
    found = {name: (value, spent) for name, value in page.evaluate("found").items()}
    for place in page.locator("[data-widget]").all():
        found[f"{place.get_attribute('data-widget')}, redraws per s"] = drag(place, tools)
    context.close()
    return found


def drag(place, tools):
    """Redraws per s, and ms of work for each."""
    place.evaluate(DRAG, 0.3)  # what is made once is made now
    before = work(tools)
    draws, spent = place.evaluate(DRAG, SECONDS)
    return draws / spent, (work(tools) - before) / draws


def work(tools):
    """CPU time of the page's main thread so far, in ms."""
    metrics = tools.send("Performance.getMetrics")["metrics"]
    return 1000 * next(m["value"] for m in metrics if m["name"] == "TaskDuration")


if __name__ == "__main__":
    main()
