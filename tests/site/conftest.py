"""One site for all tests of a process: its last lesson and the pads of the tests are alive."""

import shutil

import pytest

from tests.site.built import EXTRA, FOLDER, LESSONS, build, write_notebook

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
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(FOLDER, folder / "notebooks")
    write_notebook(folder / "notebooks" / f"{EXTRA}.ipynb", TEXT, *PADS, tags=["predicted"])
    build(folder / "notebooks", folder / "site", "--stored", *LESSONS[:-1], check=True)
    return folder / "site"
