"""Run notebooks from top to bottom and store their outputs, without anything volatile.

    python -m tools.record notebooks/01_heartbeats.ipynb ...

A second run leaves every file unchanged.
"""

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from ecgae_lib.saving import keep_pictures

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
FOLDED = {  # what JupyterLab hides on opening a cell with this tag; running it unfolds the output
    "predicted": {"outputs_hidden": True},
    "maintainers": {"outputs_hidden": True, "source_hidden": True},
}
# Put first, or JupyterLab shows the first line of what it folds; nbval compares nothing of it.
NOTHING = nbformat.v4.new_output("display_data")


def run(path, **environment):
    """The notebook at `path` with what its cells give.  environment: variables of its kernel."""
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(path.parent)}}
    settings = dict(kernel_name="python3", coalesce_streams=True)  # one text per cell
    client = NotebookClient(notebook, timeout=300, resources=where, **settings)
    client.widget_registry = {}  # what an Output widget holds is stored in its cell
    return client.execute(env=os.environ | {"TQDM_DISABLE": "1"} | environment)


def record(path):
    notebook = run(path)
    clean(notebook)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def clean(notebook):
    """Keep what teaches and is compared: sources, outputs, counts, tags, slides; fold by tag."""
    notebook.metadata = nbformat.from_dict(METADATA)
    keep_pictures(dict(type="notebook", content=notebook))
    for number, cell in enumerate(notebook.cells):
        cell.metadata = nbformat.from_dict(metadata_of(cell.metadata))
        cell.id = f"cell-{number:03d}"
        if "predicted" in cell.metadata.get("tags", []) and cell.outputs[:1] != [NOTHING]:
            cell.outputs.insert(0, NOTHING)


def metadata_of(given):
    """The metadata of a cell: its tags, what is folded because of them, and its slides."""
    tags = given.get("tags", [])
    folded = {key: value for tag in tags for key, value in FOLDED.get(tag, {}).items()}
    kept = dict(jupyter=folded, slideshow=given.get("slideshow"), tags=tags)
    return {key: value for key, value in kept.items() if value}


if __name__ == "__main__":
    for name in sys.argv[1:]:
        record(Path(name))
        print("recorded", name)
