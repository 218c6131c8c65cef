"""What is made once: the browser of a process (Playwright cannot be started twice), the
site, the slides."""

import os
import shutil

import pytest
import torch
from filelock import FileLock
from hypothesis import settings

from ecgae_lib.testing.browser import CHROMIUM, OPTIONS
from tests.site.built import EXTRA, FOLDER, STORED, build, write_notebook

# How long an example takes says something of the machine, and of what else runs on it.
settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")
torch.set_num_threads(1)  # two processes test beside each other

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
    return made_once(tmp_path_factory, "site", build_site)


@pytest.fixture(scope="session")
def slides(tmp_path_factory):
    """All decks and their PDFs; lesson 9 is alive."""
    return made_once(tmp_path_factory, "slides", build_slides)


def made_once(tmp_path_factory, name, make):
    """The folder `name`; the first process that wants it calls make(where, parent)."""
    folder = tmp_path_factory.getbasetemp()
    folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "course"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / f"{name}.lock"):
        if not (folder / name).exists():
            make(folder / f"part-{name}", folder)
            os.replace(folder / f"part-{name}", folder / name)  # whole or not at all
    return folder / name


def build_site(target, folder):
    shutil.copytree(FOLDER, folder / "notebooks")
    write_notebook(folder / "notebooks" / f"{EXTRA}.ipynb", TEXT, *PADS, tags=["predicted"])
    build(folder / "notebooks", target, "--stored", *STORED, check=True)


def build_slides(target, folder):
    build(FOLDER, target, "--stored", *STORED, tool="slides", check=True)
