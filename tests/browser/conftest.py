"""Pages that stay open for all tests of a process."""

import pytest

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
