"""Pages that stay open for all tests of a process."""

import pytest

from ecgae_lib.testing.browser import PROJECTOR
from tests.browser.cases import CASES
from tests.browser.pages import Shelf


@pytest.fixture(scope="session")
def opened(browser, tmp_path_factory):
    shelf = Shelf(browser, tmp_path_factory.mktemp("shelf"))
    with shelf.stack:
        yield shelf


@pytest.fixture
def shelf(opened):
    """The pages; every one must stay silent and ask for nothing."""
    yield opened
    assert [page.page.faults for page in opened.pages.values() if page.page.faults] == []


# of the promises that every widget makes


@pytest.fixture
def screen():
    return PROJECTOR


@pytest.fixture
def case(name):
    return CASES[name]


@pytest.fixture
def page(shelf, case, screen):
    """The widget's page as a hand finds it."""
    page = shelf.take(case.make(), screen)
    page.show(**case.start)
    return page
