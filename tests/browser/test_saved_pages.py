"""A page that somebody mails: what is broken in it stays alone."""

from ecgae_lib.testing.browser import needs_chromium
from ecgae_lib.widgets import KLExplorer, LengthExplorer, base
from tests.browser.made import cloud, lengths

pytestmark = needs_chromium


def test_a_broken_widget_says_so_and_the_next_ones_live(browser, tmp_path):
    good, kind = cloud().fragment(), "KLExplorer"
    state = good[good.index("{") : good.rindex("}") + 1]
    parts = dict(broken=good.replace(state, "{"), same=good, other=lengths().fragment())
    body = "".join(f'<div id="{name}">{part}</div>' for name, part in parts.items())
    head = base.assets(KLExplorer, LengthExplorer)
    (tmp_path / "page.html").write_text(base.page("Three", head, body), encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_selector("#same [data-ready]", timeout=3000)
    page.wait_for_selector("#other [data-ready]", timeout=3000)
    assert page.inner_text("#broken").startswith(f"This {kind} does not work here: ")
    page.close()
