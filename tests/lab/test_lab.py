"""Widgets in JupyterLab itself, with one kernel behind all of them."""

import json
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch

from ecgae_lib.generator import synthetic
from ecgae_lib.models import VAE, Autoencoder
from ecgae_lib.testing.browser import PROJECTOR, drawn_at, mouse_to, needs_chromium, next_frame
from ecgae_lib.testing.lab import KERNEL, SAVING
from ecgae_lib.training import fit
from tests.browser.pages import points_of
from tests.lab.opened import RUN_ALL, opened
from tests.unit.maps import decoded

pytestmark = needs_chromium
ROOT = Path(__file__).parents[2]
EPOCHS = 12
SHOW = [
    """import json, torch; torch.set_num_threads(1)
from ecgae_lib.generator import synthetic
from ecgae_lib.models import VAE, Autoencoder
from ecgae_lib.training import fit
from ecgae_lib.widgets import KLExplorer, LatentPad, LengthExplorer, TrainingFilm
torch.manual_seed(0); first, second = VAE(450), VAE(450)
pad = LatentPad(first, synthetic(60, seed=1)[0])
pad""",
    "lengths = LengthExplorer(length=10, kernel_size=3, stride=2, padding=1)\nlengths",
    "cloud = KLExplorer(mu=1, sigma=0.8)\ncloud",
    """torch.manual_seed(0); model, train = Autoencoder(450), synthetic(400, seed=1)[0]
film = TrainingFilm(model, train)
film""",
]
FOLDED = ".jp-OutputPlaceholder"
FILM = "document.querySelector('.ecgae-training-film').widget"


class Notebook:
    """The page of a notebook, run, and the kernel behind it."""

    def __init__(self, page, folder):
        self.page, self.folder = page, folder

    def run(self, code, wait=True):
        """Run code in the kernel; wait for its end unless told otherwise."""
        done = f"jupyterapp.{KERNEL}.requestExecute({{ code }})"
        self.page.evaluate(f"async (code) => {{ {f'await {done}.done' if wait else done} }}", code)

    def ask(self, expression):
        """The value of an expression in the kernel, once the page's last save has arrived."""
        self.page.wait_for_timeout(300)  # longer than the pause between two saves
        self.run(f"open('answer.json', 'w').write(json.dumps({expression}))")
        return json.loads((self.folder / "answer.json").read_text())

    def look_at(self, name):
        self.page.locator(name).first.scroll_into_view_if_needed()
        next_frame(self.page)


@pytest.fixture(scope="module")
def notebook(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    cells = [nbformat.v4.new_code_cell(source) for source in SHOW]
    cells[1].metadata = {"tags": ["predicted"], "jupyter": {"outputs_hidden": True}}
    given = nbformat.v4.new_output("stream", text="what came out")
    cells[1].outputs = [nbformat.v4.new_output("display_data"), given]
    with opened(browser, folder, cells) as page:
        page.wait_for_selector(f"{FOLDED}:visible")
        assert page.locator("text=what came out").count() == 0
        page.evaluate(RUN_ALL)
        film = ".ecgae-training-film [data-line=decoded][d]"
        page.wait_for_selector(film, state="attached", timeout=60_000)
        yield Notebook(page, folder)


@pytest.fixture
def page(notebook):
    return notebook.page


def vaes():
    """The two models that the notebook builds."""
    torch.manual_seed(0)
    return VAE(450).eval(), VAE(450).eval()


def test_running_a_cell_unfolds_its_output(page):
    assert page.locator(FOLDED).count() == 0


def test_a_saved_run_shows_pictures_without_its_kernel_and_lives_on_with_it(page, notebook):
    assert f"LAB += {SAVING}\n" in (ROOT / "Makefile").read_text()
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    shutil.copy(notebook.folder / "widgets.ipynb", notebook.folder / "saved.ipynb")
    reopened = page.context.new_page()
    reopened.goto(page.url.replace("/lab/tree/widgets", "/lab/workspaces/other/tree/saved"))
    pictures = reopened.locator(".jp-RenderedImage img")
    pictures.nth(len(SHOW) - 1).wait_for()
    assert pictures.count() == len(SHOW)
    assert reopened.locator("text=model not found").count() == 0
    reopened.close()
    notebook.run("pad.z = (0.25, 0.75)")
    arrived = "() => document.querySelector('.ecgae-latent-pad').widget.model.get('z')[0] === 0.25"
    page.wait_for_function(arrived)


# the latent pad


def test_a_drag_moves_the_beat_and_arrives_in_python(page, notebook):
    notebook.look_at(".ecgae-latent-map")
    x, y, width, height = page.locator(".ecgae-latent-map").first.bounding_box().values()
    mouse_to(page, x + 0.5 * width, y + 0.5 * height)
    page.mouse.down()
    for step in range(20):
        mouse_to(page, x + (0.5 + 0.015 * step) * width, y + (0.5 - 0.01 * step) * height)
        z, mv = drawn_at(page)
        np.testing.assert_allclose(mv, decoded(vaes()[0], z), rtol=0, atol=1e-4)
    page.mouse.up()
    assert z[0] > 1 and z[1] > 0.5
    assert notebook.ask("pad.z") == z
    np.testing.assert_allclose(notebook.ask("pad.decoded.tolist()"), mv, rtol=0, atol=1e-4)


def test_points_set_in_python_are_drawn_as_torch_decodes_them(page, notebook):
    for z in np.random.default_rng(0).uniform(-3, 3, (12, 2)).tolist():
        notebook.run(f"pad.z = {tuple(z)}")
        arrived = "z => document.querySelector('.ecgae-latent-pad').widget.model.get('z')[0] === z"
        page.wait_for_function(arrived, arg=z[0])
        there, mv = drawn_at(page)
        assert there == z
        np.testing.assert_allclose(mv, decoded(vaes()[0], z), rtol=0, atol=1e-4)


def test_pushed_weights_are_followed(page, notebook):
    notebook.run("pad.z = (0.5, -0.5); pad.push(second)")
    notebook.run("pass")  # its reply comes after the pushed weights
    z, mv = drawn_at(page)
    assert z == [0.5, -0.5]
    before, after = (decoded(model, z) for model in vaes())
    assert abs(after - before).max() > 0.01
    np.testing.assert_allclose(mv, after, rtol=0, atol=1e-4)


@pytest.mark.parametrize("theme", ["Dark", "Light"])
def test_the_widgets_follow_the_theme(page, theme):
    change = "theme => { jupyterapp.commands.execute('apputils:change-theme', { theme }) }"
    page.evaluate(change, f"JupyterLab {theme}")
    page.wait_for_selector(f".ecgae-latent-pad[data-theme={theme.lower()}]", state="attached")
    page.wait_for_selector("#jupyterlab-splash", state="detached")  # Lab takes it away only once


@pytest.mark.parametrize(
    "place",
    [
        ".ecgae-latent-pad .ecgae-handle",
        ".ecgae-length-explorer [aria-label='stride, any value']",
        ".ecgae-handle.ecgae-left",
    ],
)
def test_keys_leave_the_cells_alone(page, place):
    cells = page.locator(".jp-Cell").count()
    for key in ["a", "b", "d", "d", "ArrowRight", "Enter", "Escape"]:
        page.locator(place).first.focus()
        page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == cells == len(SHOW)
    assert page.locator(".jp-Notebook.jp-mod-editMode").count() == 0


@pytest.mark.parametrize("side_bar", ["open", "shut"])
def test_on_a_projector_each_fits_the_notebook_and_fills_the_window(page, side_bar):
    page.set_viewport_size(dict(width=1280, height=720))
    if side_bar == "shut":
        page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")
    next_frame(page)
    height = page.locator(".jp-WindowedPanel-outer").bounding_box()["height"]
    for widget in page.locator(".ecgae").all():
        assert widget.bounding_box()["height"] <= height < 650
        assert widget.evaluate("n => n.scrollHeight - n.clientHeight") <= 1
        present = widget.locator(".ecgae-present")
        present.click()
        next_frame(page)
        assert widget.bounding_box() == dict(x=0, y=0, width=1280, height=720)
        page.keyboard.press("Escape")
        assert present.evaluate("node => node === document.activeElement")
        assert widget.bounding_box()["height"] <= height
    page.set_viewport_size(PROJECTOR["viewport"])
    if side_bar == "shut":
        page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")


# the explorers


def test_settings_go_both_ways(page, notebook):
    notebook.run("lengths.kernel_size, lengths.stride, lengths.picked = 5, 2, ('output', 3)")
    page.wait_for_function("() => document.querySelector('.ecgae-result').textContent === '10 → 4'")
    next_frame(page)
    assert page.text_content(".ecgae-story") == "output 3 is made of inputs 5, 6, 7, 8, 9"
    page.focus(".ecgae-length-explorer [aria-label='which sample']")
    page.keyboard.press("ArrowLeft")
    assert notebook.ask("lengths.picked") == ["output", 2]
    page.focus(".ecgae-length-explorer input[type=range][aria-label=length]")
    page.keyboard.press("Home")
    state = notebook.ask("[lengths.length, lengths.picked, lengths.output_length, lengths.refused]")
    why = "the kernel spans 5 samples (kernel_size=5, dilation=1), the padded input has only 3: "
    why += "take a smaller kernel or more padding"
    assert state == [1, None, None, why]
    assert page.text_content(".ecgae-result") == "1 → refused"
    assert page.text_content(".ecgae-refused") == f"torch refuses: {why}"


def test_a_drag_of_the_curve_arrives_in_python_and_the_draws_stay(page, notebook):
    notebook.run("cloud.mu, cloud.sigma, cloud.eps = 1, 0.8, [0.5, -2.0]")
    notebook.look_at(".ecgae-kl-explorer .ecgae-curve-plot")
    box = page.locator(".ecgae-handle.ecgae-top").bounding_box()
    x, y = box["x"] + 22, box["y"] + 22
    mouse_to(page, x, y)
    page.mouse.down()
    mouse_to(page, x - 120, y, steps=15)
    page.mouse.up()
    mu, sigma, eps, kl = notebook.ask("[cloud.mu, cloud.sigma, cloud.eps, cloud.kl]")
    assert mu < 0.5 and (sigma, eps) == (0.8, [0.5, -2.0])
    assert page.text_content(".ecgae-total") == f"KL divergence {kl:.2f} nats"
    page.get_by_role("button", name="draw 50").click()
    assert notebook.ask("len(cloud.eps)") == 52


# the film


def test_the_film_grows_while_the_model_trains_and_may_be_scrubbed_meanwhile(page, notebook):
    notebook.look_at(".ecgae-training-film")
    notebook.run(f"fit(model, train.x, epochs={EPOCHS}, on_epoch=film.add)", wait=False)
    page.wait_for_function(f"{FILM}.last >= 2")
    assert page.evaluate(f"jupyterapp.{KERNEL}.status") == "busy"
    assert 2 <= page.evaluate(f"{FILM}.last") < EPOCHS
    page.evaluate(f"{FILM}.go(1)")  # as the slider does
    page.wait_for_function(f"{FILM}.last === {EPOCHS}", timeout=60_000)
    next_frame(page)
    assert page.text_content(".ecgae-training-film .ecgae-now") == "epoch 1"
    assert notebook.ask("[film.epoch, film.epochs]") == [1, list(range(EPOCHS + 1))]


def test_what_is_drawn_in_the_end_is_what_a_training_without_a_film_gives(page, notebook):
    """So neither the film nor the hand on it has disturbed the training."""
    torch.manual_seed(0)
    model, train = Autoencoder(450), synthetic(400, seed=1)[0]
    fit(model, train.x, epochs=EPOCHS)
    notebook.run("film.epoch = None; film.picked = film.followed[-1]")
    beat = notebook.ask("film.picked")
    page.wait_for_function(f"{FILM}.model.get('picked') === {beat}")
    next_frame(page)
    with torch.no_grad():
        x_hat = model(train.x[[beat]])[0][0, 0].numpy()
    d = page.locator(".ecgae-training-film [data-line=decoded]").get_attribute("d")
    np.testing.assert_allclose(points_of(d)[1], x_hat, rtol=0, atol=2e-3)
