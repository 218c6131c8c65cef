"""A page that somebody mails lives in every engine, runs no script but its own and asks nobody."""

import time

import pytest

from tests.browser.cases import CASES
from tests.engines.engines import wait_for

INJECT = """() => {
    const script = document.createElement("script");
    script.textContent = "window.injected = true";
    document.body.append(script);
    document.body.setAttribute("onclick", "window.injected = true");
    document.body.click();
    return Boolean(window.injected);
}"""
ASK = "fetch('data:,x').then(() => 'asked', () => 'refused')"


@pytest.mark.parametrize("name", CASES)
def test_it_lives_and_refuses_what_is_not_its_own(engine, tmp_path, name):
    engine.open(CASES[name].make().save_html(tmp_path / "page.html"))
    wait_for(engine, "document.querySelector('[data-ready] .ecgae') !== null")
    assert engine.faults() == []
    assert not engine.evaluate(INJECT)
    assert engine.evaluate(ASK) == "refused"
    told_of(engine, "data")  # late, in Firefox: else the next page would be blamed
    engine.faults().clear()


def told_of(engine, word):
    """Wait until the browser has complained about a request, 20 s at most."""
    end = time.monotonic() + 20
    while not any(word in fault.split("because")[0] for fault in engine.faults()):
        assert time.monotonic() < end, engine.faults()
