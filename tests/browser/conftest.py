"""Pages that stay open for all tests of a process."""

import pytest

from tests.browser.pages import Shelf


@pytest.fixture(scope="session")
def shelf(browser, tmp_path_factory):
    shelf = Shelf(browser, tmp_path_factory.mktemp("shelf"))
    with shelf.stack:
        yield shelf
