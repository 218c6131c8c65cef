"""What is made once: the browser of a process (Playwright cannot be started twice), the site."""

import os
import shutil

import pytest
from filelock import FileLock

from ecgae_lib.testing.browser import CHROMIUM, OPTIONS
from tests.site.built import EXTRA, FOLDER, LESSONS, LIVING, build, write_notebook

TEXT = r"""# 0. Two pads

Drag it, as in notebook 98 and notebook 99.  $\frac{L}{2} \log s$, $a \odot b$,
$0.1577 = 0.1571 + \texttt{nn.MSELoss()} \cdot 0.1049$
"""
PADS = [
    "import torch\nfrom ecgae_lib.generator import synthetic\nfrom ecgae_lib.models import VAE\n"
    "from ecgae_lib.widgets import LatentPad\n\ntorch.manual_seed(0)\nmodel = VAE(450).eval()",
    "LatentPad(model, synthetic(60, seed=1)[0])",
    "LatentPad(model, synthetic(60, seed=2)[0])",
]


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The site with a page of two pads; they and lesson 9 are alive."""
    folder = tmp_path_factory.getbasetemp()
    folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "course"
    with FileLock(f"{folder}.lock"):  # processes beside each other share it
        if not (folder / "site").exists():
            build_site(folder)
    return folder / "site"


def build_site(folder):
    shutil.copytree(FOLDER, folder / "notebooks")
    write_notebook(folder / "notebooks" / f"{EXTRA}.ipynb", TEXT, *PADS, tags=["predicted"])
    stored = [name for name in LESSONS if name != LIVING]
    build(folder / "notebooks", folder / "part", "--stored", *stored, check=True)
    os.replace(folder / "part", folder / "site")  # whole or not at all
