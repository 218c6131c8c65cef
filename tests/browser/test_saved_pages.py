"""A page that somebody mails: it asks nobody for anything, and what is broken stays alone."""

import pytest

from ecgae_lib.testing.browser import needs_chromium, quiet_page
from ecgae_lib.widgets import KLExplorer, LengthExplorer, base
from tests.browser.made import betas, cloud, film, lengths, pad, pads

pytestmark = needs_chromium
ASK = "fetch('data:,x').then(() => 'asked', () => 'refused')"


@pytest.mark.parametrize("make", [pad, pads, betas, film, lengths, cloud], ids=lambda m: m.__name__)
def test_a_saved_page_lives_and_may_ask_nobody(browser, tmp_path, make):
    path = make().save_html(tmp_path / "page.html")
    with quiet_page(browser, path.as_uri(), bypass_csp=False) as page:
        page.wait_for_selector("[data-ready]", state="attached")
        assert page.faults == []
        assert page.evaluate(ASK) == "refused"
        page.faults.clear()  # the browser told of it


def test_a_broken_widget_says_so_and_the_next_ones_live(browser, tmp_path):
    good, kind = cloud().fragment(), "KLExplorer"
    state = good[good.index("{") : good.rindex("}") + 1]
    parts = dict(broken=good.replace(state, "{"), same=good, other=lengths().fragment())
    body = "".join(f'<div id="{name}">{part}</div>' for name, part in parts.items())
    head = base.assets(KLExplorer, LengthExplorer)
    text = base.PAGE.format(title="Three", head=head, body=body, policy=base.POLICY)
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_selector("#same [data-ready]", timeout=3000)
    page.wait_for_selector("#other [data-ready]", timeout=3000)
    assert page.inner_text("#broken").startswith(f"This {kind} does not work here: ")
    page.close()
