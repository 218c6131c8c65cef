"""The notebooks as texts: form, recorded outputs, and definitions that equal the helper's."""

import ast
import importlib
import itertools
import json
import pkgutil
import re
from collections import Counter
from functools import cache
from pathlib import Path

import nbformat
import pytest

import ecgae_lib

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(ROOT.glob("notebooks/[0-9]*.ipynb"))
SOLUTIONS = sorted(ROOT.glob("notebooks/solutions/[0-9]*.ipynb"))
TAUGHT = {
    "01": "bandpass r_peaks qrs_width windows split_by_time",
    "02": "conv_length conv_transpose_length",
    "03": "",
    "04": "Autoencoder FairStart LectureAutoencoder lecture_decoder lecture_encoder "
    "position_decoder position_encoder reconstruction_loss shrunken_lengths stretch train_epoch",
    "05": "LectureVAE VAE Variational beta_loss kl_to_standard_normal loss_function vae_loss",
    "06": "",
    "07": "elbo importance_weighted_bound log_evidence_grid log_joint_grid log_likelihood "
    "squared_distances",
    "08": "classifier_accuracy nearest_distances nearest_neighbour_accuracy "
    "nearest_neighbour_ratio precision_and_recall share_among",
    "09": "",
    "10": "",
    "11": "",
}
LONG_CELLS = "10_applications"  # a dozen rivals, each in full
EVERY = NOTEBOOKS + SOLUTIONS + sorted(ROOT.glob("notebooks/appendix/*.ipynb"))
every_notebook = pytest.mark.parametrize("path", EVERY, ids=lambda p: p.stem)
lesson = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


@cache
def cells(path, kind):
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == kind]


def code(path):
    return [c.source for c in cells(path, "code")]


@cache
def prose(path):
    return "\n\n".join(c.source for c in cells(path, "markdown"))


def outputs(path):
    return [o for c in cells(path, "code") for o in c.outputs]


def printed(path):
    return "".join(o.get("text", "") for o in outputs(path)).splitlines()


def checked(path):
    """The names of the checks that a notebook calls, in order."""
    return re.findall(r"^checks\.(\w+)", "\n".join(code(path)), re.MULTILINE)


def is_validator(statement):
    """Whether a statement is a bare call of check_something(...)."""
    call = getattr(statement, "value", None) if isinstance(statement, ast.Expr) else None
    name = getattr(call, "func", None) if isinstance(call, ast.Call) else None
    return isinstance(name, ast.Name) and name.id.startswith("check_")


def definitions(source):
    """{name: syntax tree} of the functions and classes at the top level, without docstrings.

    Neither do they hold what checks a function's arguments: a lesson needs none of that.
    """
    tree, kinds = ast.parse(source), ast.FunctionDef | ast.ClassDef
    for node in ast.walk(tree):
        if isinstance(node, kinds):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            node.body = list(itertools.dropwhile(is_validator, body)) or [ast.Pass()]
        if isinstance(node, ast.FunctionDef):
            doors = [d for d in node.decorator_list if ast.unparse(d).startswith("takes(")]
            node.decorator_list = [d for d in node.decorator_list if d not in doors]
    return {n.name: ast.dump(n) for n in tree.body if isinstance(n, kinds)}


@cache
def helper():
    """Every definition of ecgae_lib but the exercises' checks."""
    found = {}
    for module in pkgutil.iter_modules(ecgae_lib.__path__):
        if module.name != "checks":
            file = importlib.import_module(f"ecgae_lib.{module.name}").__file__
            found |= definitions(Path(file).read_text(encoding="utf-8"))
    return found


def test_there_are_notebooks_and_each_has_solutions():
    assert [p.name for p in NOTEBOOKS] == [p.name for p in SOLUTIONS]
    assert len(NOTEBOOKS) >= 3


@lesson
def test_what_a_notebook_teaches_equals_the_helper(path):
    here, there = definitions("\n\n".join(code(path))), helper()
    shared = here.keys() & there.keys()
    assert shared == set(TAUGHT[path.name[:2]].split())
    assert [name for name in sorted(shared) if here[name] != there[name]] == []


HELPER_S = '''
def half(x, k=1):
    """The helper's words."""
    check_signals(x)
    check_k(k)
    y = x / 2
    return y
'''


@pytest.mark.parametrize(
    ("change", "to", "equal"),
    [
        ("The helper's words", "The lesson's words", True),
        ("    check_signals(x)\n    check_k(k)\n", "", True),  # a lesson needs no validators
        ("    check_k(k)\n", "", True),
        ("x / 2", "x / 3", False),
        ("k=1", "k=2", False),
        ("    y = x / 2\n", "    y = x / 2\n    check_signals(y)\n", False),  # not leading
        ("check_k(k)", "x = check_k(k)", False),  # does more than validate
        ("check_k(k)", "draw_k(k)", False),
    ],
)
def test_a_drifted_definition_is_noticed(change, to, equal):
    assert change in HELPER_S
    assert (definitions(HELPER_S) == definitions(HELPER_S.replace(change, to))) == equal


@every_notebook
def test_no_lesson_holds_a_validator_that_it_does_not_explain(path):
    called = re.findall(r"\bcheck_\w+", "\n".join(code(path)))
    assert [name for name in called if f"`{name}`" not in prose(path)] == []


def test_a_concept_is_taught_only_once():
    names = Counter(" ".join(TAUGHT.values()).split())
    assert max(names.values()) == 1


@lesson
def test_parts_of_a_lesson(path):
    text, kinds = prose(path), [c.cell_type for c in nbformat.read(path, as_version=4).cells]
    assert kinds[0] == "markdown" and kinds.count("markdown") >= 0.4 * len(kinds)
    assert text.startswith(f"# {int(path.name[:2])}. ")
    goals = text.split("**In this notebook you will**")[1].split("*Time")[0]
    assert 3 <= goals.count("\n- ") <= 5
    assert re.search(r"\*Time: about \d+ minutes", text)
    for part in ("Predict", "Exercise", "## What you can now do", "## References"):
        assert part in text, part


# one lesson, one hour


MINUTES = 45  # of a lecture hour
OPTIONAL = r"(?ms)^## [^\n]*\n\n\(For a second reading.*?(?=^## )"


def stated_minutes(path):
    return int(re.search(r"\*Time: about (\d+) minutes", prose(path))[1])


def worked_cells(path):
    """The cells of the lecture hour, without the exercises and the five questions."""
    told = [c for c in nbformat.read(path, 4).cells if "checks." not in c.source]
    for cell in told:
        cell.source = re.sub(r"(?ms)^### Exercise.*|^## Five questions.*?(?=^## )", "", cell.source)
    return [cell for cell in told if cell.source.strip()]


def worked_minutes(path):
    """90 words and two code cells a minute; without what is optional."""
    told = [c.source if c.cell_type == "markdown" else "CODECELL" for c in worked_cells(path)]
    text = "\n\n".join(told).split("## References")[0]
    text = re.sub(OPTIONAL, "", text)
    text = re.sub(r"(?ms)^## Symbols.*?(?=^## )|```.*?```", "", text)
    text = re.sub(r"\$\$.*?\$\$", " f" * 6, text, flags=re.DOTALL)
    text = re.sub(r"\$[^$]*\$", " f ", text)
    words = [word for word in text.split() if re.search(r"\w", word)]
    cells = words.count("CODECELL")
    return (len(words) - cells) / 90 + cells / 2


@lesson
def test_a_lesson_lasts_one_hour(path):
    assert len(worked_cells(path)) <= 75
    assert stated_minutes(path) <= MINUTES
    assert 0.85 < worked_minutes(path) / stated_minutes(path) < 1.15


@lesson
def test_every_exercise_says_what_kind_it_is_and_how_long_it_takes(path):
    headings = re.findall(r"^### Exercise .*", prose(path), re.M)
    kinds = [re.search(r" \((Predict|Try|Write|Think), (\d+) min\)$", line) for line in headings]
    assert 4 <= len(kinds) <= 6 and all(kinds) and len({kind[1] for kind in kinds}) >= 3
    total = sum(int(kind[2]) for kind in kinds)
    assert f", and about {total} for the exercises" in prose(path)


@lesson
def test_five_questions_with_folded_answers_close_a_lesson(path):
    text = prose(path).split("## Five questions\n")[1].split("\n## ")[0]
    asked = re.findall(r"(?m)^(\d)\. .*\?$", text)
    folded = re.findall(r"<details><summary>Answer</summary>\n\n.{20,}?\n\n</details>", text, re.S)
    assert asked == list("12345") and len(folded) == 5


@lesson
def test_the_readme_lists_every_lesson_with_its_minutes(path):
    row = rf"^\| {int(path.name[:2])} \| \[(.*)\]\(notebooks/{path.name}\) \| .* \| (\d+) \|$"
    title, minutes = re.search(row, (ROOT / "README.md").read_text(encoding="utf-8"), re.M).groups()
    assert prose(path).startswith(f"# {int(path.name[:2])}. {title}\n")
    assert int(minutes) == stated_minutes(path)


@lesson
def test_a_lesson_says_what_comes_before_and_after(path):
    """What one must know, links to the neighbours, and to nothing that is not there."""
    at, text = NOTEBOOKS.index(path), prose(path)
    assert "**Before this lesson** you should know" in text.split("**In this notebook")[0]
    around = NOTEBOOKS[max(0, at - 1) : at] + NOTEBOOKS[at + 1 : at + 2]
    ends = text.split("## What you can now do")[1].split("## References")[0]
    assert re.findall(r"\]\((\w+\.ipynb)\)", ends) == [p.name for p in around]
    linked = re.findall(r"\]\(([\w/]+\.ipynb)\)", text)
    assert [name for name in linked if not (path.parent / name).exists()] == []


@lesson
def test_a_lesson_explains_its_symbols(path):
    table = prose(path).split("## Symbols\n\n")[1].split("\n\n")[0].splitlines()
    assert table[:2] == ["| symbol | meaning | unit or shape |", "|---|---|---|"]
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in table[2:]]
    assert len(rows) >= 5 and all(len(row) == 3 and all(map(str.strip, row)) for row in rows)


@every_notebook
def test_references_within_the_series_meet_something(path):
    headings = "\n".join(prose(p) for p in NOTEBOOKS)
    for number in re.findall(r"\b[Nn]otebooks? (\d+)", prose(path)):
        assert 1 <= int(number) <= len(NOTEBOOKS)
    for number in re.findall(r"\b[Ss]ections? (\d+\.\d+)", prose(path)):
        assert f"\n## {number} " in headings


@lesson
def test_sections_and_exercises_are_numbered_in_order(path):
    lesson = int(path.name[:2])
    for mark in ("##", "### Exercise"):
        numbers = re.findall(rf"^{mark} (\d+)\.(\d+)", prose(path), re.M)
        assert numbers == [(str(lesson), str(i + 1)) for i in range(len(numbers))]
        assert len(numbers) >= 2


@every_notebook
def test_code_cells_are_small_and_fit_the_projector(path):
    sizes = [len([line for line in c.splitlines() if line.strip()]) for c in code(path)]
    assert max(sizes) <= 20
    assert sorted(sizes)[len(sizes) // 2] <= (13 if path.stem == LONG_CELLS else 8)
    assert [line for c in code(path) for line in c.splitlines() if len(line) > 88] == []


@every_notebook
def test_outputs_are_recorded_in_order_and_without_errors(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    counts = [c.execution_count for c in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1))
    assert [o.output_type for o in outputs(path) if o.output_type == "error"] == []
    assert [o.text for o in outputs(path) if o.get("name") == "stderr"] == []


FOLDED = {  # what JupyterLab hides, by tag
    (): {},
    ("predicted",): {"outputs_hidden": True},
    ("maintainers",): {"outputs_hidden": True, "source_hidden": True},
}


@every_notebook
def test_cells_are_folded_just_as_their_tags_say(path):
    for cell in nbformat.read(path, as_version=4).cells:
        tags = tuple(cell.metadata.get("tags", ()))
        folded = {"tags": list(tags), "jupyter": FOLDED[tags]} if tags else {}
        slides = cell.metadata.pop("slideshow", {})
        assert cell.metadata == folded, cell.source
        assert slides.keys() <= {"slide_type", "questions"}, cell.source
        assert not tags or cell.cell_type == "code"


@lesson
def test_every_prediction_is_answered_and_nothing_gives_it_away_before(path):
    asked, faults = "", []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            for mark in re.findall(r"\*\*(?:Predict|Answer)|<summary>[^<]*Answer", cell.source):
                if asked and "Predict" in mark:
                    faults.append(f"not answered: {asked}")
                asked = cell.source.partition(mark)[2] if "Predict" in mark else ""
        elif asked and cell.outputs and "predicted" not in cell.metadata.get("tags", ()):
            faults.append(f"not folded: {cell.source}")
    assert faults + [f"not answered: {asked}"] * bool(asked) == []


@lesson
def test_jupyterlab_shows_no_first_line_of_what_it_folds(path):
    for cell in cells(path, "code"):
        empty = [output.get("data") == {} for output in cell.outputs]
        assert any(empty) == ("predicted" in cell.metadata.get("tags", ()))
        assert sum(empty) == sum(empty[:1])  # the first one, and no other


@lesson
def test_exact_numbers_are_for_maintainers(path):
    told, tagged = "", []
    for cell in nbformat.read(path, as_version=4).cells:
        told = cell.source if cell.cell_type == "markdown" else told
        if "maintainers" in cell.metadata.get("tags", ()):
            tagged.append(cell)
        is_exact = re.search(r"^## [\d.]+ (One exact number|Exact numbers)$", told, re.M)
        assert (cell in tagged) == bool(is_exact and cell.cell_type == "code"), cell.source
    assert tagged


@every_notebook
def test_every_figure_has_alt_text_and_labelled_axes(path):
    for output in outputs(path):
        of_png = output.get("metadata", {}).get("image/png", {})
        if "image/png" in output.get("data", {}) and not of_png.get("still"):
            alt = of_png["alt"]
            stated, *panels = output.data["text/plain"].splitlines()
            assert stated == alt and len(alt) > 30
            assert panels and not [p for p in panels if p.startswith("[]") or "x: ," in p]


@every_notebook
def test_nothing_is_loaded_from_elsewhere_or_skipped_in_silence(path):
    assert [c for c in code(path) if "http" in c] == []
    for cell in code(path):
        lines = [*cell.splitlines(), ""]
        for mark, reason in itertools.pairwise(lines):
            if "NBVAL" in mark:  # nbval reads the mark only if nothing else is on its line
                assert mark == "# NBVAL_IGNORE_OUTPUT" and reason.startswith("# because ")


def forms(path):
    """How each exercise is put: the call of its check, and the heads of the functions it takes."""
    trees = [ast.parse(source) for source in code(path) if "checks." in source]
    calls = {ast.unparse(node) for tree in trees for node in tree.body if type(node) is ast.Expr}
    heads = {
        f"{node.name}({ast.unparse(node.args)})"
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and f"({node.name}" in " ".join(calls)
    }
    return calls | heads


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda p: p.stem)
def test_every_exercise_is_solved(path):
    asked, answered = checked(path.parents[1] / path.name), checked(path)
    assert asked and asked == list(dict.fromkeys(answered))
    assert forms(path) >= forms(path.parents[1] / path.name)
    assert sum(line.startswith("Right. ") for line in printed(path)) == len(answered)
    assert not [line for line in printed(path) if line.startswith("Not")]


@lesson
def test_unsolved_exercises_say_so(path):
    told = [line for line in printed(path) if line.startswith("Not answered yet")]
    assert len(told) == len(checked(path))
