"""What only the compared pads have: one beat in all models, and one move of all handles."""

import numpy as np
import pytest

from ecgae_lib.testing.browser import mouse_to, needs_chromium, next_frame, sideways
from ecgae_lib.widgets import ComparePads
from tests.browser.cases import MOVE
from tests.browser.made import compared, pads
from tests.browser.pages import WIDGET, digits
from tests.unit.maps import BEATS, decoded, encoded

pytestmark = needs_chromium


@pytest.fixture
def page(shelf):
    return shelf.take(pads())


def plot(n):
    return f"columns[{n}].map"


def codes():
    """Where each model puts the beats: M times (N, 2)."""
    return [encoded(model)[0] for model in compared().values()]


def codes_of(beat):
    return [z[beat].tolist() for z in codes()]


def extents(page):
    """Left and right, bottom and top of every map: (M, 2, 2)."""
    return np.array(page.page.evaluate(f"{WIDGET}.columns.map(({{ map }}) => map.axes.range)"))


def fractions(page, z):
    """Where the handles are, as fractions of their maps."""
    return (np.array(z) - extents(page)[..., 0]) / np.ptp(extents(page), axis=-1)


def places(page, u, v):
    """The same fraction of every map, as z of each: (M, 2)."""
    return extents(page)[..., 0] + np.array([u, v]) * np.ptp(extents(page), axis=-1)


def nearest(page, n, z):
    scale = page.page.evaluate(f"{WIDGET}.columns[{n}].at.scale")
    return int(np.linalg.norm((codes()[n] - z) / scale, axis=1).argmin())


def check_drawn(page):
    """In every column the line is what torch decodes at its handle, and the handle is at z."""
    z = page.get("z")
    for n, model in enumerate(compared().values()):
        x = decoded(model, z[n])
        np.testing.assert_allclose(page.line("[data-line=decoded]", n), x, rtol=0, atol=1e-4)
        middle = page.middle(".ecgae-handle", n)
        np.testing.assert_allclose(middle, page.window(plot(n), z[n]), atol=0.1)


def start_move(page, *fractions_of_maps):
    """In the mode of relative moves, every handle at its fraction of its map."""
    z = [places(page, u, v)[n].tolist() for n, (u, v) in enumerate(fractions_of_maps)]
    page.show(mode=MOVE, z=z)


# the same beat


@pytest.mark.parametrize("beat", [0, 23, 59])
def test_a_beat_is_reconstructed_by_every_model(page, beat):
    page.show(picked=beat)
    np.testing.assert_allclose(page.get("z"), codes_of(beat), atol=1e-6)
    check_drawn(page)
    original = BEATS.x[beat, 0].numpy()
    for n, x_hat in enumerate(page.widget.decoded.values()):
        np.testing.assert_allclose(page.line("[data-line=nearest]", n), original, atol=1.1e-3)
        error = ((x_hat - original) ** 2).mean()
        assert digits(page.text(".ecgae-chip", n))[0] == pytest.approx(error, abs=1e-4)
    assert page.text(".ecgae-panel-head > :last-child").startswith(f"beat {beat}")


@pytest.mark.parametrize("n", [0, 1, 2])
def test_the_beat_nearest_to_the_mouse_is_chosen_in_all(page, n):
    seen = set()
    page.drag(page.window(plot(n), page.get("z")[n]))
    for u, v in [(0.3, 0.4), (0.5, 0.5), (0.7, 0.3), (0.4, 0.8)]:
        z = places(page, u, v)[n]
        mouse_to(page.page, *page.window(plot(n), z))
        next_frame(page.page)
        picked = page.get("picked")
        seen.add(picked)
        assert picked == nearest(page, n, z)
        np.testing.assert_allclose(page.get("z"), codes_of(picked), atol=1e-6)
        check_drawn(page)
    page.page.mouse.up()
    assert len(seen) > 1


def test_arrows_lead_to_the_next_beat_in_that_direction(page):
    page.show(picked=int(codes()[1][:, 0].argmin()))
    pixels, way = page.pixels(plot(1), codes()[1]), []
    for _ in range(12):
        way.append(page.get("picked"))
        off = pixels - pixels[way[-1]]
        ahead = off[:, 0] > 0.5
        straight = ahead & (abs(off[:, 1]) <= off[:, 0])
        allowed = straight if straight.any() else ahead
        expected = np.where(allowed, np.hypot(*off.T), np.inf).argmin() if ahead.any() else way[-1]
        page.press("ArrowRight", at=".ecgae-handle", number=1)
        page.check(picked=int(expected))
    assert len(set(way)) > 2
    for key, axis, sign in [("ArrowUp", 1, -1), ("ArrowDown", 1, 1), ("ArrowLeft", 0, -1)]:
        before = page.get("picked")
        page.press(key)
        assert sign * (pixels[page.get("picked")] - pixels[before])[axis] >= 0


def test_the_slider_chooses_a_beat_by_its_number(page):
    for key, beat in [("End", 59), ("ArrowLeft", 58), ("Home", 0)]:
        page.press(key, at="input[type=range]")
        page.check(picked=beat)
        np.testing.assert_allclose(page.get("z"), codes_of(beat), atol=1e-6)


# the same relative move


def test_all_handles_move_by_the_same_fraction_of_their_maps(page):
    start_move(page, *[(0.5, 0.5)] * 3)
    for n in range(3):
        before = fractions(page, page.get("z"))
        goal = places(page, 0.4 + 0.1 * n, 0.7)[n]
        page.drag(page.window(plot(n), page.get("z")[n]), page.window(plot(n), goal))
        moved = fractions(page, page.get("z")) - before
        page.page.mouse.up()
        np.testing.assert_allclose(moved, np.broadcast_to(moved[n], (3, 2)), atol=1e-6)
        assert abs(moved).max() > 0.05
        check_drawn(page)


def test_handles_wait_at_their_edge_for_this_drag_and_a_new_one_starts_where_it_ended(page):
    start_move(page, (0.2, 0.5), (0.9, 0.5), (0.9, 0.5))
    start = page.get("z")
    goal = page.window(plot(0), places(page, 0.6, 0.5)[0])
    page.drag(page.window(plot(0), start[0]), goal)
    np.testing.assert_allclose(fractions(page, page.get("z"))[:, 0], [0.6, 1, 1], atol=1e-6)
    mouse_to(page.page, *page.window(plot(0), start[0]))
    next_frame(page.page)
    np.testing.assert_allclose(page.get("z"), start, rtol=1e-6, atol=1e-6)
    mouse_to(page.page, *goal)
    page.page.mouse.up()
    page.drag(goal, page.window(plot(0), places(page, 0.5, 0.5)[0]))
    page.page.mouse.up()
    np.testing.assert_allclose(fractions(page, page.get("z"))[:, 0], [0.5, 0.9, 0.9], atol=1e-6)


def test_arrows_move_all_by_one_percent(page):
    start_move(page, *[(0.5, 0.5)] * 3)
    for key, expected in [
        ("ArrowRight", [0.51, 0.5]), ("Shift+ArrowUp", [0.51, 0.6]), ("ArrowDown", [0.51, 0.59]),
        ("Home", [0.5, 0.5]),
    ]:  # fmt: skip
        page.press(key, at=".ecgae-handle", number=2)
        found = fractions(page, page.get("z"))
        np.testing.assert_allclose(found, np.broadcast_to(expected, (3, 2)), atol=1e-6)


@pytest.mark.parametrize("u", [0.02, 0.5])
def test_every_column_says_for_itself_where_it_extrapolates(page, u):
    z = places(page, u, 0.98 if u < 0.1 else 0.5).tolist()
    z[1] = codes()[1][4].tolist()
    page.show(mode=MOVE, z=z)
    for n in range(3):
        at = page.page.evaluate(
            f"(({{ scale, reach }}) => ({{ scale, reach }}))({WIDGET}.columns[{n}].at)"
        )
        far = np.linalg.norm((codes()[n] - z[n]) / at["scale"], axis=1).min() > at["reach"]
        chip = page.text(".ecgae-chip", n)
        assert chip.startswith("extrapolating, R ") == far and chip.endswith(" mV")
    assert not page.text(".ecgae-chip", 1).startswith("extra")


def test_the_mode_is_chosen_and_same_beat_snaps(page):
    chooser = page.page.locator("input[type=range]")
    page.page.get_by_label(MOVE).check()
    next_frame(page.page)
    page.check(mode=MOVE)
    assert chooser.is_disabled()
    page.put(z=places(page, 0.4, 0.6).tolist())
    beat = nearest(page, 0, page.get("z")[0])
    page.page.get_by_label("same beat").check()
    next_frame(page.page)
    page.check(picked=beat)
    np.testing.assert_allclose(page.get("z"), codes_of(beat), atol=1e-6)
    assert chooser.is_enabled()
    page.put(mode=MOVE)
    assert page.page.get_by_label(MOVE).is_checked()


def test_every_column_has_a_name(page):
    names = page.page.locator(".ecgae-panel-title").all_text_contents()
    assert names == list(compared())
    label = page.page.locator(".ecgae-handle").nth(1).get_attribute("aria-label")
    assert label == "point on the map of: <Autoencoder>"


@pytest.mark.parametrize("count", [2, 4])
def test_two_and_four_models_have_room(shelf, count):
    one = compared()["<VAE>"]
    page = shelf.take(ComparePads({f"model {n}": one for n in range(count)}, BEATS))
    boxes = [c.bounding_box() for c in page.page.locator(".ecgae-column").all()]
    assert len(boxes) == count and len({b["y"] for b in boxes}) == 1
    assert sideways(page.page) <= 0
