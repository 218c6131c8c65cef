"""What only the latent pad has: decoding under the hand, a path, what lies under the map."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import torch

from ecgae_lib.testing.browser import (
    PHONE,
    PROJECTOR,
    drawn_at,
    mouse_to,
    needs_chromium,
    quiet_page,
)
from ecgae_lib.widgets import LatentPad, base
from tests.browser.made import compared, said, trained_vae
from tests.browser.pages import WIDGET, digits, points_of
from tests.unit.maps import BEATS, decoded

pytestmark = needs_chromium


@cache
def pad():
    return LatentPad(trained_vae(), BEATS)


@cache
def plain_pad():
    return LatentPad(compared()["<Autoencoder>"], BEATS)


@pytest.fixture
def page(shelf):
    return shelf.take(pad())


def corner(page):
    """Half the side of the map, which is a square around the origin."""
    return page.page.evaluate(f"{WIDGET}.map.axes.range[0][1]")


# what it draws


@pytest.mark.parametrize(
    ("kind", "count"), [("VAE", 50), ("<Autoencoder>", 50), ("<LectureAutoencoder>", 12)]
)
def test_the_drawn_path_is_what_torch_decodes(shelf, kind, count):
    plain = {"VAE": pad, "<Autoencoder>": plain_pad}.get(kind)
    shown = plain() if plain else LatentPad(compared()[kind], BEATS)
    page = shelf.take(shown)
    ranges = page.page.evaluate(f"{WIDGET}.map.axes.range")
    for z in np.random.default_rng(0).uniform(*np.array(ranges).T, (count, 2)):
        page.show(z=z.tolist())
        ms, mv = points_of(page.page.get_attribute("[data-line=decoded]", "d"))
        np.testing.assert_allclose(ms, BEATS.ms, atol=1e-3)
        np.testing.assert_allclose(mv, shown.decoded, rtol=0, atol=1e-4)


def test_the_path_lies_where_the_axes_say(page):
    """The tick labels, the transform of the data and the screen agree."""
    page.show(z=(0.3, 0.4))
    found = page.page.evaluate(
        """() => {
            const line = document.querySelector("[data-line=decoded]");
            const at = (n) => {
                const p = line.getPointAtLength(n);
                const q = new DOMPoint(p.x, p.y).matrixTransform(line.getScreenCTM());
                return [p.x, p.y, q.x, q.y];
            };
            const found = document.querySelectorAll(".ecgae-beat-plot .ecgae-frame text");
            const texts = [...found].map((t) => {
                const { x, y, width, height } = t.getBoundingClientRect();
                return [t.textContent, x + width / 2, y + height / 2];
            });
            return { points: [at(0), at(250)], texts };
        }"""
    )
    (x0, y0, u0, v0), (x1, y1, u1, v1) = found["points"]
    ticks = {text.replace("\u2212", "-"): (u, v) for text, u, v in found["texts"][:-2]}
    assert ticks["200"][0] == pytest.approx(u0 + (200 - x0) / (x1 - x0) * (u1 - u0), abs=1.5)
    mv = found["texts"][-3][0]  # the highest tick
    expected = v0 + (float(mv) - y0) / (y1 - y0) * (v1 - v0)
    assert float(mv) > 0.4 and ticks[mv][1] == pytest.approx(expected, abs=3)
    labels = [text for text, *_ in found["texts"][-2:]]
    assert labels == ["time after R peak [ms]", "voltage [mV]"]


def test_it_says_where_it_extrapolates_and_draws_the_nearest_beat(page):
    seen = set()
    anywhere = np.random.default_rng(1).uniform(-corner(page), corner(page), (12, 2))
    for z in (*anywhere, *said(trained_vae())[0][:3]):
        page.show(z=z.tolist())
        seen.add(pad().extrapolating)
        far = page.text(".ecgae-chip") == "extrapolating: no training beat near"
        assert far == pad().extrapolating
        nearest = BEATS.x[pad().nearest[0], 0].numpy()
        np.testing.assert_allclose(page.line("[data-line=nearest]"), nearest, rtol=0, atol=1.1e-3)
    assert seen == {True, False}


def test_the_readout_measures_the_drawn_beat(page):
    page.show(z=pad().b)
    x, ms = pad().decoded, BEATS.ms
    r = np.where(abs(ms) <= 80, x, -9).argmax()
    amplitude, time = digits(page.text(".ecgae-facts").partition("R peak")[2])[:2]
    assert amplitude == pytest.approx(x[r], abs=0.0051) and time == pytest.approx(ms[r], abs=0.51)
    spoken = page.page.get_attribute(".ecgae-handle", "aria-valuetext")
    assert digits(spoken) == pytest.approx(pad().b, abs=0.0051)


def test_a_plain_autoencoder_has_no_prior_and_no_ellipse(shelf):
    page = shelf.take(plain_pad())
    assert page.page.locator(".ecgae-prior ellipse").count() == 0
    page.click("look at nearest beat")
    assert not page.page.locator(".ecgae-posterior").is_visible()
    assert page.page.locator("[data-line=picked]").get_attribute("d")


# hands


def test_the_beat_follows_the_mouse_and_stops_at_the_edge(page):
    page.drag(page.window("map", (0, 0)))
    for z in [(0.5, 0.2), (1, 0.8), (1.2, -1)]:
        mouse_to(page.page, *page.window("map", z))
        there, mv = drawn_at(page.page)
        np.testing.assert_allclose(there, z, atol=1e-6)
        np.testing.assert_allclose(mv, decoded(trained_vae(), there), rtol=0, atol=1e-4)
    mouse_to(page.page, 1599, 899, steps=3)
    page.page.mouse.up()
    page.check(z=(corner(page), -corner(page)))


def test_on_a_phone_the_beat_is_not_under_the_hand(shelf):
    page = shelf.take(pad(), PHONE)
    beat, plane = (
        page.page.locator(s).bounding_box() for s in (".ecgae-beat-plot", ".ecgae-latent-map")
    )
    assert beat["y"] + beat["height"] <= plane["y"]


# a picked beat


def check_picked(page, n):
    """Beat n and what torch makes of it."""
    np.testing.assert_allclose(page.line("[data-line=picked]"), BEATS.x[n, 0], atol=1.1e-3)
    x_hat = said(trained_vae(), n)[1][0]
    np.testing.assert_allclose(page.line("[data-line=reconstruction]"), x_hat, atol=1e-4)


def test_a_picked_beat_is_shown_with_its_reconstruction_wherever_the_handle_is(page):
    mu = said(trained_vae())[0]
    page.tap(page.window("map", mu[abs(mu - [1.0, 0.0]).sum(axis=1).argmin()]))
    n = page.get("picked")
    page.check(z=mu[n])
    check_picked(page, n)
    page.put(z=[0, 0])
    check_picked(page, n)
    page.press("Escape", at=".ecgae-handle")
    assert page.get("picked") is None
    assert not page.page.locator(".ecgae-posterior").is_visible()
    page.show(z=(1, -1), picked=7)
    page.check(z=(1, -1))
    check_picked(page, 7)


@pytest.mark.parametrize("at", [".ecgae-look", ".ecgae-handle"])
def test_the_nearest_beat_can_be_picked_without_a_pointer(page, at):
    page.show(z=pad().b)
    page.press("Enter", at=at)
    page.check(picked=pad().nearest[0])
    page.press("Enter")
    assert page.get("picked") is None


# the path


def test_the_path_from_a_to_b_is_scrubbed(page):
    for key, t in [("End", 1), ("Home", 0), ("ArrowRight", 0.01)]:
        page.press(key, at=".ecgae-slider input", number=2)
        page.check(z=np.add(pad().a, t * np.subtract(pad().b, pad().a)))


def test_the_ends_of_the_path_can_be_set(page):
    page.put(z=[1, 1])
    page.click("A here")
    page.put(z=[-1, 0.5])
    page.press("b", at=".ecgae-handle")
    page.check(a=(1, 1), b=(-1, 0.5))
    expected = page.pixels("map", [(1, 1), (-1, 0.5)])
    np.testing.assert_allclose(page.corners(".ecgae-path"), expected, atol=0.01)


def test_the_path_is_played_there_and_back_until_it_is_stopped(page):
    page.press("Home", at=".ecgae-slider input", number=2)
    page.click("play from A to B")
    a, b = np.array(pad().a), np.array(pad().b)
    seen = []
    for _ in range(8):
        page.press()
        along = np.subtract(page.get("z"), a) / (b - a)
        assert along[0] == pytest.approx(along[1], abs=1e-6)
        seen.append(along[0])
    assert all(s < t for s, t in pairwise(seen)) and 0 <= seen[0] < seen[-1] <= 1
    page.click("pause")
    rest = page.get("z")
    page.press()
    assert page.get("z") == rest


# what lies under the map


def under(page, name):
    page.choose("map shows", name)
    kind = "field" if name in ("R amplitude", "QRS width", "T wave") else name
    page.page.wait_for_selector(f".ecgae-latent-map[data-underlay='{kind}']")
    page.check(underlay=name)
    return page.canvas()


def test_while_colours_are_computed_it_says_so(page):
    said = page.page.evaluate(
        f"""() => {{
            {WIDGET}.model.set("underlay", "T wave");
            return document.querySelector(".ecgae-colour-bar").textContent;
        }}"""
    )
    assert said == "The colours are being computed."
    page.page.wait_for_selector(".ecgae-ramp")


COMPUTE = f"""async (then) => {{
    const {{ model, map, decode }} = {WIDGET};
    const frame = () => new Promise((r) => requestAnimationFrame(r));
    let cells = 0;
    {WIDGET}.decode = (z) => {{ cells++; return decode(z); }};
    model.set("underlay", "T wave");
    const seen = [];
    while (map.root.ariaBusy === "true") {{
        const bar = document.querySelector(".ecgae-colour-bar progress");
        seen.push(bar.checkVisibility() && bar.value);
        if (then && seen.length > 2) model.set("underlay", then);
        await frame();
    }}
    const before = cells;
    for (let n = 0; n < 5; n++) await frame();
    {WIDGET}.decode = decode;
    return [seen, before, cells];
}}"""


def test_colours_come_between_frames_with_a_sign_and_end_when_another_map_is_asked_for(page):
    seen, cells, _ = page.page.evaluate(COMPUTE, "")
    assert len(seen) > 4 and (np.diff(seen) > 0).all() and 0 < seen[0] < 0.5
    assert cells >= 1600 and page.page.locator(".ecgae-ramp").is_visible()
    seen, before, after = page.page.evaluate(COMPUTE, "density")
    assert len(seen) == 3 and before == after < 1000
    assert page.page.get_attribute(".ecgae-latent-map", "data-underlay") == "density"


def decoded_in_the_middle_of_each_cell(page, size):
    middle = ((np.arange(size) + 0.5) / size * 2 - 1) * corner(page)
    z = np.stack(np.meshgrid(middle, -middle), axis=-1).reshape(-1, 2)
    with torch.no_grad():
        return trained_vae().decode(torch.tensor(z, dtype=torch.float32))[:, 0].numpy()


def test_the_map_of_the_t_wave_shows_its_sign(page):
    """Purple below 0, green above, at the middle of each cell, where torch says so."""
    colours = under(page, "T wave")
    x = decoded_in_the_middle_of_each_cell(page, len(colours))
    t = x[:, (BEATS.ms >= 180) & (BEATS.ms <= 320)].mean(axis=1) - np.median(x, axis=1)
    green = (colours[:, :, 1] > colours[:, :, 0]).ravel()
    clear = abs(t) > 0.03
    assert (t[clear] > 0).any() and (t[clear] < 0).any()
    assert (green[clear] == (t[clear] > 0)).all()


def test_the_map_of_the_r_amplitude_grows_brighter_with_it(page):
    light = under(page, "R amplitude")[:, :, :3].sum(axis=-1)
    x = decoded_in_the_middle_of_each_cell(page, len(light))
    height = x[:, abs(BEATS.ms) <= 80].max(axis=1)
    order = height.argsort()
    assert (np.diff(light.ravel()[order]) >= -2).mean() > 0.99
    ends = digits(page.text(".ecgae-colour-bar"))
    assert ends == pytest.approx(np.quantile(height, [0.02, 0.98]), abs=0.06)
    under(page, "density")
    assert page.text(".ecgae-colour-bar") == ""


def test_the_grid_of_decoded_beats(page):
    under(page, "beats")
    grid = page.page.locator(".ecgae-beats path").all()
    assert len(grid) == 81
    cell = 2 * corner(page) / 9
    plot = page.page.evaluate(f"{WIDGET}.map.axes.box.height") / 9
    low, high = BEATS.x.min(), BEATS.x.max()
    for beat, z in zip((grid[0], grid[44]), [(-4 * cell, 4 * cell), (4 * cell, 0)], strict=True):
        expected = 1.6 * np.ptp(decoded(trained_vae(), z)[::4]) / float(1.2 * (high - low)) * plot
        assert beat.evaluate("b => b.getBBox().height") == pytest.approx(expected, rel=0.01)


# pages


@pytest.mark.parametrize("kinds", [1, 6])
def test_beats_without_labels_and_many_classes_whose_names_break_nothing(shelf, kinds):
    y = None if kinds == 1 else torch.arange(len(BEATS)) % kinds
    names = ("</script><b id='broken'>", "<wide> & 'odd'", *"cdef")
    page = shelf.take(LatentPad(trained_vae(), replace(BEATS, y=y, class_names=names)))
    assert page.page.locator(".ecgae-points .ecgae-mark").count() == kinds
    assert len(page.line("[data-line=nearest]")) == 450
    assert page.page.locator("#broken").count() == 0
    if kinds == 6:
        assert page.page.locator(".ecgae-legend li").all_text_contents()[:6] == list(names)


def test_several_fragments_share_one_script(browser, tmp_path):
    assets = base.assets(LatentPad)
    assert assets.count("function makeDecoder(") == 1
    text = f"<!doctype html><title>two</title>{assets}<h1>two</h1>"
    path = tmp_path / "two.html"
    path.write_text(text + pad().fragment() + plain_pad().fragment(), encoding="utf-8")
    with quiet_page(browser, path.as_uri(), **PROJECTOR) as page:
        page.wait_for_function("document.querySelectorAll('[data-line=decoded][d]').length === 2")
        lines = page.locator("[data-line=decoded]").all()
        for pad_, line in zip((pad(), plain_pad()), lines, strict=True):
            mv = points_of(line.get_attribute("d"))[1]
            np.testing.assert_allclose(mv, pad_.decoded, rtol=0, atol=1e-4)
