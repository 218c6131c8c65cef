"""Every number in the prose of a lesson stands in an output or in the code of the same lesson.

What stands in neither is in numbers.toml, with the reason beside it.
"""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import nbformat
import pytest

HERE = Path(__file__)
LESSONS = {path.name[:2]: path for path in sorted(HERE.parents[2].glob("notebooks/[0-9]*.ipynb"))}
REASONS = tomllib.loads(HERE.with_name("numbers.toml").read_text(encoding="utf-8"))
NUMBER = re.compile(r"(?<![\w.])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(e-?\d+)?(?![\w]|\.\d)( ?%)?")
SMALL = 12  # whole numbers up to here are words: two models, three seeds
NOT_MEASURED = [
    r"(?ms)^## (References|Symbols).*?(?=^## |\Z)",
    r"(?ms)^```.*?^```|`[^`]*`",  # code
    r"(?m)\]\([^)]*\)|</?\w+>|(arXiv|doi):\S+|^\*Time: [^*]*\*",
    r"(?m)^#+ (Exercise )?\d+(\.\d+)?( \(\w+, \d+ min\))?|^\s*\d+\. ",  # headings and lists
    r"(?i)\b(section|exercise|notebook|record|beat number)s?\s\d+(\.\d+)?((, | and )\d+\.\d+)*",
    r"\b(1[89]\d\d|20(0[1-9]|[12]\d))s?\b",  # years
]
WRITTEN = {  # how TeX writes a number -> how Python does
    r"\{,\}": ",",
    r"\s*\\cdot\s*10\^\{?(-?\d+)\}?": r"e\1",
    r"\b10\^\{?(-\d+)\}?": r"1e\1",
    r"[_^](\{[^{}]*\}|\w)": " ",  # indices and exponents
    r"frac(\d)(\d)": r"frac \1 \2",
    r"(?<=[a-z])(?=\d)|[\\{}]": " ",
    r"(\d) (to|and|or) ([\d.]+ ?%)": r"\1 % \2 \3",
}


def numbers(text):
    """(as it is written, value, half a unit of its last digit) of every number in a text."""
    for match in NUMBER.finditer(text):
        whole, decimals, power, percent = (part or "" for part in match.groups())
        digits = whole.replace(",", "") + decimals + power
        half = 0.5000001 * float("1" + power) / 10 ** max(0, len(decimals) - 1)
        yield match[0], float(digits), half, bool(percent)


def told(notebook):
    """The numbers of the prose that somebody must have measured, computed or set."""
    text = "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    for pattern in NOT_MEASURED:
        text = re.sub(pattern, " ", text)
    for tex, plain in WRITTEN.items():
        text = re.sub(tex, plain, text)
    found = {number[0]: number for number in numbers(text)}.values()
    return [n for n in found if not (re.fullmatch(r"\d+( ?%)?", n[0]) and n[1] <= SMALL)]


def shown(notebook):
    """The values in the outputs and in what is written into figures; those typed in the code."""
    texts, typed = [], set()
    for cell in notebook.cells:
        if cell.cell_type == "markdown" or "maintainers" in cell.metadata.get("tags", ()):
            continue
        nodes = ast.walk(ast.parse(cell.source))
        for value in (node.value for node in nodes if isinstance(node, ast.Constant)):
            if isinstance(value, str) and re.fullmatch(r"[\d\s.,]+", value):
                typed |= {v for _, v, *_ in numbers(value)}  # a table typed as text
            elif isinstance(value, int | float):
                typed.add(abs(value))
        for output in cell.outputs:
            of_png = output.get("metadata", {}).get("image/png")
            lines = (output.get("text") or output.get("data", {}).get("text/plain", "")).split("\n")
            texts += lines if of_png is None else [*lines[1:], *of_png.get("texts", [])]  # no alt
    return {v for text in texts for _, v, *_ in numbers(text.replace("{,}", ","))}, typed


def stands_in(number, values):
    """Whether an output, rounded as the prose does, is this number; or exactly so in the code."""
    _, value, half, percent = number
    near = [(v, off) for part, off in zip(values, (half, 1e-9), strict=True) for v in part]
    return any(abs(k * v - value) <= off for v, off in near for k in (1, 1 + 99 * percent))


@cache
def lesson(name):
    notebook = nbformat.read(LESSONS[name], as_version=4)
    return told(notebook), shown(notebook)


@pytest.mark.parametrize("name", LESSONS)
def test_every_number_of_the_prose_stands_in_an_output_or_has_a_reason(name):
    prose, values = lesson(name)
    missing = {number[0]: number for number in prose if not stands_in(number, values)}
    assert sorted(missing) == sorted(REASONS[name])  # none that nobody needs any more
    for written, reason in REASONS[name].items():
        assert reason, written
        for elsewhere in re.findall(r"^notebook (\d+)", reason):
            assert stands_in(missing[written], lesson(f"{elsewhere:0>2}")[1]), written


@pytest.mark.parametrize(
    ("prose", "missing"),
    [
        ("PCA misses 0.0084 mV², about 0.008, of 50,625 samples.", []),
        ("PCA misses 0.0085 mV² of 50,626 samples.", ["0.0085", "50,626"]),
        ("26 % of it, or 26.4 %, not 26 to 27 %.", ["27 %"]),
        (r"$\beta = 4 \cdot 10^{-5}$, not $5 \cdot 10^{-5}$, $s^{99}$, $22{,}500$", ["5e-5"]),
        ("## 4.99 Two\n\nSection 4.98, notebook 77, in 2014, twelve: 12. `x[:99]`", []),
        ("### Exercise 4.99 (Write, 25 min)\n\nIn 25 beats?", ["25"]),
        ("### Exercise 4.99 (Write, 25 min)\n\nIn 12 beats?", []),
        ("1 model in 13, 0.065 drawn, 0.0781 by hand, 0.43 or 0.4 typed", ["13", "0.0781", "0.4"]),
    ],
)
def test_a_wrong_number_is_noticed(prose, missing):
    code = nbformat.v4.new_code_cell("beta, n, s = 4e-5, 22_500, 0.43\nprint(loss)  # 0.0781")
    code.outputs = [nbformat.v4.new_output("stream", text="loss 0.00841, 50,625 samples, 0.264\n")]
    data, of_png = {"text/plain": "13\n[Title] x: t"}, {"image/png": {"texts": ["0.0650"]}}
    code.outputs.append(nbformat.v4.new_output("display_data", data, metadata=of_png))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(prose), code])
    assert [n[0] for n in told(notebook) if not stands_in(n, shown(notebook))] == missing
