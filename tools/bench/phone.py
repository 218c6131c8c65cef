"""A cheap phone: how long the six widgets of lesson 9 take to live, and how often they redraw.

python -m tools.bench.phone [PAGE]        (needs Chromium, node and npm; about two minutes)

The page is built, or is one that `make site` wrote.  Chromium makes itself six times slower for
the phone; its rival in the same run is the same page on this machine as it is.
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
TIMES = {"this machine": 1, "6 times slower": 6}
TURNS, SECONDS = 3, 1.5
# When something is in sight, when the first widget is drawn and when all are, in ms.
WATCH = """() => new Promise((done) => {
    const look = () => {
        const places = [...document.querySelectorAll("[data-widget]")];
        const ready = places.filter((place) => "ready" in place.dataset).length;
        const drawn = ready && document.readyState === "complete";
        if (drawn) window.first ??= performance.now();
        if (!drawn || ready < places.length) return requestAnimationFrame(look);
        const [paint] = performance.getEntriesByName("first-contentful-paint");
        requestAnimationFrame(() => done([paint.startTime, window.first, performance.now()]));
    };
    requestAnimationFrame(look);
})"""
# One move of its first slider in every frame: how often the widget is drawn in a second.
DRAG = """([place, seconds]) => new Promise((done) => {
    const { widget } = place.querySelector(".ecgae");
    const slider = place.querySelector("input[type=range]:enabled");
    const { draw } = widget;
    place.closest("details:not([open])")?.setAttribute("open", "");
    place.scrollIntoView({ behavior: "instant" });
    const [low, high] = [Number(slider.min), Number(slider.max)];
    let [draws, frames, start] = [0, 0, performance.now()];
    widget.draw = () => { draws++; draw.call(widget); };
    const move = () => {
        const spent = (performance.now() - start) / 1000;
        if (spent > seconds) return delete widget.draw && done(draws / spent);
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
        runs = {name: runs_of(browser, page, slower) for name, slower in TIMES.items()}
        browser.close()
    print(f"{LESSON} on a screen of {PHONE['viewport']}, the best of {TURNS} turns")
    print(f"load of this machine: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")
    first = runs["this machine"][0]
    rows = {
        name: [min(run[name] for run in turns) if name[-1] == "s" else 0 for turns in [0]]
        for name in first
    }


if __name__ == "__main__":
    main()
