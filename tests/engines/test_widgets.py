"""Each widget obeys a hand and draws what torch says, in every engine."""

import pytest

from ecgae_lib.testing.browser import next_frame
from tests.browser.cases import CASES
from tests.browser.pages import Opened, points_of, start_of
from tests.engines.engines import wait_for

HELD = """([x, y]) => {  // touch-action counts for all that lies inside
    let node = document.elementFromPoint(x, y);
    while (node && getComputedStyle(node).touchAction !== "none") node = node.parentElement;
    return node !== null;
}"""

LINES = """[...document.querySelectorAll(".ecgae-formulas .ecgae-formula")].map(
    (node) => node.getBoundingClientRect().height / parseFloat(getComputedStyle(node).fontSize))"""


class Tab(Opened):
    """The page of one saved widget, read with nothing that one engine alone can do."""

    def __init__(self, engine, case, path):
        self.page, self.widget, self.case = engine, case.make(), case
        self.start = start_of(self.widget)
        if not path.exists():
            self.widget.save_html(path)
        engine.open(path)
        wait_for(engine, "document.querySelector('[data-ready]') !== null")

    def node(self, selector, number, what):
        script = f"([s, n]) => {{ const e = document.querySelectorAll(s)[n]; return {what}; }}"
        return self.page.evaluate(script, [selector, number])

    def text(self, selector, number=0):
        return self.node(selector, number, "e.textContent").replace("\u2212", "-")

    def line(self, selector, number=0):
        return points_of(self.node(selector, number, "e.getAttribute('d')"))[1]

    def middle(self, selector, number=0):
        box = self.node(selector, number, "e.getBoundingClientRect()")
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def way(self):
        """Where a hand moves, once all of that is in the window."""
        self.show(**self.case.start)
        self.page.evaluate("y => scrollBy(0, y - innerHeight / 2)", self.case.way(self)[0][1])
        next_frame(self.page)
        return self.case.way(self)


@pytest.fixture(scope="session")
def saved(tmp_path_factory):
    return tmp_path_factory.mktemp("saved")


@pytest.fixture(scope="module", params=CASES)
def tab(engine, request, saved):
    """One page for all that is asked of it; it must stay silent and ask for nothing."""
    tab = Tab(engine, CASES[request.param], saved / f"{request.param}.html")
    yield tab
    assert engine.faults() == []


def test_the_mouse_moves_it(tab):
    tab.page.drag(*tab.way())
    next_frame(tab.page)
    tab.check(**tab.case.leaves, atol=0.03)


def test_keys_move_it(tab):
    tab.show(**tab.case.start)
    tab.node(tab.case.hand, tab.case.number, "e.focus()")
    for key, traits in tab.case.keys.items():
        tab.page.press(key)
        next_frame(tab.page)
        tab.check(**traits)
    tab.page.press("Escape")
    assert not tab.focused()


def test_a_finger_moves_it(tab):
    if not tab.page.touches:
        pytest.skip("its driver has no finger")
    tab.page.finger(*tab.way())
    next_frame(tab.page)
    tab.check(**tab.case.leaves, atol=0.03)


def test_no_finger_on_a_handle_scrolls_the_page(tab):
    places = tab.way()
    assert tab.page.evaluate(HELD, places[0]) == tab.case.holds


def test_what_is_drawn_is_what_python_says(tab):
    for state in tab.case.states:
        tab.show(**tab.case.start | state)
        tab.case.check_shown(tab)


def test_a_formula_stays_on_its_line(tab):
    for state in tab.case.states:
        tab.show(**tab.case.start | state)
        assert max(tab.page.evaluate(LINES), default=0) < 3.5
