"""The length explorer and the KL explorer in JupyterLab, with a kernel behind them."""

import nbformat
import pytest

from ecgae_lib.testing.browser import PROJECTOR, mouse_to, needs_chromium, next_frame
from ecgae_lib.testing.lab import KERNEL, TOKEN, running_lab
from tests.lab.test_latent_pad import asked, run

pytestmark = needs_chromium
SHOW = [
    "from ecgae_lib.widgets import KLExplorer, LengthExplorer",
    "lengths = LengthExplorer(length=10, kernel_size=3, stride=2, padding=1)\nlengths",
    "cloud = KLExplorer(mu=1, sigma=0.8)\ncloud",
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab with one notebook that shows both explorers."""
    folder = tmp_path_factory.mktemp("lab")
    kernel = dict(name="python3", display_name="Python 3", language="python")
    cells = [nbformat.v4.new_code_cell(source) for source in SHOW]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=dict(kernelspec=kernel))
    nbformat.write(notebook, folder / "explorers.ipynb")
    with running_lab(folder) as address:
        yield f"{address}/lab/tree/explorers.ipynb?token={TOKEN}", folder


@pytest.fixture(scope="module")
def page(browser, lab):
    """The notebook, run, with both explorers drawn."""
    context = browser.new_context(**PROJECTOR)
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(lab[0])
    page.wait_for_function(f"window.jupyterapp?.{KERNEL}?.status === 'idle'", timeout=60_000)
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
    page.wait_for_selector(".ecgae-kl-explorer [data-line=q][d]", state="attached", timeout=60_000)
    page.wait_for_selector(
        ".ecgae-length-explorer .ecgae-cell.ecgae-real[d]", state="attached", timeout=60_000
    )
    yield page
    assert faults == []
    context.close()


def rest(page):
    """Wait until the last move has been saved."""
    page.wait_for_timeout(300)


def test_settings_go_both_ways(page, lab):
    result = page.locator(".ecgae-length-explorer .ecgae-result")
    run(page, "lengths.kernel_size, lengths.picked = 5, ('output', 3)")
    page.wait_for_function("() => document.querySelector('.ecgae-result').textContent === '10 → 4'")
    next_frame(page)
    assert page.text_content(".ecgae-story") == "output 3 is made of inputs 5, 6, 7, 8, 9"
    page.focus(".ecgae-length-explorer [aria-label='which sample']")
    page.keyboard.press("ArrowLeft")
    rest(page)
    assert asked(page, lab[1], "lengths.picked") == ["output", 2]
    page.focus(".ecgae-length-explorer input[type=range][aria-label=length]")
    page.keyboard.press("Home")
    rest(page)
    state = "[lengths.length, lengths.picked, lengths.output_length, lengths.refused]"
    why = "the kernel spans 5 samples (kernel_size=5, dilation=1), the padded input has only 3: "
    why += "take a smaller kernel or more padding"
    assert asked(page, lab[1], state) == [1, None, None, why]
    assert result.text_content() == "1 → refused"
    assert page.text_content(".ecgae-refused") == f"torch refuses: {why}"


def test_a_drag_of_the_curve_arrives_in_python_and_the_draws_stay(page, lab):
    run(page, "cloud.eps = [0.5, -2.0]")
    page.locator(".ecgae-kl-explorer").scroll_into_view_if_needed()
    next_frame(page)
    box = page.locator(".ecgae-kl-explorer .ecgae-handle.ecgae-top").bounding_box()
    x, y = box["x"] + 22, box["y"] + 22
    mouse_to(page, x, y)
    page.mouse.down()
    mouse_to(page, x - 120, y, steps=15)
    page.mouse.up()
    rest(page)
    next_frame(page)
    mu = page.evaluate("document.querySelector('.ecgae-kl-explorer').widget.model.get('mu')")
    assert mu < 0.5
    assert asked(page, lab[1], "[cloud.mu, cloud.sigma, cloud.eps]") == [mu, 0.8, [0.5, -2.0]]
    kl = asked(page, lab[1], "cloud.kl")
    assert page.text_content(".ecgae-total") == f"KL divergence {kl:.2f} nats"


def test_draws_of_the_page_are_known_in_python(page, lab):
    before = asked(page, lab[1], "len(cloud.eps)")
    page.get_by_role("button", name="draw 50").click()
    rest(page)
    assert asked(page, lab[1], "len(cloud.eps)") == before + 50


def test_keys_leave_the_cells_alone(page):
    cells = page.locator(".jp-Cell").count()
    for place in (
        ".ecgae-length-explorer [aria-label='stride, any value']",
        ".ecgae-handle.ecgae-left",
    ):
        page.focus(place)
        for key in ["a", "b", "d", "d", "ArrowRight", "Enter"]:
            page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == cells
    assert page.locator(".jp-Notebook.jp-mod-editMode").count() == 0
