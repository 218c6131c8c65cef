"""Several maps under one finger in a real browser."""

import re

import numpy as np
import pytest
import torch

from ecgae_lib.beats import synthetic
from ecgae_lib.losses import beta_loss
from ecgae_lib.models import VAE, Autoencoder, LectureAutoencoder
from ecgae_lib.testing.browser import (
    PHONE,
    PROJECTOR,
    mouse_to,
    needs_chromium,
    next_frame,
    sideways,
    violations,
)
from ecgae_lib.training import fit
from ecgae_lib.widgets import ComparePads
from tests.browser.pages import WIDTHS, Opened, check_width, saved

pytestmark = needs_chromium
torch.set_num_threads(1)
MOVE = "same relative move"


@pytest.fixture(scope="session")
def beats():
    return synthetic(60, seed=1)[0]


@pytest.fixture(scope="session")
def models(beats):
    made = {}
    for model_class, settings, training in [
        (LectureAutoencoder, dict(copies=2), dict(epochs=3)),
        (Autoencoder, dict(), dict(epochs=10)),
        (VAE, dict(), dict(epochs=20, loss=beta_loss(0.001), batch_size=16)),
    ]:
        torch.manual_seed(0)
        model = model_class(450, **settings)
        fit(model, beats.x, **training)
        made[f"<{model_class.__name__}>"] = model
    return made


@pytest.fixture(scope="session")
def pads(models, beats):
    return ComparePads(models, beats)


@pytest.fixture
def page(browser, pads, tmp_path, request):
    settings = getattr(request, "param", PROJECTOR)
    with saved(browser, pads, tmp_path, **settings) as page:
        yield Opened(page)


on_phone = pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])


def plot(n):
    return f"columns[{n}].map"


def check_drawn(page, models):
    """In every column the line is what torch decodes at its handle, and the handle is at z."""
    z = page.get("z")
    for n, model in enumerate(models.values()):
        with torch.no_grad():
            x = model.decode(torch.tensor([z[n]], dtype=torch.float32))[0, 0].numpy()
        np.testing.assert_allclose(page.line("[data-line=decoded]", n), x, rtol=0, atol=1e-4)
        handle = page.page.locator(".ecgae-handle").nth(n).bounding_box()
        middle = [handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2]
        np.testing.assert_allclose(middle, page.window(plot(n), z[n]), atol=0.1)


def beat_codes(pads, beat):
    return [codes[beat].tolist() for codes in pads._codes]


def fractions(pads, z):
    """Where the handles are, as fractions of their maps."""
    extents = np.array([shown["map"]["extent"] for shown in pads._models])  # (M, 2, 2)
    return (np.array(z) - extents[..., 0]) / (extents[..., 1] - extents[..., 0])


def place(pads, n, u, v):
    (left, right), (bottom, top) = pads._models[n]["map"]["extent"]
    return left + u * (right - left), bottom + v * (top - bottom)


def nearest(pads, n, z):
    scale = pads._models[n]["map"]["scale"]
    return int(np.linalg.norm((pads._codes[n] - z) / scale, axis=1).argmin())


# the same beat


def test_a_beat_is_reconstructed_by_every_model(page, pads, models, beats):
    for beat in (0, 23, 59):
        page.put(picked=beat, z=beat_codes(pads, beat))
        check_drawn(page, models)
        original = beats.x[beat, 0].numpy()
        for n, x_hat in enumerate(ComparePads(models, beats, picked=beat).decoded.values()):
            np.testing.assert_allclose(page.line("[data-line=nearest]", n), original, atol=1.1e-3)
            chip = page.page.locator(".ecgae-chip").nth(n).text_content()
            shown = float(re.search(r"error ([\d.]+) mV²", chip)[1])
            assert shown == pytest.approx(((x_hat - original) ** 2).mean(), abs=1e-4)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_the_beat_nearest_to_the_mouse_is_chosen_in_all(page, pads, models, n):
    seen = set()
    start = page.get("z")[n]
    page.drag(plot(n), start)
    for u, v in [(0.3, 0.4), (0.5, 0.5), (0.7, 0.3), (0.4, 0.8)]:
        z = place(pads, n, u, v)
        mouse_to(page.page, *page.window(plot(n), z))
        next_frame(page.page)
        picked = page.get("picked")
        seen.add(picked)
        assert picked == nearest(pads, n, z)
        np.testing.assert_allclose(page.get("z"), beat_codes(pads, picked), atol=1e-6)
        check_drawn(page, models)
    page.page.mouse.up()
    assert len(seen) > 1


def test_arrows_lead_to_the_next_beat_in_that_direction(page, pads):
    beat = int(pads._codes[1][:, 0].argmin())
    page.put(picked=beat, z=beat_codes(pads, beat))
    page.page.locator(".ecgae-handle").nth(1).focus()
    pixels, way = page.pixels(plot(1), pads._codes[1]), []
    for _ in range(12):
        way.append(page.get("picked"))
        off = pixels - pixels[way[-1]]
        ahead = off[:, 0] > 0.5
        straight = ahead & (abs(off[:, 1]) <= off[:, 0])
        allowed = straight if straight.any() else ahead
        expected = np.where(allowed, np.hypot(*off.T), np.inf).argmin() if ahead.any() else way[-1]
        page.page.keyboard.press("ArrowRight")
        next_frame(page.page)
        assert page.get("picked") == expected
    assert len(set(way)) > 2
    for key, axis, sign in [("ArrowUp", 1, -1), ("ArrowDown", 1, 1), ("ArrowLeft", 0, -1)]:
        before = page.get("picked")
        page.page.keyboard.press(key)
        next_frame(page.page)
        pixels = page.pixels(plot(1), pads._codes[1])
        assert sign * (pixels[page.get("picked")] - pixels[before])[axis] >= 0


def test_the_slider_chooses_a_beat_by_its_number(page, pads, models):
    page.page.locator("input[type=range]").focus()
    for key, beat in [("End", 59), ("ArrowLeft", 58), ("Home", 0)]:
        page.page.keyboard.press(key)
        next_frame(page.page)
        assert page.get("picked") == beat
        np.testing.assert_allclose(page.get("z"), beat_codes(pads, beat), atol=1e-6)
    assert "beat 0" in page.page.text_content(".ecgae-legend.ecgae-lines")


# the same relative move


def test_all_handles_move_by_the_same_fraction_of_their_maps(page, pads, models):
    page.put(mode=MOVE, z=[list(place(pads, n, 0.5, 0.5)) for n in range(3)])
    for n in range(3):
        before = fractions(pads, page.get("z"))
        page.drag(plot(n), page.get("z")[n], place(pads, n, 0.4 + 0.1 * n, 0.7))
        moved = fractions(pads, page.get("z")) - before
        page.page.mouse.up()
        np.testing.assert_allclose(moved, np.broadcast_to(moved[n], (3, 2)), atol=1e-6)
        assert abs(moved).max() > 0.05
        check_drawn(page, models)


def test_a_handle_waits_at_its_edge_and_comes_back_with_the_others(page, pads):
    start = [list(place(pads, n, 0.9 if n else 0.2, 0.5)) for n in range(3)]
    page.put(mode=MOVE, z=start)
    page.drag(plot(0), start[0], place(pads, 0, 0.6, 0.5))
    np.testing.assert_allclose(fractions(pads, page.get("z"))[:, 0], [0.6, 1, 1], atol=1e-6)
    mouse_to(page.page, *page.window(plot(0), start[0]))
    next_frame(page.page)
    page.page.mouse.up()
    np.testing.assert_allclose(page.get("z"), start, atol=1e-6)


def test_a_new_drag_starts_from_where_the_last_one_ended(page, pads):
    start = [list(place(pads, n, 0.9 if n else 0.2, 0.5)) for n in range(3)]
    page.put(mode=MOVE, z=start)
    for goal, others in [(0.6, 1), (0.5, 0.9)]:
        page.drag(plot(0), page.get("z")[0], place(pads, 0, goal, 0.5))
        page.page.mouse.up()
        expected = [goal, others, others]
        np.testing.assert_allclose(fractions(pads, page.get("z"))[:, 0], expected, atol=1e-6)


def test_arrows_move_all_by_one_percent(page, pads):
    start = [list(place(pads, n, 0.5, 0.5)) for n in range(3)]
    page.put(mode=MOVE, z=start)
    page.page.locator(".ecgae-handle").nth(2).focus()
    for key, expected in [
        ("ArrowRight", [0.51, 0.5]), ("Shift+ArrowUp", [0.51, 0.6]), ("ArrowDown", [0.51, 0.59]),
    ]:  # fmt: skip
        page.page.keyboard.press(key)
        next_frame(page.page)
        found = fractions(pads, page.get("z"))
        np.testing.assert_allclose(found, np.broadcast_to(expected, (3, 2)), atol=1e-6)
    page.page.keyboard.press("Escape")
    assert page.page.evaluate("document.activeElement === document.body")


def test_every_column_says_for_itself_where_it_extrapolates(page, pads):
    page.put(mode=MOVE)
    for u in (0.02, 0.5):
        z = [list(place(pads, n, u, 0.98 if u < 0.1 else 0.5)) for n in range(3)]
        z[1] = pads._codes[1][4].tolist()
        page.put(z=z)
        for n, shown in enumerate(pads._models):
            scale, reach = shown["map"]["scale"], shown["map"]["reach"]
            far = np.linalg.norm((pads._codes[n] - z[n]) / scale, axis=1).min() > reach
            chip = page.page.locator(".ecgae-chip").nth(n).text_content()
            assert chip.startswith("extrapolating, R ") == far and chip.endswith(" mV")
        assert not page.page.locator(".ecgae-chip").nth(1).text_content().startswith("extra")


def test_the_mode_is_chosen_and_same_beat_snaps(page, pads):
    page.page.get_by_label(MOVE).check()
    assert page.get("mode") == MOVE and page.page.locator("input[type=range]").is_disabled()
    page.put(z=[list(place(pads, n, 0.4, 0.6)) for n in range(3)])
    beat = nearest(pads, 0, page.get("z")[0])
    page.page.get_by_label("same beat").check()
    next_frame(page.page)
    assert page.get("picked") == beat
    np.testing.assert_allclose(page.get("z"), beat_codes(pads, beat), atol=1e-6)
    page.put(mode=MOVE)
    assert page.page.get_by_label(MOVE).is_checked()


# everybody can use it


@on_phone
def test_a_finger_drags_and_the_page_stays(page, pads, models):
    page.put(mode=MOVE, z=[list(place(pads, n, 0.5, 0.5)) for n in range(3)])
    page.page.locator(".ecgae-latent-map").nth(1).scroll_into_view_if_needed()
    before = page.page.evaluate("scrollY")
    steps = [place(pads, 1, 0.5, v) for v in np.arange(0.5, 0.85, 0.05)]
    page.touch_and_drag(plot(1), *steps)
    assert page.page.evaluate("scrollY") == before
    found = fractions(pads, page.get("z"))
    np.testing.assert_allclose(found, [[0.5, 0.8]] * 3, atol=0.02)
    check_drawn(page, models)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PROJECTOR, PHONE], ids=["projector", "phone"])
def test_axe_finds_nothing_against_wcag(browser, pads, tmp_path, theme, screen):
    with saved(browser, pads, tmp_path, color_scheme=theme, **screen) as page:
        page = Opened(page)
        assert page.page.get_attribute(".ecgae", "data-theme") == theme
        assert violations(page.page) == []
        page.put(mode=MOVE, z=[list(place(pads, n, 0.02, 0.98)) for n in range(3)])
        assert violations(page.page) == []


@on_phone
def test_on_a_phone_nothing_overflows_and_targets_are_large(page):
    page.check_phone()
    for label in page.page.locator("[role=radiogroup] label").all():
        assert label.bounding_box()["height"] >= 44


def test_two_and_four_models_have_room(browser, models, beats, tmp_path):
    one = models["<VAE>"]
    for count in (2, 4):
        pads = ComparePads({f"model {n}": one for n in range(count)}, beats)
        with saved(browser, pads, tmp_path, **PROJECTOR) as page:
            page = Opened(page)
            boxes = [c.bounding_box() for c in page.page.locator(".ecgae-column").all()]
            assert len(boxes) == count and len({b["y"] for b in boxes}) == 1
            assert sideways(page.page) <= 0


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_every_width(browser, pads, tmp_path, width):
    check_width(browser, pads, tmp_path, width)


def test_what_is_shown_is_spoken(page, pads):
    page.put(picked=11, z=beat_codes(pads, 11))
    words = page.spoken("beat 11")
    assert words.count("error") == 3 and "<VAE>: error" in words
    names = [page.page.locator(".ecgae-panel-title").nth(n).text_content() for n in range(3)]
    assert names == ["<LectureAutoencoder>", "<Autoencoder>", "<VAE>"]
    label = page.page.locator(".ecgae-handle").nth(1).get_attribute("aria-label")
    assert label == "point on the map of: <Autoencoder>"


def test_keys_stay_inside_and_every_focus_says_so(page):
    assert page.check_keys("button, select, input, [tabindex]") == 6
