"""What the web pages hold, against the notebooks."""

import re
import tomllib
from itertools import pairwise
from urllib.parse import urldefrag, urljoin

import pytest

from ecgae_lib import widgets
from tests.site.built import (
    EXTRA,
    LESSONS,
    LIVING,
    PAGES,
    ROOT,
    build,
    cells,
    every_notebook,
    every_page,
    soup,
    write_notebook,
)


def test_every_notebook_has_a_page_and_lessons_are_linked(site):
    pages = [path.relative_to(site).as_posix() for path in site.rglob("*.*")]
    assert sorted(pages) == sorted(f"{name}.html" for name in [EXTRA, *PAGES])
    linked = [a["href"] for a in soup(site, "index").select(".cards a")]
    assert linked == [f"{name}.html" for name in LESSONS]
    numbers = [a.text for a in soup(site, LESSONS[0]).select(".top nav a")]
    assert numbers == [str(n + 1) for n in range(len(LESSONS))]
    for name in LESSONS:
        assert soup(site, name).select(f'main a[href="solutions/{name}.html"]')
        assert soup(site, f"solutions/{name}").select(f'.on a[href="../{name}.html"]')
    for before, after in pairwise(LESSONS):
        assert soup(site, before).select_one(".after")["href"] == f"{after}.html"
        assert soup(site, after).select_one(".before")["href"] == f"{before}.html"


@every_page
def test_links_stay_in_the_site_and_meet_something(site, name):
    parsed = soup(site, name)
    for link in parsed.select("a"):
        target, anchor = urldefrag(urljoin(f"{name}.html", link["href"]))
        assert target in [f"{page}.html" for page in PAGES]
        assert soup(site, target.removesuffix(".html")).find(id=anchor or "main"), link
    ids = [tag["id"] for tag in parsed.select("[id]")]
    assert len(ids) == len(set(ids))


@every_page
def test_a_page_needs_no_other_host_and_no_kernel(site, name):
    text = (site / f"{name}.html").read_text(encoding="utf-8")
    assert re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//[^"')\s]*""", text) == []
    assert "application/vnd.jupyter" not in text and "require(" not in text
    assert not soup(site, name).select("[src]:not(img), link, iframe, object")


@every_notebook
def test_code_and_what_it_gave_are_complete(site, name):
    parsed, code = soup(site, name), cells(name, "code")
    in_order = iter([block.text for block in parsed.select("pre.code")])
    assert [c.source for c in code if c.source not in in_order] == []
    printed = [o.text.rstrip() for c in code for o in c.outputs if o.output_type == "stream"]
    shown = [p.text for p in parsed.select("pre.output")]
    assert [text for text in printed if text not in shown] == []
    figures = [
        o.metadata["image/png"] for c in code for o in c.outputs if "image/png" in o.get("data", {})
    ]
    living = parsed.select("[data-widget]")  # where they are, their still pictures are not
    images = parsed.select("img")
    assert [i["alt"] for i in images] == [
        f["alt"] for f in figures if not (living and f.get("still"))
    ]
    assert all(100 < int(i[side]) < 3000 for i in images for side in ("width", "height"))


@every_notebook
def test_what_was_to_be_predicted_and_what_is_for_maintainers_is_folded(site, name):
    given = {c.id: [o for o in c.outputs if o.get("data") != {}] for c in cells(name, "code")}
    tagged = [c for c in cells(name, "code") if c.metadata.get("tags") and given[c.id]]
    folded = soup(site, name).select("details.predicted, details.maintainers")
    assert len(folded) == len(tagged) and not any("open" in part.attrs for part in folded)
    for part, cell in zip(folded, tagged, strict=True):
        code = part.select_one("pre.code") or part.find_previous_sibling()
        assert part["class"] == cell.metadata["tags"] and code.text == cell.source
        assert len(part.select(".output, .figure")) == len(given[cell.id]) > 0
        outside = part.find_next_sibling()
        assert "output" not in outside.get("class", []) and outside.name != "img"


@every_notebook
def test_contents_name_every_section_in_order(site, name):
    sections = re.findall(r"^## (.*)", "\n".join(c.source for c in cells(name, "markdown")), re.M)
    parsed = soup(site, name)
    anchors = [a["href"] for a in parsed.select(".contents li a")]
    assert anchors == [f"#{heading['id']}" for heading in parsed.select("main h2")]
    for anchor, section in zip(anchors, sections, strict=True):
        number = re.match(r"(?:Exercise )?(\d+\.\d+)", section)
        assert number is None or anchor in (f"#{number[1]}", f"#exercise-{number[1]}")


def test_prose_links_to_notebooks_and_sections_that_exist(site):
    parsed = soup(site, "05_variational_autoencoder")
    assert parsed.find("a", string="Section 6.4")["href"] == "06_what_beta_is.html#6.4"
    assert parsed.find("a", string="Notebook 7")["href"] == "07_evidence.html"
    assert not soup(site, EXTRA).select("main p a")


NOT_PROSE = ["a", "code", "h1", "h2", "h3", "math", "pre", "summary", "title"]


@pytest.mark.parametrize("name", LESSONS)
def test_a_term_is_linked_where_a_lesson_first_uses_it(site, name):
    for link in soup(site, name).select("a.term"):
        assert link.find_parent("main") and not link.parent.find_parents(NOT_PROSE)
        assert link.parent.name not in NOT_PROSE
        word = re.compile(rf"(?<![\w-]){re.escape(link.text)}(?![\w-])")
        before = [
            text
            for text in link.find_all_previous(string=word)
            if text.find_parent("main") and not text.find_parent(NOT_PROSE)
            and not text.find_parent(class_="output") and "for heartbeats" not in text
        ]  # fmt: skip
        assert before == []


def test_the_glossary_leads_to_the_first_use_of_every_term_and_back(site):
    terms = tomllib.loads((ROOT / "docs" / "glossary.toml").read_text(encoding="utf-8"))
    entries = soup(site, "glossary").select("dl.glossary > div")
    assert [entry.dt.contents[0].strip() for entry in entries] == list(terms)
    for entry, term in zip(entries, terms.values(), strict=True):
        page, anchor = urldefrag(entry.select_one("dd a")["href"])
        back = soup(site, page.removesuffix(".html")).find(id=anchor)
        assert back["href"] == f"glossary.html#{entry['id']}" and back["title"] == term["meaning"]
        assert int(page[:2]) == term["lesson"] and bool(entry.math) == ("symbol" in term)


def test_widgets_are_in_the_page_and_their_script_and_what_they_share_once(site):
    kinds = {tag["data-widget"] for tag in soup(site, LIVING).select("[data-widget]")}
    assert kinds == set(widgets.__all__)
    text = (site / f"{EXTRA}.html").read_text(encoding="utf-8")
    assert text.count("LatentPad: module") == 1 and text.count('data-widget="LatentPad"') == 2
    for name in (EXTRA, LIVING):
        packed = re.findall(
            r'"([\w+/=]{200,})"', (site / f"{name}.html").read_text(encoding="utf-8")
        )
        assert len(packed) == len(set(packed)) >= 4


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("x" * 1_360_000, {}, r"01_test\.html has 1,\d+,\d+ bytes"),
        (r"$x + \nosuchcommand$", {}, r"01_test\.ipynb: the formula x \+ \\nosuchcommand"),
        ("$x$", dict(env={"PATH": ""}), "npm ci --prefix tools/site"),
    ],
    ids=["too large", "unknown command", "no node"],
)
def test_what_cannot_be_built_is_named(tmp_path, text, settings, message):
    write_notebook(tmp_path / "01_test.ipynb", f"# 1. A test\n\nText.\n\n{text}")
    done = build(tmp_path, tmp_path / "site", capture_output=True, **settings)
    assert done.returncode != 0 and re.search(message, done.stderr), done.stderr
