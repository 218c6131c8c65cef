"""Widgets in the boxes of ipywidgets, in JupyterLab: they take their room and draw."""

import nbformat
import pytest

from ecgae_lib.testing.browser import needs_chromium, next_frame
from tests.lab.opened import RUN_ALL, opened

pytestmark = needs_chromium
MAKE = """import ipywidgets, torch; torch.set_num_threads(1)
from ipywidgets import Accordion, FloatSlider, GridBox, HBox, Layout, Tab, VBox
from ecgae_lib.generator import synthetic
from ecgae_lib.models import VAE
from ecgae_lib.widgets import BetaExplorer, ComparePads, KLExplorer, LatentPad, LengthExplorer
from ecgae_lib.widgets import TrainingFilm
torch.manual_seed(0); model, beats = VAE(450), synthetic(60, seed=1)[0]
def all_six():
    return [
        LatentPad(model, beats), ComparePads({"a": model, "b": model}, beats),
        BetaExplorer({0.1: model, 0.01: model}, beats), TrainingFilm(model, beats),
        LengthExplorer(picked=("output", 3)), KLExplorer(),
    ]"""
TWO = "layout=Layout(grid_template_columns='repeat(2, 1fr)')"
BOXES = {  # how the widgets are put, the least width of each in pixels
    "HBox": ("VBox([HBox([w, FloatSlider()]) for w in all_six()])", 600),
    "pairs": ("VBox([HBox([w, v]) for w, v in zip(all_six()[:3], all_six()[3:])])", 350),
    "VBox": ("VBox(all_six())", 900),
    "GridBox": (f"GridBox(all_six(), {TWO})", 400),
    "Tab": ("Tab(all_six(), selected_index=None)", 850),
    "Accordion": ("Accordion(all_six(), selected_index=None)", 850),
}
TITLES = {"Tab": ".lm-TabBar-tab", "Accordion": ".jupyter-widget-Collapse-header"}
DRAWN = ":is(.ecgae-line, .ecgae-curve, .ecgae-cell)[d^=M]"


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    cells = [nbformat.v4.new_code_cell(code) for code in [MAKE, *(c for c, _ in BOXES.values())]]
    with opened(browser, tmp_path_factory.mktemp("boxes"), cells) as page:
        page.evaluate(RUN_ALL)
        page.wait_for_selector(f"{TITLES['Accordion']} >> nth=5", timeout=60_000)
        yield page


@pytest.mark.parametrize("name", BOXES)
def test_a_widget_in_a_box_has_its_room_and_draws(page, name):
    cell = page.locator(".jp-CodeCell").nth(1 + list(BOXES).index(name))
    cell.scroll_into_view_if_needed()
    for n in range(6):
        if name in TITLES:
            cell.locator(TITLES[name]).nth(n).click()
        widget = cell.locator(".ecgae").nth(n)
        widget.scroll_into_view_if_needed()
        next_frame(page)
        next_frame(page)
        box = widget.bounding_box()
        assert box["width"] >= BOXES[name][1] and box["height"] > 250, n
        assert widget.locator(DRAWN).count() > 0, n
