"""Every page of the site, in every engine: silent, alone, alive, its formulas whole."""

from io import BytesIO

import numpy as np
from PIL import Image

from ecgae_lib.testing.browser import next_frame
from tests.engines.engines import SCREEN, wait_for
from tests.site.built import every_page
from tests.site.test_formulas import BRACES
from tests.site.test_in_browser import ALL_READY

# Whether formulas in sight have the font that the page brings.
FONT = """![...document.querySelectorAll("main math")].some((math) => math.checkVisibility())
    || [...document.fonts].some((f) => /STIX Two Math/.test(f.family) && f.status === "loaded")"""
ROOTS = """[...document.querySelectorAll("msqrt")].map((root) =>
    root.getBoundingClientRect().width / root.firstElementChild.getBoundingClientRect().width)"""
# How high a hat begins over its letter, and how high a sign is that is no sum, in em.
HATS = """[...document.querySelectorAll("mover:has(> mo[class*=acc])")].map((mover) => {
    const [letter, hat] = [...mover.children].map((part) => part.getBoundingClientRect().top);
    return (letter - hat) / parseFloat(getComputedStyle(mover).fontSize); })"""
DOTS = """[...document.querySelectorAll("mo")].filter((mo) => mo.textContent === "⊙").map((mo) =>
    mo.getBoundingClientRect().height / parseFloat(getComputedStyle(mo).fontSize))"""
EDGES = """[...document.querySelectorAll("main p math")].map((math) =>
    math.getBoundingClientRect().right)"""
SCROLL = "y => { scrollTo({ top: y - 300, behavior: 'instant' }); return scrollY; }"


@every_page
def test_a_page_is_silent_and_its_formulas_are_whole(engine, site, name):
    engine.open(site / f"{name}.html")
    wait_for(engine, f"({ALL_READY})() && document.fonts.status === 'loaded'")
    assert engine.evaluate("document.documentElement.scrollWidth") <= SCREEN["width"]
    assert max(engine.evaluate(EDGES), default=0) < SCREEN["width"]
    assert engine.evaluate(FONT)
    assert min(engine.evaluate(ROOTS), default=2) > 1.5  # the sign has room
    assert max(engine.evaluate(HATS), default=0) < 0.4
    assert max(engine.evaluate(DOTS), default=0) < 1.15
    for brace in engine.evaluate(BRACES):
        assert brace["under"] < 2 and brace["over"] < 4  # Firefox draws it into a fraction's edge
        assert drawn_columns(engine, brace["box"]) > 0.9
    assert engine.faults() == []


def drawn_columns(engine, box):
    """How many columns of a part of the page have ink: a share."""
    left, y = box["x"], box["y"] - engine.evaluate(SCROLL, box["y"])
    next_frame(engine)
    part = (left, y, left + box["width"], y + box["height"])
    picture = Image.open(BytesIO(engine.picture())).convert("L").crop(part)
    return (np.asarray(picture) < 200).any(axis=0).mean()
