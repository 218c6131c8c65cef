"""The guard that notebooks are compared under, and the tool that records them."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from ecgae_lib.widgets import LengthExplorer

ROOT = Path(__file__).parents[2]


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


def test_only_a_cell_with_its_recorded_output_passes(tmp_path):
    notebook = tiny_notebook()
    nbformat.write(notebook, tmp_path / "right.ipynb")
    notebook.cells[0].outputs[0].text = "43\n"
    nbformat.write(notebook, tmp_path / "wrong.ipynb")
    printed = strict_run(tmp_path)
    assert "1 failed, 1 passed" in printed and "FAILED wrong.ipynb" in printed


def test_a_cell_that_was_never_recorded_fails(tmp_path):
    notebook = tiny_notebook()
    notebook.cells.append(nbformat.v4.new_code_cell("1 + 1"))
    nbformat.write(notebook, tmp_path / "lesson.ipynb")
    result = strict_run(tmp_path, "--collect-only")
    assert "never recorded" in result


def test_recording_twice_gives_the_same_bytes_tags_and_repr_of_a_widget(tmp_path):
    """A view without a kernel would read "model not found"; its id changes with every run."""
    show = "from ecgae_lib.widgets import LengthExplorer\nwidget = LengthExplorer()\nwidget"
    notebook = tiny_notebook()
    notebook.cells[0].source = show
    notebook.cells[0].metadata = {"tags": ["predicted"], "collapsed": True}
    exact = nbformat.v4.new_code_cell("print(6 * 7)", metadata={"tags": ["maintainers"]})
    notebook.cells.append(exact)
    path = tmp_path / "lesson.ipynb"
    nbformat.write(notebook, path)
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
