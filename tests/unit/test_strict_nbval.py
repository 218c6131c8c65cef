"""The guard that notebooks are compared under."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

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
