"""A new widget is a new folder and nothing else: style, set-up and tear-down come from the base."""

import importlib
import sys

import pytest

from ecgae_lib.testing.browser import needs_chromium, next_frame, ready_page
from ecgae_lib.widgets import base

pytestmark = needs_chromium
WIDGET = "document.querySelector('.ecgae').widget"
PYTHON = '''
import traitlets
from ecgae_lib.widgets.base import Widget


class Toy(Widget):
    """A number under a slider."""

    script = "toy.js"
    n = traitlets.Int(3).tag(sync=True)

    def summary(self):
        return f"n={self.n}"
'''
SCRIPT = """
import { slider } from "../shared/controls.js";
import { div } from "../shared/dom.js";
import { View, widget } from "../shared/view.js";

class Toy extends View {
  static classes = "ecgae-toy";
  static label = "Toy";
  static traits = ["n"];

  build() {
    this.slider = slider("n", "a number", { max: 9 }, (n) => this.putSoon({ n }));
    this.root.append(this.slider.node, (this.text = div("ecgae-chip")));
  }

  draw() {
    this.text.textContent = `n = ${this.get("n")}`;
  }
}

export default widget(Toy);
"""


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """The widget of a folder beside shared/."""
    (tmp_path / "shared").symlink_to(base.HERE / "shared")
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "__init__.py").write_text(PYTHON)
    (tmp_path / "toy" / "toy.js").write_text(SCRIPT)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("toy").Toy(n=5)
    del sys.modules["toy"]


def test_a_new_folder_is_a_living_widget(browser, toy, tmp_path):
    assert repr(toy) == "Toy(n=5)" and not toy.traits()["n"].metadata["echo_update"]
    path = toy.save_html(tmp_path / "toy.html")
    with ready_page(browser, path.as_uri()) as page:
        assert page.text_content(".ecgae-chip") == "n = 5"
        page.focus(".ecgae-slider input")
        page.keyboard.press("Shift+ArrowRight")
        page.wait_for_function("document.querySelector('.ecgae-chip').textContent === 'n = 9'")
        style = "getComputedStyle(document.querySelector('.ecgae')).containerType"
        assert page.evaluate(style) == "inline-size"
        page.evaluate(f"{WIDGET}.remove(), {WIDGET}.model.set('n', 1)")
        next_frame(page)
        assert page.text_content(".ecgae-chip") == "n = 9"  # nobody listens any more
