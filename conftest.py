"""Guards for `pytest --nbval`: notebooks are checked only against what was truly recorded.

Of a cell that fails, the last lines of the run say in one line each which lesson and which
statement it was, what it printed when it was recorded, and what it prints now.
"""

import ast
import os
import re
from itertools import zip_longest

import matplotlib
import pytest

os.environ["TQDM_DISABLE"] = "1"  # a moving bar cannot be compared
for library in ("OMP", "OPENBLAS"):  # kernels beside each other must not fight for the cores
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
matplotlib.use("Agg")


def pytest_collection_modifyitems(items):
    """Fail where nbval would pass a cell unchecked because it was never run and stored."""
    for item in items:
        cell = getattr(item, "cell", None)
        if cell is not None and cell.get("execution_count") is None:
            raise pytest.UsageError(
                f"{item.nodeid} was never recorded, so there is nothing to compare: make record"
            )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and getattr(item, "test_outputs", None) is not None:
        report.user_properties.append(("what broke", what_broke(item)))
    return report


def pytest_terminal_summary(terminalreporter):
    for report in terminalreporter.getreports("failed"):
        for name, line in report.user_properties:
            terminalreporter.write_line(f"{name}: {line}")


def what_broke(item):
    """Lesson, section, cell and statement; the first line that differs, as it was and as it is."""
    cells, cell = item.parent.nb.cells, item.cell
    above = [c.source for c in cells[: cells.index(cell)] if c.cell_type == "markdown"]
    section = (re.findall(r"^#+ (.*)", "\n".join(above), re.MULTILINE) or [""])[-1]
    pairs = zip_longest(lines(cell.outputs), lines(item.test_outputs), fillvalue="nothing")
    was, now = next(
        (pair for pair in pairs if pair[0] != pair[1]), ("nothing else", "the same again")
    )
    errors = [output for output in item.test_outputs if output.output_type == "error"]
    if errors:
        now = f"{errors[0].ename}: {errors[0].evalue}"
        code = statement_that_raised(cell.source, "\n".join(errors[0].traceback))
    else:
        code = statement_that_prints(cell.source, now if was == "nothing" else was)
    where = f"{item.path.stem}, {section!r}, In [{cell.execution_count}]"
    return f"{where}: {code}  was {was!r}  now {now!r}"


def lines(outputs):
    """What nbval compares, line by line: what was printed first, then what was displayed."""
    texts = dict.fromkeys(("stdout", "stderr", "text/plain", "text/html", "text/latex"), "")
    for output in outputs:
        for kind, text in output.get("data", {output.get("name"): output.get("text")}).items():
            if kind in texts:
                texts[kind] += text
    return "\n".join(filter(None, texts.values())).splitlines()


def statement_that_prints(source, line):
    """Of the calls of print that can print this line the one with most of its words.

    Where there is none, a helper printed it or it was displayed: the last statement does that.
    """
    words = {}
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        texts = [text for argument in call.args for text in [*literals(argument), " "]][:-1]
        if ast.unparse(call.func) == "print" and re.fullmatch("".join(texts), line):
            words[ast.unparse(call)] = len("".join(texts).replace(".*", ""))
    return max(words, key=words.get, default=ast.unparse(ast.parse(source).body[-1]).split("\n")[0])


def literals(argument):
    """A pattern of what an argument prints: its words, and .* for what is computed."""
    parts = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
    return [re.escape(str(p.value)) if isinstance(p, ast.Constant) else ".*" for p in parts]


def statement_that_raised(source, traceback):
    """The line of the cell in which the error came up, at the top of what IPython shows."""
    number = re.search(r"-> (\d+)|line (\d+)", re.sub(r"\x1b\[[\d;]*m", "", traceback))
    return source.splitlines()[int(number[1] or number[2]) - 1].strip() if number else source
