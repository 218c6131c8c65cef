"""A film that grows in JupyterLab while a model trains in the kernel behind it."""

import nbformat
import numpy as np
import pytest
import torch

from ecgae_lib.beats import synthetic
from ecgae_lib.models import Autoencoder
from ecgae_lib.testing.browser import PROJECTOR, needs_chromium, next_frame
from ecgae_lib.testing.lab import KERNEL, TOKEN, running_lab
from ecgae_lib.training import fit
from tests.browser.pages import WIDGET, voltages
from tests.lab.test_latent_pad import asked, run

pytestmark = needs_chromium
EPOCHS = 12
SHOW = """import torch; torch.set_num_threads(1)
from ecgae_lib.beats import synthetic
from ecgae_lib.models import Autoencoder
from ecgae_lib.training import fit
from ecgae_lib.widgets import TrainingFilm
torch.manual_seed(0); model, train = Autoencoder(450), synthetic(400, seed=1)[0]
film = TrainingFilm(model, train)
film"""
TRAIN = f"fit(model, train.x, epochs={EPOCHS}, on_epoch=film.add)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def page(browser, folder):
    """A notebook, run, with the film on screen and a model that has not been trained."""
    kernel = dict(name="python3", display_name="Python 3", language="python")
    cell = nbformat.v4.new_code_cell(SHOW)
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=dict(kernelspec=kernel))
    nbformat.write(notebook, folder / "film.ipynb")
    context = browser.new_context(**PROJECTOR)
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    with running_lab(folder) as address:
        page.goto(f"{address}/lab/tree/film.ipynb?token={TOKEN}")
        page.wait_for_function(f"window.jupyterapp?.{KERNEL}?.status === 'idle'", timeout=60_000)
        page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
        page.wait_for_selector(
            ".ecgae-training-film [data-line=decoded][d]", timeout=60_000, state="attached"
        )
        yield page
    assert faults == []
    context.close()


def test_the_film_grows_while_the_model_trains_and_may_be_scrubbed_meanwhile(page, folder):
    page.evaluate(f"code => {{ jupyterapp.{KERNEL}.requestExecute({{ code }}) }}", TRAIN)
    page.wait_for_function(f"{WIDGET}.last >= 2")
    assert page.evaluate(f"jupyterapp.{KERNEL}.status") == "busy"
    assert 2 <= page.evaluate(f"{WIDGET}.last") < EPOCHS
    page.evaluate(f"{WIDGET}.go(1)")  # as the slider does
    page.wait_for_function(f"{WIDGET}.last === {EPOCHS}", timeout=60_000)
    next_frame(page)
    assert page.text_content(".ecgae-training-film .ecgae-now") == "epoch 1"
    run(page, "pass")
    assert asked(page, folder, "film.epoch") == 1
    assert asked(page, folder, "film.epochs") == list(range(EPOCHS + 1))


def test_what_is_drawn_in_the_end_is_what_a_training_without_a_film_gives(page, folder):
    """So neither the film nor the hand on it has disturbed the training."""
    torch.manual_seed(0)
    model, train = Autoencoder(450), synthetic(400, seed=1)[0]
    fit(model, train.x, epochs=EPOCHS)
    run(page, "film.epoch = None; film.picked = film.followed[-1]")
    beat = asked(page, folder, "film.picked")
    page.wait_for_function(f"{WIDGET}.model.get('picked') === {beat}")
    next_frame(page)
    with torch.no_grad():
        x_hat = model(train.x[beat : beat + 1])[0][0, 0].numpy()
    drawn = voltages(page, "[data-line=decoded]")
    np.testing.assert_allclose(drawn, x_hat, rtol=0, atol=2e-3)
