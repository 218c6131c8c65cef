"""The tool that records notebooks."""

import subprocess
import sys

import nbformat

from ecgae_lib.widgets import LengthExplorer
from tests.unit.test_strict_nbval import ROOT, tiny_notebook


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
