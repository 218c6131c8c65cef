"""What docs/ says is what the lessons hold: minutes, sections, exercises, numbers, terms, cells."""

import re
import tomllib
from functools import cache
from pathlib import Path

import nbformat
import pytest
import yaml

import ecgae_lib
from tests.unit import test_numbers
from tests.unit.test_notebooks import code, prose, stated_minutes

ROOT = Path(__file__).parents[2]
LESSONS = {int(number): path for number, path in test_numbers.LESSONS.items()}
TEACHING, ERRATA = (
    (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("teaching", "errata")
)
TERMS = tomllib.loads((ROOT / "docs" / "glossary.toml").read_text(encoding="utf-8"))
every_lesson = pytest.mark.parametrize("number", LESSONS)


def items(text, heading=r"^## .*$"):
    """What stands below each heading of the second level."""
    return re.split(heading, text, flags=re.MULTILINE)[1:]


def rows(text, heading):
    """The rows of the table below a heading, or of the one that begins with it."""
    lines = text.split(heading)[1].split("\n|---")[1].split("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@cache
def numbered():
    """Every section and every exercise of the course: "4.13"."""
    headings = "\n".join(prose(path) for path in LESSONS.values())
    return set(re.findall(r"^##+ (?:Exercise )?(\d+\.\d+)", headings, re.MULTILINE))


@cache
def section_code():
    """Section -> its code cells, one after another."""
    found, section = {}, ""
    for path in LESSONS.values():
        for cell in nbformat.read(path, as_version=4).cells:
            headings = re.findall(r"^## (\d+\.\d+)", cell.source, re.MULTILINE)
            section = headings[-1] if headings and cell.cell_type == "markdown" else section
            if cell.cell_type == "code":
                found[section] = found.get(section, "") + cell.source + "\n"
    return found


def foreign(text, lessons):
    """The numbers of a text that stand in none of these lessons, in prose, output or code."""
    known = dict.fromkeys(numbered(), " ")
    text = re.sub(r"\d+\.\d+", lambda match: known.get(match[0], match[0]), text)
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    of_lessons = [test_numbers.lesson(f"{lesson:02}") for lesson in lessons]
    told = {value for numbers, _ in of_lessons for _, value, *_ in numbers}
    return [
        number[0]
        for number in test_numbers.told(page)
        if number[1] not in told
        and not any(test_numbers.stands_in(number, shown) for _, shown in of_lessons)
    ]


# the lecturer's guide, and where the course departs from the lecture


@every_lesson
def test_the_guide_knows_each_lesson(number):
    name, minutes, _, exercises, widgets = rows(TEACHING, "| lesson | minutes |")[number - 1]
    title = re.match(r"# (\d+)\. (.*)", prose(LESSONS[number]))
    assert name == f"{title[1]} {title[2]}" and f"\n## {title[1]}. {title[2]}\n" in TEACHING
    assert int(minutes) == stated_minutes(LESSONS[number])
    asked = re.findall(r"^### Exercise ([\d.]+)", prose(LESSONS[number]), re.MULTILINE)
    assert exercises == f"{asked[0]} to {asked[-1]}"
    assert widgets in ("none", "all six") or f"{widgets}(" in "".join(code(LESSONS[number]))


@pytest.mark.parametrize(("plan", "minutes"), [("### One hour", 45), ("### A double hour", 90)])
def test_a_plan_fills_its_time(plan, minutes):
    assert sum(int(row[0]) for row in rows(TEACHING, plan)) == minutes


@pytest.mark.parametrize("text", [TEACHING, ERRATA], ids=["teaching", "errata"])
def test_what_is_named_by_number_exists(text):
    text = re.sub(r"`[^`]*`", " ", text)  # code
    named = re.findall(r"(?<![\d.])(?:[1-9]|1[01])\.\d\d?(?![\d.]| (?:s|nats|mV)\b)", text)
    assert len(named) > 20 and set(named) <= numbered()


@every_lesson
def test_the_guide_quotes_numbers_of_its_lesson(number):
    assert foreign(items(TEACHING, r"^## \d+\. .*$")[number - 1], [number]) == []


@pytest.mark.parametrize("item", items(ERRATA), ids=re.findall("^## (.*)", ERRATA, re.M))
def test_a_departure_is_shown_by_a_cell_and_quotes_its_numbers(item):
    shown = item.split("\nShown in ")[1:] or [item.split("\nThe lecture does not")[1]]
    sections = re.findall(r"section ((\d+)\.\d+)((?:(?!section \d).)*)", shown[0], re.DOTALL)
    for section, _, cells in sections:
        snippets = [" ".join(snippet.split()) for snippet in re.findall(r"`([^`]+)`", cells)]
        assert snippets and [s for s in snippets if s not in section_code()[section]] == []
    assert foreign(item, [int(lesson) for _, lesson, _ in sections] or LESSONS) == []


# the glossary


@cache
def words(number):
    """The running text of a lesson up to its table of symbols, without code and formulas."""
    text = prose(LESSONS[number]).split("## Symbols")[0]
    text = re.sub(r"```.*?```|`[^`]*`|\$[^$]*\$|\]\([^)]*\)|\*\*", " ", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("name", TERMS)
def test_a_term_stands_in_the_lesson_that_explains_it(name):
    term = TERMS[name]
    assert set(term) <= {"slovene", "suggested", "symbol", "meaning", "lesson", "words"}
    assert re.fullmatch(r"[A-Z][^.]*(\d\.\d+[^.]*)?\.", term["meaning"])  # a sentence
    forms = "|".join(map(re.escape, term.get("words", [name])))
    assert re.search(rf"(?i)\b({forms})s?\b", words(term["lesson"]))


def test_terms_are_in_alphabetical_order_and_no_word_belongs_to_two():
    assert list(TERMS) == sorted(TERMS, key=str.lower)
    forms = [form.lower() for name, term in TERMS.items() for form in term.get("words", [name])]
    assert len(forms) == len(set(forms)) and len(TERMS) >= 60


def test_every_slovene_word_of_the_lessons_is_in_the_glossary():
    """They stand in brackets and in italics, alone or after a short form: (ELBO, *...*; 2014)."""
    text = " ".join(map(words, LESSONS))
    brackets = re.findall(r"\((?:\w+, )?(\*[^()*.]+\*(?:, (?:also )?\*[^()*.]+\*)*)[;)]", text)
    in_italics = {word for bracket in brackets for word in re.findall(r"\*([^*]+)\*", bracket)}
    known = {word for term in TERMS.values() for word in term.get("slovene", ())} | set(TERMS)
    assert len(in_italics) > 20 and in_italics <= known


# the repository


def test_the_citation_names_this_version_and_its_licence():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert {"cff-version", "message", "title", "authors"} <= set(citation)  # what CFF asks for
    assert (citation["version"], citation["license"]) == (ecgae_lib.__version__, "MIT")
    dates = re.findall(r"^## .*(\d{4}-\d\d-\d\d)$", changes, re.MULTILINE)
    assert str(citation["date-released"]) == max(dates) and dates == sorted(dates, reverse=True)


def workflow(name):
    text = (ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8")
    parsed = yaml.load(text, yaml.BaseLoader)  # as YAML 1.2 does: "on" is no boolean
    (job,) = parsed["jobs"].values()
    return parsed["on"], "\n".join(step.get("run", "") for step in job["steps"])


def test_workflows_run_what_a_clone_runs():
    when, commands = workflow("ci.yml")
    assert set(when) == {"push", "pull_request"} and ".ci/run" in commands
    when, commands = workflow("weekly.yml")
    assert set(when) == {"schedule", "workflow_dispatch"} and "make test-all" in commands
    assert "--upgrade" in commands and "-c constraints.txt" not in commands
