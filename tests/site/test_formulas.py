"""Formulas of the pages: nothing is lost, their MathML is sound, and they are drawn whole."""

import re
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from ecgae_lib.testing.browser import PROJECTOR, needs_chromium, quiet_page
from tests.site.built import EXTRA, LESSONS, every_notebook, formulas, soup

WRITTEN = re.compile(r"<math.*?</math>(?:<wbr/?><math.*?</math>)*", re.DOTALL)
PARTS = dict(mfrac=2, msub=2, msup=2, munder=2, mover=2, mroot=2, msubsup=3, munderover=3)
NOT_PROSE = ["pre", "code", "script", "style"]


@every_notebook
def test_every_formula_is_written_with_all_its_parts(site, name):
    main = soup(site, name).main
    prose = [t for t in main.find_all(string=True) if not t.find_parent(NOT_PROSE)]
    assert len(prose) > 20 and "$" not in "".join(prose)
    for (block, inline), html in zip(formulas(name), WRITTEN.findall(str(main)), strict=True):
        latex = block or inline
        shown = "".join(ElementTree.fromstring(f"<p>{html}</p>").itertext())
        assert ('display="block"' in html) == bool(block) and "\\" not in shown
        assert sorted(re.findall(r"\d", shown)) == sorted(re.findall(r"\d", latex))
        for words in re.findall(r"\\text(?:tt)?\{([^}]*)\}", latex):
            assert words.replace(" ", "\xa0") in shown or words in shown
    for tag in main.select(", ".join(PARTS)):
        assert len(tag.find_all(recursive=False)) == PARTS[tag.name], tag


def test_limits_labels_and_columns_have_their_place(site):
    assert "<munder><mi>min</mi><mi>h</mi></munder>" in str(soup(site, LESSONS[2]).main)
    labels = soup(site, LESSONS[5]).select("munder > munder:has(> mo) + *")
    assert [label.text for label in labels] == ["mean\xa0squared\xa0error", "β"]
    _, table = soup(site, LESSONS[4]).select("mtable")
    assert [len(row.select("mtd")) for row in table.select("mtr")] == [2, 4, 4, 2]


def test_what_temml_leaves_unlike_tex_is_mended(site):
    logarithm, product, sentence = WRITTEN.findall(str(soup(site, EXTRA).main))
    assert '</mfrac><mrow><mspace width="0.1667em"></mspace><mi>log</mi><mspace' in logarithm
    assert '<mo largeop="false">⊙</mo>' in product
    breaks = ["0.1577=", "0.1571+", "nn.MSELoss()⋅", "0.1049"]
    assert [re.sub("<.*?>", "", part) for part in sentence.split("<wbr/>")] == breaks
    assert sentence.count('<mo form="infix">') == 3 and '<mtext class="code">' in sentence


BRACES = """() => [...document.querySelectorAll("munder > munder")].map(({ parentNode }) => {
    const [inner, label] = parentNode.children;
    const [base, brace, words] = [...inner.children, label].map((e) => e.getBoundingClientRect());
    const box = { x: base.x, width: base.width, y: brace.y + scrollY, height: brace.height };
    return { box, over: base.bottom - brace.top, under: brace.bottom - words.top };
})"""


def fonts_of(page, selector):
    """The names of all fonts in which the browser draws these elements."""
    devtools = page.context.new_cdp_session(page)
    for domain in ("DOM", "CSS"):
        devtools.send(f"{domain}.enable")
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    found = devtools.send("DOM.querySelectorAll", dict(nodeId=root, selector=selector))["nodeIds"]
    drawn = [devtools.send("CSS.getPlatformFontsForNode", dict(nodeId=node)) for node in found]
    return {(font["familyName"], font["isCustomFont"]) for one in drawn for font in one["fonts"]}


def drawn_columns(page, box):
    """How many columns of a part of the page have ink: a share."""
    picture = Image.open(BytesIO(page.screenshot(full_page=True, clip=box))).convert("L")
    return (np.asarray(picture) < 128).any(axis=0).mean()


@needs_chromium
@pytest.mark.parametrize("name", LESSONS[2:7])
def test_formulas_are_drawn_whole_and_with_the_font_that_the_page_brings(browser, site, name):
    sharp = PROJECTOR | dict(device_scale_factor=2)
    with quiet_page(browser, (site / f"{name}.html").as_uri(), **sharp) as page:
        page.evaluate("document.fonts.ready")
        drawn = fonts_of(page, "math :not(:has(*)):not(mspace, .code)")
        assert drawn == {("STIX Two Math", True)}
        for root in page.locator("msqrt").all():
            inside = root.locator("*").first.bounding_box()
            assert root.bounding_box()["width"] > 1.5 * inside["width"]  # the sign has room
        for brace in page.evaluate(BRACES):
            assert max(brace["over"], brace["under"]) < 2
            assert drawn_columns(page, brace["box"]) > 0.9
