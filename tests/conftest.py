"""One browser for all tests of a process: Playwright cannot be started twice in it."""

import pytest

from ecgae_lib.testing.browser import CHROMIUM, OPTIONS


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()
