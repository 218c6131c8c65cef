"""A notebook of the test's own, open in JupyterLab with all its cells in the page."""

from contextlib import contextmanager

import nbformat

from ecgae_lib.testing.browser import PROJECTOR
from ecgae_lib.testing.lab import KERNEL, TOKEN, running_lab

RUN_ALL = "() => { jupyterapp.commands.execute('notebook:run-all-cells') }"


@contextmanager
def opened(browser, folder, cells):
    """The page, once its kernel is idle; nothing may fail in it while the context lasts."""
    kernel = dict(name="python3", display_name="Python 3", language="python")
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=dict(kernelspec=kernel))
    nbformat.write(notebook, folder / "widgets.ipynb")
    settings = folder / "CONFIG/lab/user-settings/@jupyterlab/notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    context = browser.new_context(**PROJECTOR)
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    with running_lab(folder) as address:
        page.goto(f"{address}/lab/tree/widgets.ipynb?token={TOKEN}")
        page.wait_for_function(f"window.jupyterapp?.{KERNEL}?.status === 'idle'", timeout=60_000)
        yield page
        context.close()
    assert faults == []
