"""The guard that notebooks are compared under, and the tool that records them."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from ecgae_lib.widgets import LengthExplorer

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tiny_notebook():
    cell = nbformat.v4.new_code_cell("print(6 * 7)", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", text="42\n")]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})


def strict_run(folder, *options):
    """Run `pytest --nbval` under the project's guard; the text it prints."""
    shutil.copy(ROOT / "conftest.py", folder)
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env", *options]
    done = subprocess.run([*command, "."], cwd=folder, text=True, capture_output=True)
    return done.stdout + done.stderr


def test_only_a_cell_with_its_recorded_output_passes(tmp_path, tiny_notebook):
    nbformat.write(tiny_notebook, tmp_path / "right.ipynb")
    tiny_notebook.cells[0].outputs[0].text = "43\n"
    nbformat.write(tiny_notebook, tmp_path / "wrong.ipynb")
    printed = strict_run(tmp_path)
    assert "1 failed, 1 passed" in printed and "FAILED wrong.ipynb" in printed


SHOW = "from IPython.display import display\nx = {'text/plain': 'four bars', 'image/png': 'aaaa'}\n"
SHOW += "display(x, raw=True)"
BROKEN = [  # the source of a cell, what it printed or showed when recorded, what is said of it
    ("x = 2\nprint('a')\nprint(f'x: {x}')", "a\nx: 3", "print(f'x: {x}')  was 'x: 3'  now 'x: 2'"),
    ("print('a', 1)\nprint('b', 2)", "a 1", "print('b', 2)  was 'nothing'  now 'b 2'"),
    ("print('a')\nx = int()", "a\nb", "x = int()  was 'b'  now 'nothing'"),
    ("for k in 1, 0:\n    1 / k\nk", "", "1 / k  was 'nothing else'  now 'ZeroDivisionError"),
    ("x = = 2", "", "x = = 2  was 'nothing else'  now 'SyntaxError: invalid syntax"),
    (SHOW, {"text/plain": "five bars"}, "display(x, raw=True)  was 'five bars'  now 'four bars'"),
    (SHOW, {"text/plain": "four bars", "image/png": "bbbb"}, None),  # a plot is known by its facts
]


def test_a_failing_cell_is_told_by_its_statement_and_what_it_printed_then_and_now(tmp_path):
    cells = [nbformat.v4.new_markdown_cell("# Zero\n\n## 1.2 Halves\n\nare equal")]
    for number, (source, was, _) in enumerate(BROKEN, start=1):
        kind = dict(data=was) if isinstance(was, dict) else dict(text=was)
        output = nbformat.v4.new_output("stream" if "text" in kind else "display_data", **kind)
        outputs = [output] if was else []
        cells.append(nbformat.v4.new_code_cell(source, execution_count=number, outputs=outputs))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "lesson.ipynb")
    printed = strict_run(tmp_path, "-n", "2", "--dist", "loadfile")
    assert "6 failed, 1 passed" in printed and printed.count("what broke: ") == 6
    for number, (*_, said) in enumerate(BROKEN[:6], start=1):
        assert f"what broke: lesson, '1.2 Halves', In [{number}]: {said}" in printed


def test_a_cell_that_was_never_recorded_fails(tmp_path, tiny_notebook):
    tiny_notebook.cells.append(nbformat.v4.new_code_cell("1 + 1"))
    nbformat.write(tiny_notebook, tmp_path / "lesson.ipynb")
    result = strict_run(tmp_path, "--collect-only")
    assert "never recorded" in result


def test_recording_twice_gives_the_same_bytes_tags_and_repr_of_a_widget(tmp_path, tiny_notebook):
    """A view without a kernel would read "model not found"; its id changes with every run."""
    show = "from ecgae_lib.widgets import LengthExplorer\nwidget = LengthExplorer()\nwidget"
    tiny_notebook.cells[0].source = show
    tiny_notebook.cells[0].metadata = {"tags": ["predicted"], "collapsed": True}
    exact = nbformat.v4.new_code_cell("print(6 * 7)", metadata={"tags": ["maintainers"]})
    tiny_notebook.cells.append(exact)
    path = tmp_path / "lesson.ipynb"
    nbformat.write(tiny_notebook, path)
    stored = []
    for _ in range(2):
        subprocess.run([sys.executable, "-m", "tools.record", path], cwd=ROOT, check=True)
        stored.append(path.read_bytes())
    assert stored[0] == stored[1]
    cell, exact = nbformat.read(path, as_version=4).cells
    assert cell.metadata == {"tags": ["predicted"], "jupyter": {"outputs_hidden": True}}
    nothing, output = cell.outputs  # or JupyterLab shows the first line of what it folds
    assert nothing.data == {}
    assert set(output.data) == {"text/plain", "image/png"}  # the view would be "not found"
    assert output.data["text/plain"] == repr(LengthExplorer())
    folded = {"outputs_hidden": True, "source_hidden": True}
    assert exact.metadata == {"tags": ["maintainers"], "jupyter": folded}
