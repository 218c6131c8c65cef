"""The latent pad in JupyterLab itself, with a kernel behind it."""

import json

import nbformat
import numpy as np
import pytest
import torch

from ecgae_lib.models import VAE
from ecgae_lib.testing.browser import PROJECTOR, drawn_at, mouse_to, needs_chromium
from ecgae_lib.testing.lab import KERNEL, TOKEN, running_lab

pytestmark = needs_chromium
SHOW = """import torch; torch.set_num_threads(1)
from ecgae_lib.beats import synthetic
from ecgae_lib.models import VAE
from ecgae_lib.widgets import LatentPad
torch.manual_seed(0); first, second = VAE(450), VAE(450)
pad = LatentPad(first, synthetic(60, seed=1)[0])
pad"""
LINE = ".ecgae-latent-pad [data-line=decoded]"


@pytest.fixture(scope="module")
def models():
    """The two models that the notebook builds."""
    torch.manual_seed(0)
    return VAE(450).eval(), VAE(450).eval()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab with one notebook, on a free port, with settings of its own."""
    folder = tmp_path_factory.mktemp("lab")
    cell = nbformat.v4.new_code_cell(SHOW)
    kernel = dict(name="python3", display_name="Python 3", language="python")
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=dict(kernelspec=kernel))
    nbformat.write(notebook, folder / "pad.ipynb")
    with running_lab(folder) as address:
        yield f"{address}/lab/tree/pad.ipynb?token={TOKEN}", folder


@pytest.fixture(scope="module")
def page(browser, lab):
    """The notebook, run, with the pad on screen."""
    context = browser.new_context(**PROJECTOR)
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(lab[0])
    page.wait_for_function(f"window.jupyterapp?.{KERNEL}?.status === 'idle'", timeout=60_000)
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
    page.wait_for_selector(f"{LINE}[d]", state="attached", timeout=60_000)
    page.locator(".ecgae-latent-pad").scroll_into_view_if_needed()
    yield page
    assert page.faults == []
    context.close()


def run(page, code):
    """Run code in the notebook's kernel and wait for its end."""
    page.evaluate(
        f"async (code) => {{ await jupyterapp.{KERNEL}.requestExecute({{ code }}).done }}", code
    )


def asked(page, folder, expression):
    """The value of an expression in the kernel."""
    run(page, f"import json; open('answer.json', 'w').write(json.dumps({expression}))")
    return json.loads((folder / "answer.json").read_text())


def decoded(model, z):
    with torch.no_grad():
        return model.decode(torch.tensor(np.array([z]), dtype=torch.float32))[0, 0].numpy()


def test_a_drag_moves_the_beat_and_arrives_in_python(page, lab, models):
    x, y, width, height = page.locator(".ecgae-latent-map").bounding_box().values()
    mouse_to(page, x + 0.5 * width, y + 0.5 * height)
    page.mouse.down()
    for step in range(20):
        mouse_to(page, x + (0.5 + 0.015 * step) * width, y + (0.5 - 0.01 * step) * height)
        z, mv = drawn_at(page)
        np.testing.assert_allclose(mv, decoded(models[0], z), rtol=0, atol=1e-4)
    page.mouse.up()
    assert z[0] > 1 and z[1] > 0.5
    assert asked(page, lab[1], "pad.z") == z
    in_python = asked(page, lab[1], "pad.decoded.tolist()")
    np.testing.assert_allclose(in_python, mv, rtol=0, atol=1e-4)


def test_fifty_points_set_in_python_are_drawn_as_torch_decodes_them(page, models):
    for z in np.random.default_rng(0).uniform(-3, 3, (50, 2)).tolist():
        run(page, f"pad.z = {tuple(z)}")
        page.wait_for_function(
            "z => document.querySelector('.ecgae-latent-pad').widget.model.get('z')[0] === z",
            arg=z[0],
        )
        there, mv = drawn_at(page)
        assert there == z
        np.testing.assert_allclose(mv, decoded(models[0], z), rtol=0, atol=1e-4)


def test_keys_move_the_point_and_leave_the_cells_alone(page, lab):
    run(page, "pad.z = (0, 0)")
    page.focus(".ecgae-latent-pad .ecgae-handle")
    cells = page.locator(".jp-Cell").count()
    for key in ["a", "b", "d", "d", "ArrowRight", "Enter", "Escape"]:
        page.focus(".ecgae-latent-pad .ecgae-handle")
        page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == cells
    assert page.locator(".jp-Notebook.jp-mod-editMode").count() == 0
    z, _ = drawn_at(page)
    assert z[0] > 0
    page.wait_for_timeout(300)  # longer than the pause between two saves
    assert asked(page, lab[1], "pad.z") == z
    assert asked(page, lab[1], "pad.a") == [0, 0]


def test_pushed_weights_are_followed(page, models):
    run(page, "pad.z = (0.5, -0.5)")
    run(page, "pad.push(second)")
    run(page, "pass")  # its reply comes after the pushed weights
    z, mv = drawn_at(page)
    assert z == [0.5, -0.5]
    assert abs(decoded(models[1], (0.5, -0.5)) - decoded(models[0], (0.5, -0.5))).max() > 0.01
    np.testing.assert_allclose(mv, decoded(models[1], z), rtol=0, atol=1e-4)


def test_the_pad_follows_the_theme(page):
    for theme in ("Dark", "Light"):
        page.evaluate(
            "(theme) => { jupyterapp.commands.execute('apputils:change-theme', { theme }) }",
            f"JupyterLab {theme}",
        )
        page.wait_for_selector(f".ecgae-latent-pad[data-theme={theme.lower()}]")
