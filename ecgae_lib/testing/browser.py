"""A real browser without a network, for the tests of widgets and pages."""

import os
import re
import shutil
from contextlib import contextmanager

import numpy as np
import pytest

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
NO_NAMES = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"  # any name is unknown
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", NO_NAMES]
WCAG = dict(type="tag", values=["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None,
    reason="Chromium is missing: apt-get install chromium, or set CHROMIUM to its path",
)
PROJECTOR = dict(viewport=dict(width=1600, height=900))
PHONE = dict(viewport=dict(width=390, height=600), has_touch=True, is_mobile=True)


@contextmanager
def quiet_page(browser, address, **settings):
    """A page that must load nothing but itself and print no error until it is closed."""
    context = browser.new_context(**(dict(bypass_csp=True) | settings))  # for `wait_for_function`
    page = context.new_page()
    page.faults = faults = []  # whoever keeps the page open looks at them earlier
    page.on("console", lambda m: m.type in ("error", "warning") and faults.append(m.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda r: r.url != address and faults.append(f"asks for {r.url[:200]}"))
    page.goto(address)
    yield page
    context.close()
    assert faults == []


@contextmanager
def ready_page(browser, address, **settings):
    """A quiet page, once its widget is drawn."""
    with quiet_page(browser, address, **settings) as page:
        page.wait_for_selector("[data-ready]", state="attached")
        next_frame(page)
        yield page


def violations(page):
    """What axe-core finds against WCAG 2.2 AA, as short sentences."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=dict(runOnly=WCAG)).response
    assert len(found["passes"]) > 5  # it did look
    return [
        f"{v['id']}: {node['html'][:100]}: {node['failureSummary'][:200]}"
        for v in found["violations"]
        for node in v["nodes"]
    ]


def sideways(page):
    """How far the page is wider than the screen.  (A phone's innerWidth grows with the page.)"""
    return page.evaluate("document.documentElement.scrollWidth") - page.viewport_size["width"]


def next_frame(page):
    """Wait until what was asked for is drawn."""
    page.evaluate("() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")


def mouse_to(page, x, y, steps=1):
    """Move the mouse and wait until the page has heard of it: on a busy machine after frames."""
    page.evaluate(
        """() => {
            if ("mouse" in window) return;
            window.mouse = null;
            addEventListener("pointermove", (e) => { mouse = [e.clientX, e.clientY]; }, true);
        }"""
    )
    page.mouse.move(x, y, steps=steps)
    heard = "([x, y]) => mouse && Math.hypot(mouse[0] - x, mouse[1] - y) < 2"
    page.wait_for_function(heard, arg=[x, y])


def drawn_at(page):
    """z and the drawn voltages of one and the same frame, after all moves have arrived.

    A move may arrive between a frame and the reading: read when z has rested for two frames.
    """
    z, d = page.evaluate(
        """async () => {
            const { model, panel } = document.querySelector(".ecgae-latent-pad").widget;
            const frame = () => new Promise((r) => requestAnimationFrame(r));
            let z;
            do {
                z = String(model.get("z"));
                await frame();
                await frame();
            } while (String(model.get("z")) !== z);
            return [model.get("z"), panel.lines.decoded.getAttribute("d")];
        }"""
    )
    return z, np.array([point.split()[1] for point in re.split("[ML]", d)[1:]], float)
