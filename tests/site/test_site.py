"""The web pages: what they hold against the notebooks, and how they live in a browser."""

import os
import re
import subprocess
import sys
import unicodedata
from base64 import b64decode
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from urllib.parse import urldefrag, urlparse
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont

from ecgae_lib import widgets
from ecgae_lib.models import VAE
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
from tools.site import build as build_site
from tools.site import mathml

ROOT = Path(__file__).parents[2]

FOLDER = ROOT / "notebooks"
PATHS = sorted([*FOLDER.glob("0*.ipynb"), *FOLDER.glob("solutions/0*.ipynb")])
NAMES = [path.relative_to(FOLDER).with_suffix("").as_posix() for path in PATHS]
LESSONS = [name for name in NAMES if "/" not in name]
FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$]+?)\$", re.DOTALL)
NOT_PROSE = ["pre", "code", "script", "style"]
every_page = pytest.mark.parametrize("name", ["index", *NAMES])
every_notebook = pytest.mark.parametrize("name", NAMES)
every_lesson = pytest.mark.parametrize("name", LESSONS)
ALL_READY = """() => [...document.querySelectorAll("[data-widget]")].every(
    (widget) => "ready" in widget.dataset)"""
PAD_CELLS = [
    "# 7. Two pads\n\n**A test**\n\nDrag it, as in notebook 7 and notebook 9.",
    "import torch\nfrom ecgae_lib.beats import synthetic\nfrom ecgae_lib.models import VAE\n"
    "from ecgae_lib.widgets import LatentPad\n\ntorch.manual_seed(0)\nmodel = VAE(450).eval()",
    "LatentPad(model, synthetic(60, seed=1)[0])",
    "LatentPad(model, synthetic(60, seed=2)[0])",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, with the widgets of the last notebook, which has all of them, alive.

    ECGAE_SITE names a folder that `make site` has built, where those of the others live too.
    """
    if "ECGAE_SITE" in os.environ:
        return Path(os.environ["ECGAE_SITE"]).absolute()
    folder = tmp_path_factory.mktemp("site")
    build_site.build(FOLDER, folder, stored=[p for p in PATHS if p.stem != LESSONS[-1]])
    return folder


@pytest.fixture(scope="module")
def pad_page(tmp_path_factory):
    """The page of a notebook with two pads, which must be run for it."""
    folder = tmp_path_factory.mktemp("pads")
    text, *code = PAD_CELLS
    cells = [nbformat.v4.new_markdown_cell(text), *map(nbformat.v4.new_code_cell, code)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / "07_pads.ipynb")
    subprocess.run(
        [sys.executable, "-m", "tools.site.build", folder, folder / "site"], cwd=ROOT, check=True
    )
    return folder / "site" / "07_pads.html"


def soup(site, name):
    return parse(site / f"{name}.html")


@cache
def parse(path):
    """The page without the bytes of its figures and its font, which would take long to read."""
    text = re.sub(r"base64,[\w+/=]+", "", path.read_text(encoding="utf-8"))
    return BeautifulSoup(text, "html.parser")


def cells(name, kind):
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def formulas(name):
    """(display, inline) formulas of a notebook, without what stands in code."""
    prose = "\n\n".join(cell.source for cell in cells(name, "markdown"))
    prose = re.sub(r"```.*?```|`[^`]*`", "", prose, flags=re.DOTALL)
    found = FORMULA.findall(prose)
    return [block for block, _ in found if block], [inline for _, inline in found if inline]


# what the pages hold


def test_every_notebook_has_a_page_and_is_linked(site):
    assert {p.relative_to(site).as_posix() for p in site.rglob("*")} - {"solutions"} == {
        f"{name}.html" for name in ["index", *NAMES]
    }
    linked = [a["href"] for a in soup(site, "index").select(".cards a")]
    assert linked == [f"{name}.html" for name in LESSONS]


@every_lesson
def test_a_lesson_leads_to_its_solutions_and_back(site, name):
    assert soup(site, name).select(f'main a[href="solutions/{name}.html"]')
    assert soup(site, f"solutions/{name}").select(f'.on a[href="../{name}.html"]')


def test_lessons_are_chained(site):
    for before, after in pairwise(LESSONS):
        assert soup(site, before).select_one(".after")["href"] == f"{after}.html"
        assert soup(site, after).select_one(".before")["href"] == f"{before}.html"


@every_page
def test_links_stay_in_the_site_and_meet_something(site, name):
    page = site / f"{name}.html"
    parsed = soup(site, name)
    assert not parsed.select("[src]:not(img), link, iframe, object")
    for link in parsed.select("a"):
        path, anchor = urldefrag(link["href"])
        assert not urlparse(path).scheme and not urlparse(path).netloc, path
        target = (page.parent / path).resolve() if path else page.resolve()
        assert target.is_relative_to(site.resolve()) and target.suffix == ".html"
        assert parse(target).find(id=anchor or "main"), f"{path} has no {anchor}"
    ids = [tag["id"] for tag in parsed.select("[id]")]
    assert len(ids) == len(set(ids))


@every_page
def test_nothing_comes_from_another_host_or_from_a_kernel(site, name):
    text = (site / f"{name}.html").read_text(encoding="utf-8")
    assert re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//[^"')\s]*""", text) == []
    assert "application/vnd.jupyter" not in text and "require(" not in text


@every_page
def test_a_phone_can_load_it(site, name):
    assert (site / f"{name}.html").stat().st_size < 1.5e6


@every_notebook
def test_formulas_are_mathml(site, name):
    parsed = soup(site, name)
    display, inline = formulas(name)
    assert len(parsed.select(".formula > math[display=block]")) == len(display)
    assert len(parsed.select("math[display=inline]")) >= len(inline)
    assert "\\" not in "".join(m.text for m in parsed.select("math"))
    prose = [t for t in parsed.find_all(string=True) if not t.find_parent(NOT_PROSE)]
    assert len(prose) > 20 and "$" not in "".join(prose)


@every_notebook
def test_formulas_keep_their_numbers_and_words(name):
    for latex in (latex for kind in formulas(name) for latex in kind):
        html = mathml.to_mathml(latex)
        shown = "".join(ElementTree.fromstring(f"<p>{html.replace('<wbr>', '')}</p>").itertext())
        assert sorted(re.findall(r"\d", shown)) == sorted(re.findall(r"\d", latex))
        for words in re.findall(r"\\text(?:tt)?\{([^}]*)\}", latex):
            assert words.replace(" ", "\xa0") in shown or words in shown


@every_notebook
def test_code_and_its_text_are_complete(site, name):
    parsed, code = soup(site, name), cells(name, "code")
    in_order = iter([block.text for block in parsed.select("pre.code")])
    assert [c.source for c in code if c.source not in in_order] == []
    printed = [o.text.rstrip() for c in code for o in c.outputs if o.output_type == "stream"]
    shown = [p.text for p in parsed.select("pre.output")]
    assert [text for text in printed if text not in shown] == []


@every_notebook
def test_figures_have_their_alt_text_and_size(site, name):
    figures = [
        o for c in cells(name, "code") for o in c.outputs if "image/png" in o.get("data", {})
    ]
    images = soup(site, name).select("img")
    assert [i["alt"] for i in images] == [f.metadata["image/png"]["alt"] for f in figures]
    assert all(100 < int(i[side]) < 3000 for i in images for side in ("width", "height"))


@every_notebook
def test_contents_name_every_section(site, name):
    parsed = soup(site, name)
    sections = re.findall(r"^## (.*)", "\n".join(c.source for c in cells(name, "markdown")), re.M)
    entries = parsed.select(".contents li")
    assert len(entries) == len(sections) == len(parsed.select("main h2"))


def test_prose_links_to_notebooks_and_sections(site):
    parsed = soup(site, "05_variational_autoencoder")
    assert parsed.find("a", string="Section 6.3")["href"] == "06_what_beta_is.html#6.3"
    assert parsed.find("a", string="Notebook 7")["href"] == "07_evidence.html"


# formulas


@pytest.mark.parametrize(
    ("latex", "parts"),
    [
        (r"\log p", "<mi>log</mi><mspace"),
        (r"\frac{L}{2} \log s", '<mspace width="0.17em" /><mi>log</mi>'),
        (r"z \sim p", "<mo>∼</mo>"),
        (r"a = -b", '<mo form="prefix">−</mo>'),
        (r"\underbrace{\sum_i x_i}_{s}", '<mrow class="bracket"><mrow><munder><mo>∑</mo>'),
        (r"\xrightarrow{\text{encoder}}", '<mo stretchy="true">→</mo>'),
        (r"a \mathrel{+}= b", ">+=</mo>"),
        (r"\hat{x}", "<mo>ˆ</mo>"),
        (r"\texttt{nn.MSELoss()}", 'class="code"'),
    ],
)
def test_what_latex2mathml_leaves_is_repaired(latex, parts):
    assert parts in mathml.to_mathml(latex, "block")


def test_a_derivation_is_a_table():
    html = mathml.to_mathml(r"\begin{aligned} a &= b && \text{why} \\ &= c \end{aligned}", "block")
    rows = list(ElementTree.fromstring(html).iter("mtr"))
    assert [len(row) for row in rows] == [4, 2] and "&amp;" not in html


def test_long_formulas_may_break_after_a_relation():
    html = mathml.to_mathml("0.1577 = 0.1571 + 0.005 \\cdot 0.1049")
    assert html.count("<math") == 2 and "=</mo></mrow></math><wbr>" in html
    assert mathml.to_mathml("a = b").count("<math") == 1


def test_unknown_commands_are_refused():
    with pytest.raises(ValueError, match="nosuchcommand"):
        mathml.to_mathml(r"x + \nosuchcommand")


def test_the_font_has_every_letter_that_is_drawn():
    greek = [unicodedata.lookup(f"GREEK SMALL LETTER {n}") for n in ("EPSILON", "PI", "SIGMA")]
    html = mathml.to_mathml(r"x h L \varepsilon \pi \sigma = \sum \mathbb{E}")
    data = b64decode(mathml.font([html]).split(",")[1])
    signs = TTFont(BytesIO(data)).getBestCmap()
    wanted = [f"MATHEMATICAL ITALIC SMALL {n}" for n in ("X", "EPSILON", "PI", "SIGMA")]
    wanted += ["MATHEMATICAL ITALIC CAPITAL L", "PLANCK CONSTANT", "N-ARY SUMMATION"]
    assert {ord(unicodedata.lookup(name)) for name in wanted} | set(map(ord, greek)) <= set(signs)
    assert len(data) < 20_000


def test_a_page_that_is_too_large_is_refused(tmp_path):
    much = nbformat.v4.new_markdown_cell("# 1. Much\n\nText.\n\n" + "much " * 400_000)
    nbformat.write(nbformat.v4.new_notebook(cells=[much]), tmp_path / "01_much.ipynb")
    with pytest.raises(ValueError, match=r"01_much.html has 2,\d+,\d+ bytes"):
        build_site.build(tmp_path, tmp_path / "site")


# in a browser


@needs_chromium
@every_page
def test_a_page_is_quiet_and_accessible(browser, site, name):
    with quiet_page(browser, (site / f"{name}.html").as_uri(), **PROJECTOR) as page:
        assert violations(page) == []
        assert sideways(page) <= 0


@needs_chromium
@every_page
def test_a_page_fits_a_phone(browser, site, name):
    with quiet_page(browser, (site / f"{name}.html").as_uri(), **PHONE) as page:
        page.evaluate("document.fonts.ready")
        next_frame(page)
        assert sideways(page) <= 0
        for formula in page.locator("main p math").all():  # in the text: nothing scrolls there
            box = formula.bounding_box()
            assert box["x"] + box["width"] <= 390
        reachable = "b => b.scrollWidth <= b.clientWidth || b.tabIndex === 0"
        assert page.locator(".scroll").evaluate_all(f"boxes => boxes.every({reachable})")


@needs_chromium
@pytest.mark.parametrize("name", ["index", LESSONS[0], LESSONS[-1]])
def test_a_page_is_accessible_in_the_dark(browser, site, name):
    dark = PROJECTOR | dict(color_scheme="dark")
    with quiet_page(browser, (site / f"{name}.html").as_uri(), **dark) as page:
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert sum(map(int, re.findall(r"\d+", paper))) < 100
        assert violations(page) == []


@needs_chromium
def test_formulas_are_drawn_with_the_font_that_the_page_brings(browser, site):
    with quiet_page(browser, (site / "07_evidence.html").as_uri(), **PROJECTOR) as page:
        page.evaluate("document.fonts.ready")
        assert page.evaluate("[...document.fonts].map((f) => f.status)") == ["loaded"]
        family = page.locator("math").first.evaluate("m => getComputedStyle(m).fontFamily")
        assert family.startswith('"STIX Two Math, signs of this course"')


@needs_chromium
def test_contents_open_where_there_is_room_and_follow(browser, site):
    address = (site / f"{LESSONS[0]}.html").as_uri()
    with quiet_page(browser, address, **PHONE) as page:
        assert not page.locator(".contents ol").is_visible()
    with quiet_page(browser, address, **PROJECTOR) as page:
        page.locator(".contents a").nth(2).click()
        page.wait_for_selector(".contents li:nth-child(3) a[aria-current]")


@needs_chromium
@pytest.mark.parametrize("where", [PROJECTOR, PHONE], ids=["projector", "phone"])
def test_every_widget_lives_in_the_last_lesson(browser, site, where):
    with quiet_page(browser, (site / f"{LESSONS[-1]}.html").as_uri(), **where) as page:
        page.wait_for_function(ALL_READY)
        kinds = page.locator("[data-widget]").evaluate_all("all => all.map(w => w.dataset.widget)")
        assert set(kinds) == set(widgets.__all__)
        assert violations(page) == [] and sideways(page) <= 0


LOOK = """() => [...document.querySelectorAll("[data-widget]")].map((widget) => {
    const parts = [...widget.querySelectorAll(":not(script)")];
    return parts.map((part) => {
        const style = getComputedStyle(part);
        const named = [...style].filter((name) => !/^--|origin/.test(name));
        const values = named.map((name) => `${name}: ${style.getPropertyValue(name)}`);
        return [`${part.tagName}.${part.getAttribute("class")}`, ...values];
    });
})"""


@needs_chromium
@pytest.mark.parametrize("where", [PROJECTOR, PHONE], ids=["projector", "phone"])
def test_widgets_look_alone_as_they_look_together(browser, site, tmp_path, where):
    fragments = soup(site, LESSONS[-1]).select("[data-widget]")
    fragments = {tag["data-widget"]: str(tag) for tag in fragments}
    assets = {kind: getattr(widgets, kind).assets() for kind in fragments}

    def looks(*kinds):
        body = "".join(assets[kind] for kind in kinds) + "".join(fragments[kind] for kind in kinds)
        path = tmp_path / "some.html"
        path.write_text(f"<!doctype html><meta charset=utf-8><body>{body}", encoding="utf-8")
        with quiet_page(browser, path.as_uri(), **where) as page:
            page.wait_for_function(ALL_READY)
            next_frame(page)
            return page.evaluate(LOOK)

    for kind, together in zip(fragments, looks(*fragments), strict=True):
        (alone,) = looks(kind)
        different = [(a, b) for a, b in zip(alone, together, strict=True) if a != b]
        assert len(alone) > 20 and not different, (kind, different[0])


@pytest.fixture(scope="module")
def decode():
    """What torch decodes from z with the model of the pads."""
    torch.manual_seed(0)
    model = VAE(450).eval()
    return lambda z: model.decode(torch.tensor([z]).float()).detach().flatten().numpy()


@needs_chromium
@pytest.mark.parametrize(
    ("where", "drag"),
    [(PROJECTOR, Opened.drag), (PHONE, Opened.touch_and_drag)],
    ids=["mouse", "finger"],
)
def test_pads_live_without_a_kernel(browser, pad_page, decode, where, drag):
    assert pad_page.read_text(encoding="utf-8").count('mount("LatentPad"') == 1
    with quiet_page(browser, pad_page.as_uri(), **where) as page:
        page.wait_for_function(ALL_READY)
        page.locator(".latent-map").first.scroll_into_view_if_needed()
        pad = Opened(page)
        drag(pad, "map", (0, 0), (0.3, 0.1), (1, -1))
        z, drawn = drawn_at(page)
        assert z == pytest.approx((1, -1), abs=0.02)
        np.testing.assert_allclose(drawn, decode(z), rtol=0, atol=1e-4)


@needs_chromium
def test_fifty_points_and_the_keys_in_a_page(browser, pad_page, decode):
    with quiet_page(browser, pad_page.as_uri(), **PROJECTOR) as page:
        pad = Opened(page)
        for z in np.random.default_rng(0).uniform(-3, 3, (50, 2)).tolist():
            pad.put(z=z)
            drawn = pad.line("[data-line=decoded]")
            np.testing.assert_allclose(drawn, decode(z), rtol=0, atol=1e-4)
        page.locator(".handle").first.focus()
        for key in ("Home", "ArrowRight", "Shift+ArrowDown"):
            page.keyboard.press(key)
        z, drawn = drawn_at(page)
    assert z[0] > 0 > z[1] and -z[1] == pytest.approx(10 * z[0])
    np.testing.assert_allclose(drawn, decode(z), rtol=0, atol=1e-4)
