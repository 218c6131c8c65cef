"""The notebooks read by pytest-notebook, as the way out should nbval die.

    python -m tools.second_reader notebooks/02_convolution_lengths.ipynb ...

Runs each from top to bottom, compares every output as nbval does, and stops at the first
notebook that differs, with the difference.  What JupyterLab folds carries an empty output in
front, which no run makes: it is left out.
"""

import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from pytest_notebook.nb_regression import NBRegressionFixture

IGNORED = (  # what nbval does not compare either
    "/metadata",
    "/cells/*/execution_count",
    "/cells/*/metadata",
    "/cells/*/outputs/*/execution_count",
    "/cells/*/outputs/*/traceback",
    "/cells/*/outputs/*/metadata",
    "/cells/*/outputs/*/data/image/png",
    "/cells/*/outputs/*/data/application/vnd.jupyter.widget-view+json",
)


def read(path, folder):
    """Raises AssertionError or the error of a cell where a run does not give what is stored."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("data") != {}]
    copy = folder / path.name
    nbformat.write(notebook, copy)
    reader = NBRegressionFixture(
        exec_cwd=str(path.parent.resolve()), exec_timeout=600, diff_ignore=IGNORED
    )
    reader.check(copy)


if __name__ == "__main__":
    # What an Output widget holds is stored in its cell.
    NotebookClient.register_output_hook = NotebookClient.remove_output_hook = lambda *_: None
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:]:
            read(Path(name), Path(folder))
            print("as stored:", name, flush=True)
