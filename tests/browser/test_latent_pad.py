"""The latent pad in a real browser: what it draws, and what mouse, finger and keyboard do."""

import math
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from ecgae_lib.beats import record_208, split
from ecgae_lib.losses import beta_loss
from ecgae_lib.models import VAE, Autoencoder, LectureAutoencoder, LectureVAE
from ecgae_lib.testing.browser import (
    PHONE,
    PROJECTOR,
    drawn_at,
    mouse_to,
    needs_chromium,
    next_frame,
    quiet_page,
    sideways,
)
from ecgae_lib.testing.browser import violations as axe_violations
from ecgae_lib.training import fit
from ecgae_lib.widgets import LatentPad

pytestmark = needs_chromium
torch.set_num_threads(1)
SETTINGS = {
    VAE: (dict(), dict(loss=beta_loss(0.001), epochs=10)),
    Autoencoder: (dict(), dict(epochs=8)),
    LectureVAE: (dict(copies=2), dict(loss=beta_loss(0.001), epochs=2)),
    LectureAutoencoder: (dict(), dict(epochs=0)),
}
PAD = "document.querySelector('.ecgae-latent-pad').widget"


@pytest.fixture(scope="session")
def train():
    return split(record_208())[0]


@pytest.fixture(scope="session")
def pads(train, tmp_path_factory):
    """One pad and its saved page for each kind of model."""
    folder, made = tmp_path_factory.mktemp("pads"), {}
    for model_class, (settings, training) in SETTINGS.items():
        torch.manual_seed(0)
        model = model_class(450, **settings)
        if training["epochs"]:
            fit(model, train.x, **training)
        pad = LatentPad(model, train)
        made[model_class] = pad, pad.save_html(folder / f"{model_class.__name__}.html").as_uri()
    return made


@pytest.fixture
def pad(pads):
    pad, _ = pads[VAE]
    pad.z, pad.picked = (0, 0), None
    return pad


@pytest.fixture
def page(browser, pads, request):
    """The saved page of the VAE's pad; its settings come with `indirect`."""
    with quiet_page(browser, pads[VAE][1], **getattr(request, "param", PROJECTOR)) as page:
        ready(page)
        yield page


on_phone = pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])


def ready(page):
    page.wait_for_selector("[data-ready]", state="attached")
    next_frame(page)


def get(page, name):
    return page.evaluate(f"{PAD}.model.get('{name}')")


def move(page, z):
    page.evaluate(f"z => {PAD}.model.set('z', z)", [float(v) for v in z])
    next_frame(page)


def drawn(page, name="decoded"):
    """The line's points as they stand in the picture: time in ms, voltage in mV."""
    d = page.get_attribute(f"[data-line={name}]", "d")
    return np.array([point.split() for point in re.split("[ML]", d)[1:]], float).T


def decoded(pad, z):
    """What torch decodes."""
    with torch.no_grad():
        return pad._snapshot.decode(torch.tensor(np.array([z]), dtype=torch.float32))[0, 0].numpy()


def place(page, z):
    """Where the latent point z lies in the window."""
    x, y = page.evaluate(
        f"""z => {{
            const {{ axes, root }} = {PAD}.map;
            const [x, y] = axes.px(...z);
            const {{ left, top }} = root.getBoundingClientRect();
            return [left + axes.box.left + x, top + axes.box.top + y];
        }}""",
        [float(v) for v in z],
    )
    return x, y


# what it draws


@pytest.mark.parametrize("model_class", SETTINGS)
def test_the_drawn_path_is_what_torch_decodes(browser, pads, model_class, train):
    pad, address = pads[model_class]
    (left, right), (bottom, top) = pad._map["extent"]
    rng = np.random.default_rng(0)
    with quiet_page(browser, address, **PROJECTOR) as page:
        ready(page)
        for z in rng.uniform([left, bottom], [right, top], (50, 2)):
            move(page, z)
            ms, mv = drawn(page)
            np.testing.assert_allclose(ms, train.ms, atol=1e-3)
            np.testing.assert_allclose(mv, decoded(pad, z), rtol=0, atol=1e-4)


def test_the_path_lies_where_the_axes_say(page):
    """The tick labels, the transform of the data and the screen agree."""
    move(page, (0.3, 0.4))
    found = page.evaluate(
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
            return { points: [at(0), at(300)], texts };
        }"""
    )
    (x0, y0, u0, v0), (x1, y1, u1, v1) = found["points"]
    ticks = {text.replace("\u2212", "-"): (u, v) for text, u, v in found["texts"][:-2]}
    assert ticks["200"][0] == pytest.approx(u0 + (200 - x0) / (x1 - x0) * (u1 - u0), abs=1.5)
    assert ticks["1"][1] == pytest.approx(v0 + (1 - y0) / (y1 - y0) * (v1 - v0), abs=3)
    labels = [text for text, *_ in found["texts"][-2:]]
    assert labels == ["time after R peak [ms]", "voltage [mV]"]


def test_it_says_where_it_extrapolates_and_draws_the_nearest_beat(page, pad, train):
    (low, high), _ = pad._map["extent"]
    seen = set()
    for z in np.random.default_rng(1).uniform(low, high, (40, 2)):
        move(page, z)
        pad.z = z.tolist()
        text = page.text_content(".ecgae-chip")
        seen.add(pad.extrapolating)
        assert (text == "extrapolating: no training beat near") == pad.extrapolating
        nearest = train.x[pad.nearest[0], 0].numpy()
        np.testing.assert_allclose(drawn(page, "nearest")[1], nearest, rtol=0, atol=1.1e-3)
    assert seen == {True, False}


def test_the_readout_measures_the_drawn_beat(page, pad):
    move(page, pad.b)
    x, ms = decoded(pad, pad.b), np.array(pad._beats["ms"])
    r = np.where(abs(ms) <= 80, x, -9).argmax()
    words = page.text_content(".ecgae-facts").replace("\u2212", "-")
    amplitude, time = re.search(r"R peak (-?[\d.]+) mV at (-?\d+) ms", words).groups()
    assert float(amplitude) == pytest.approx(x[r], abs=0.0051)
    assert float(time) == pytest.approx(ms[r], abs=0.51)


def test_every_training_beat_is_a_point_of_its_class(page, pad, train):
    for label in (0, 1):
        d = page.get_attribute(f".ecgae-points .ecgae-c{label}", "d")
        starts = np.array(re.findall(r"M(\S+) ([-\d.]+)", d), float)
        codes = pad._codes[train.y == label]
        assert len(starts) == len(codes)
        box = page.evaluate(f"{PAD}.map.axes.box")
        half = pad._map["extent"][0][1]
        x = (codes[:, 0] + half) / (2 * half) * box["width"]
        y = (half - codes[:, 1]) / (2 * half) * box["height"]
        np.testing.assert_allclose(starts, np.stack([x, y], axis=1), atol=0.06)


def test_the_prior_is_drawn_as_circles_of_one_two_and_three(page, pad):
    half = pad._map["extent"][0][1]
    box = page.evaluate(f"{PAD}.map.axes.box")
    unit = box["width"] / (2 * half)
    for n, circle in enumerate(page.locator(".ecgae-prior ellipse").all(), start=1):
        rx, ry = (float(circle.get_attribute(name)) for name in ("rx", "ry"))
        assert rx == pytest.approx(n * unit) and ry == pytest.approx(n * unit)
    assert n == 3
    names = page.locator(".ecgae-prior text").evaluate_all("all => all.map((t) => t.getBBox().y)")
    assert len(names) == 3 and min(names) >= 0  # or they would be cut off


def test_a_plain_autoencoder_has_no_prior_and_no_ellipse(browser, pads):
    with quiet_page(browser, pads[Autoencoder][1], **PROJECTOR) as page:
        ready(page)
        assert page.locator(".ecgae-prior ellipse").count() == 0
        page.click(".ecgae-look")
        next_frame(page)
        assert not page.locator(".ecgae-posterior").is_visible()
        assert page.locator("[data-line=picked]").get_attribute("d")


# hands


def test_dragging_with_the_mouse(page, pad):
    mouse_to(page, *place(page, (0, 0)))
    page.mouse.down()
    for z in [(0.5, 0.2), (1, 0.8), (1.2, -1)]:
        mouse_to(page, *place(page, z))
        there, mv = drawn_at(page)
        assert there == pytest.approx(z, abs=1e-6)
        np.testing.assert_allclose(mv, decoded(pad, there), rtol=0, atol=1e-4)
    page.mouse.up()
    mouse_to(page, *place(page, (0, 0)))
    assert get(page, "z") == pytest.approx((1.2, -1), abs=1e-6)


def test_the_handle_does_not_jump_when_it_is_taken_beside_its_middle(page):
    x, y = place(page, (0, 0))
    mouse_to(page, x + 12, y + 8)
    page.mouse.down()
    mouse_to(page, x + 32, y + 8, steps=4)
    page.mouse.up()
    expected = page.evaluate(f"([x, y]) => {PAD}.map.axes.fromClient(x, y)", [x + 20, y])
    assert get(page, "z") == pytest.approx(expected, abs=1e-6)


def test_a_drag_beyond_the_edge_stops_there(page, pad):
    mouse_to(page, *place(page, (0, 0)))
    page.mouse.down()
    mouse_to(page, 1599, 899, steps=3)
    page.mouse.up()
    (_, right), (bottom, _) = pad._map["extent"]
    assert get(page, "z") == pytest.approx((right, bottom))


@on_phone
def test_dragging_with_a_finger_moves_the_handle_and_not_the_page(page, pad):
    page.locator(".ecgae-latent-map").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    finger = page.context.new_cdp_session(page)

    def touch(kind, *points):
        points = [dict(x=x, y=y) for x, y in points]
        finger.send("Input.dispatchTouchEvent", dict(type=kind, touchPoints=points))

    touch("touchStart", place(page, (0, 0)))
    for step in range(1, 11):
        touch("touchMove", place(page, (0.02 * step, 0.25 * step)))
        next_frame(page)
    touch("touchEnd")
    assert get(page, "z") == pytest.approx((0.2, 2.5), abs=0.02)
    assert page.evaluate("scrollY") == before
    assert page.evaluate("document.documentElement.scrollHeight > innerHeight + 100")
    there, mv = drawn_at(page)
    np.testing.assert_allclose(mv, decoded(pad, there), rtol=0, atol=1e-4)


def test_the_keyboard(page, pad):
    (low, high), _ = pad._map["extent"]
    step = (high - low) / 100
    page.focus(".ecgae-handle")
    for key, expected in [
        ("ArrowRight", (step, 0)), ("ArrowUp", (step, step)),
        ("Shift+ArrowLeft", (-9 * step, step)),
        ("Shift+ArrowDown", (-9 * step, -9 * step)), ("Home", (0, 0)),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert get(page, "z") == pytest.approx(expected)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement === document.body")


def test_the_sliders_need_no_dragging(page, pad):
    sliders = page.locator(".ecgae-slider input").all()[:2]
    for axis, slider in enumerate(sliders):
        slider.focus()
        page.keyboard.press("End")
        assert get(page, "z")[axis] == pytest.approx(pad._map["extent"][axis][1])
    next_frame(page)
    there, mv = drawn_at(page)
    np.testing.assert_allclose(mv, decoded(pad, there), rtol=0, atol=1e-4)


def test_no_key_leaves_the_widget_and_every_focus_says_so(page):
    page.evaluate("window.keys = 0; document.addEventListener('keydown', () => keys++)")
    page.focus(".ecgae-handle")
    for key in ["ArrowRight", "a", "b", "Enter", " ", " ", "x", "Escape"]:
        page.keyboard.press(key)
    assert page.evaluate("keys") == 0
    marked = "n => n.map((e) => e.hasAttribute('data-lm-suppress-shortcuts'))"
    found = page.eval_on_selector_all("button, select, input, textarea, a, [tabindex]", marked)
    assert len(found) >= 9 and all(found)


def test_saving_is_throttled_while_moving_and_done_at_the_end(page):
    page.evaluate(f"() => {{ window.saves = 0; {PAD}.model.save_changes = () => saves++ }}")
    many = f"() => {{ for (let n = 0; n < 500; n++) {PAD}.move([n / 500, 0]); return saves }}"
    assert page.evaluate(many) == 0
    page.wait_for_function("saves === 1")
    again = f"() => {{ {PAD}.move([0, 1]); {PAD}.map.on.end(); return saves }}"
    assert page.evaluate(again) == 2


# a picked beat


def test_tapping_a_point_shows_its_beat_its_reconstruction_and_its_posterior(page, pad, train):
    n = int(abs(pad._codes - [1.0, 0.0]).sum(axis=1).argmin())
    page.mouse.click(*place(page, pad._codes[n]))
    next_frame(page)
    n = get(page, "picked")
    mu = pad._codes[n]
    assert get(page, "z") == pytest.approx(mu.tolist(), abs=1e-6)
    np.testing.assert_allclose(drawn(page, "picked")[1], train.x[n, 0], rtol=0, atol=1.1e-3)
    x_hat = decoded(pad, mu)
    np.testing.assert_allclose(drawn(page, "reconstruction")[1], x_hat, rtol=0, atol=1e-4)
    unit = page.evaluate(f"{PAD}.map.axes.box.width") / (2 * pad._map["extent"][0][1])
    with torch.no_grad():
        sigma = torch.exp(0.5 * pad._snapshot.encode(train.x[n : n + 1])[1])[0].numpy()
    ellipse = page.locator(".ecgae-posterior")
    radii = [float(ellipse.get_attribute(name)) for name in ("rx", "ry")]
    assert radii == pytest.approx((2 * sigma * unit).tolist(), rel=1e-3)
    move(page, (0, 0))  # the reconstruction stays, the decoded beat goes
    np.testing.assert_allclose(drawn(page, "reconstruction")[1], x_hat, rtol=0, atol=1e-4)
    page.focus(".ecgae-handle")
    page.keyboard.press("Escape")
    next_frame(page)
    assert get(page, "picked") is None and not ellipse.is_visible()


def test_a_beat_picked_from_python_is_reconstructed_wherever_the_handle_is(page, pad, train):
    move(page, (1, -1))
    page.evaluate(f"{PAD}.model.set('picked', 7)")
    next_frame(page)
    assert get(page, "z") == [1, -1]
    np.testing.assert_allclose(drawn(page, "picked")[1], train.x[7, 0], rtol=0, atol=1.1e-3)
    x_hat = decoded(pad, pad._codes[7])
    np.testing.assert_allclose(drawn(page, "reconstruction")[1], x_hat, rtol=0, atol=1e-4)


def test_the_nearest_beat_can_be_picked_without_a_pointer(page, pad):
    move(page, pad.b)
    pad.z = pad.b
    page.focus(".ecgae-look")
    page.keyboard.press("Enter")
    assert get(page, "picked") == pad.nearest[0]
    page.keyboard.press("Enter")
    assert get(page, "picked") is None


# the path


def test_the_path_from_a_to_b_is_scrubbed(page, pad):
    page.locator(".ecgae-slider input").nth(2).focus()
    for key, end in [("End", pad.b), ("Home", pad.a)]:
        page.keyboard.press(key)
        next_frame(page)
        assert get(page, "z") == pytest.approx(end)
    page.keyboard.press("ArrowRight")
    one_percent = np.add(pad.a, 0.01 * np.subtract(pad.b, pad.a))
    assert get(page, "z") == pytest.approx(one_percent.tolist())


def test_the_ends_of_the_path_can_be_set(page):
    for z, name in [((1, 1), "A here"), ((-1, 0.5), "B here")]:
        move(page, z)
        page.get_by_role("button", name=name).click()
    next_frame(page)
    assert (get(page, "a"), get(page, "b")) == ([1, 1], [-1, 0.5])
    d = page.get_attribute(".ecgae-path", "d")
    x, y = place(page, (0, 0))
    zero = np.array(page.evaluate(f"{PAD}.map.axes.px(0, 0)"))
    ends = np.array([p.split(",") for p in re.split("[ML]", d)[1:]], float) - zero + [x, y]
    np.testing.assert_allclose(ends, [place(page, (1, 1)), place(page, (-1, 0.5))], atol=0.01)


def test_the_path_is_played_there_and_back_until_it_is_stopped(page, pad):
    page.get_by_role("button", name="play from A to B").click()
    a, b = np.array(pad.a), np.array(pad.b)
    seen = []
    for _ in range(12):
        next_frame(page)
        along = np.subtract(get(page, "z"), a) / (b - a)
        assert along[0] == pytest.approx(along[1], abs=1e-6)
        seen.append(along[0])
    assert all(s < t for s, t in pairwise(seen)) and 0 <= seen[0] < seen[-1] <= 1
    page.get_by_role("button", name="pause").click()
    rest = get(page, "z")
    next_frame(page)
    assert get(page, "z") == rest


@pytest.mark.parametrize("page", [PROJECTOR | dict(reduced_motion="reduce")], indirect=True)
def test_nothing_moves_by_itself_where_motion_is_not_wanted(page, pad):
    play = page.get_by_role("button", name="play from A to B")
    for n in (1, 2):
        play.click()
        tenth = np.add(pad.a, n / 10 * np.subtract(pad.b, pad.a)).tolist()
        for _ in range(3):
            next_frame(page)
            assert get(page, "z") == pytest.approx(tenth)


# what lies under the map


def canvas(page):
    return page.evaluate(
        """() => {
            const { canvas } = document.querySelector(".ecgae-latent-pad").widget.map;
            const copy = new OffscreenCanvas(canvas.width, canvas.height);
            const context = copy.getContext("2d", { willReadFrequently: true });
            context.drawImage(canvas, 0, 0);
            const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
            return [canvas.width, Array.from(data)];
        }"""
    )


def under(page, name):
    page.select_option("select", name)
    kind = "field" if name in ("R amplitude", "QRS width", "T wave") else name
    page.wait_for_selector(f".ecgae-latent-map[data-underlay='{kind}']")
    assert get(page, "underlay") == name
    size, data = canvas(page)
    return np.reshape(data, (size, size, 4)).astype(int)


def test_the_density_is_darkest_where_the_beats_are(page, pad):
    alpha = under(page, "density")[:, :, 3]
    row, column = np.unravel_index(alpha.argmax(), alpha.shape)
    half = pad._map["extent"][0][1]
    size = len(alpha)
    peak = ((column + 0.5) / size * 2 * half - half, half - (row + 0.5) / size * 2 * half)
    near = np.linalg.norm(pad._codes - peak, axis=1) < 0.5
    assert near.mean() > 0.1 and alpha.max() > 250 and np.median(alpha) < 100
    assert under(page, "none").size == 4


def test_the_map_of_the_t_wave_shows_its_sign(page, pad):
    """Purple below 0, green above, at the middle of each cell, where torch says so."""
    colours = under(page, "T wave")
    size, half = len(colours), pad._map["extent"][0][1]
    middle = ((np.arange(size) + 0.5) / size * 2 - 1) * half
    z = np.stack(np.meshgrid(middle, -middle), axis=-1).reshape(-1, 2)
    with torch.no_grad():
        x = pad._snapshot.decode(torch.tensor(z, dtype=torch.float32))[:, 0].numpy()
    ms = np.array(pad._beats["ms"])
    t = x[:, (ms >= 180) & (ms <= 320)].mean(axis=1) - np.median(x, axis=1)
    green = (colours[:, :, 1] > colours[:, :, 0]).ravel()
    clear = abs(t) > 0.03
    assert (t[clear] > 0).any() and (t[clear] < 0).any()
    assert (green[clear] == (t[clear] > 0)).all()


def test_the_map_of_the_r_amplitude_grows_brighter_with_it(page, pad):
    light = under(page, "R amplitude")[:, :, :3].sum(axis=-1)
    size, half = len(light), pad._map["extent"][0][1]
    middle = ((np.arange(size) + 0.5) / size * 2 - 1) * half
    z = np.stack(np.meshgrid(middle, -middle), axis=-1).reshape(-1, 2)
    with torch.no_grad():
        x = pad._snapshot.decode(torch.tensor(z, dtype=torch.float32))[:, 0].numpy()
    height = x[:, abs(np.array(pad._beats["ms"])) <= 80].max(axis=1)
    order = height.argsort()
    assert (np.diff(light.ravel()[order]) >= -2).mean() > 0.99
    bar = page.text_content(".ecgae-colour-bar").replace("\u2212", "-")
    low, high = (float(v) for v in re.findall(r"-?[\d.]+", bar))
    assert low == pytest.approx(np.quantile(height, 0.02), abs=0.06)
    assert high == pytest.approx(np.quantile(height, 0.98), abs=0.06)
    under(page, "density")
    assert page.text_content(".ecgae-colour-bar") == ""


def test_the_grid_of_decoded_beats(page, pad):
    under(page, "beats")
    beats = page.locator(".ecgae-beats path").all()
    assert len(beats) == 81
    heights = [float(b.evaluate("b => b.getBBox().height")) for b in (beats[0], beats[44])]
    half = pad._map["extent"][0][1]
    cell = 2 * half / 9
    box, mv = page.evaluate(f"{PAD}.map.axes.box"), pad._beats["mv"]
    for height, z in zip(heights, [(-4 * cell, 4 * cell), (4 * cell, 0)], strict=True):
        x = decoded(pad, z)[::4]
        expected = 1.6 * (x.max() - x.min()) / (mv[1] - mv[0]) * box["height"] / 9
        assert height == pytest.approx(expected, rel=0.01)


# everybody can use it


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PROJECTOR, PHONE], ids=["projector", "phone"])
def test_axe_finds_nothing_against_wcag(browser, pads, pad, theme, screen):
    with quiet_page(browser, pads[VAE][1], color_scheme=theme, **screen) as page:
        ready(page)
        assert page.get_attribute(".ecgae", "data-theme") == theme
        assert axe_violations(page) == []
        move(page, [0.9 * v for v in np.array(pad._map["extent"])[:, 0]])
        page.click(".ecgae-look")
        under(page, "T wave")
        assert axe_violations(page) == []


@on_phone
def test_on_a_phone_nothing_overflows_and_targets_are_large(page):
    assert sideways(page) <= 0
    for target in page.locator("button, select, input, .ecgae-handle").all():
        assert target.bounding_box()["height"] >= 44
    beat, plane = (
        page.locator(s).bounding_box() for s in (".ecgae-beat-plot", ".ecgae-latent-map")
    )
    assert beat["y"] + beat["height"] <= plane["y"]  # the beat is not under the hand


@pytest.mark.parametrize("width", [320, 600, 720, 1024, 1280, 1920])
def test_it_fits_every_width(browser, pads, width):
    with quiet_page(browser, pads[VAE][1], viewport=dict(width=width, height=800)) as page:
        ready(page)
        under(page, "T wave")
        assert sideways(page) <= 0
        pad = page.locator(".ecgae-latent-pad").bounding_box()
        for part in page.locator(
            ".ecgae-latent-pad :is(button, select, input, .ecgae-fact, .ecgae-axes)"
        ).all():
            box = part.bounding_box()
            assert pad["x"] <= box["x"] and box["x"] + box["width"] <= pad["x"] + pad["width"] + 1


def test_nothing_jumps_when_the_state_changes(page, pad):
    boxes = []
    for act in [
        lambda: move(page, (0, 0)),
        lambda: move(page, np.array(pad._map["extent"])[:, 0]),
        lambda: page.click(".ecgae-look"),
        lambda: under(page, "QRS width"),
    ]:
        act()
        next_frame(page)
        boxes.append(
            [
                page.locator(s).bounding_box()
                for s in (".ecgae-beat-plot .ecgae-area", ".ecgae-latent-map")
            ]
        )
    assert all(b == boxes[0] for b in boxes)


def test_what_moves_is_spoken_when_it_rests(page, pad):
    move(page, pad.b)
    page.wait_for_function("document.querySelector('[aria-live]').textContent.includes('R peak')")
    words = page.text_content("[aria-live=polite]")
    assert f"{pad.b[0]:.2f}" in words and "near" in words and "mV at" in words
    handle = page.locator(".ecgae-handle")
    assert f"z₁ {pad.b[0]:.2f}" in handle.get_attribute("aria-valuetext")
    assert handle.get_attribute("role") == "slider"


@pytest.mark.parametrize("page", [PROJECTOR | dict(forced_colors="active")], indirect=True)
def test_forced_colours_are_obeyed(page):
    canvas_text = page.evaluate(
        "() => { const { style } = document.body; style.color = 'CanvasText';"
        "return getComputedStyle(document.body).color }"
    )
    line = page.locator(".ecgae-axes .ecgae-axis-label").first
    assert line.evaluate("n => getComputedStyle(n).fill") == canvas_text
    stroke = "n => getComputedStyle(n).stroke"
    assert page.locator("[data-line=decoded]").evaluate(stroke) != "none"


def test_names_of_classes_cannot_break_the_page(browser, train, pads, tmp_path):
    pad, _ = pads[VAE]
    named = replace(train, class_names=("</script><b id='broken'>", "<wide> & 'odd'"))
    path = LatentPad(pad._snapshot, named).save_html(tmp_path / "odd.html")
    with quiet_page(browser, path.as_uri(), **PROJECTOR) as page:
        ready(page)
        assert page.locator("#broken").count() == 0
        assert page.locator(".ecgae-legend li").first.text_content() == named.class_names[0]


def test_beats_without_labels_and_many_classes(browser, train, pads, tmp_path):
    pad, _ = pads[VAE]
    y = torch.arange(len(train)) % 6
    for beats, kinds in [
        (replace(train, y=None), 1),
        (replace(train, y=y, class_names=tuple("abcdef")), 6),
    ]:
        path = LatentPad(pad._snapshot, beats).save_html(tmp_path / f"{kinds}.html")
        with quiet_page(browser, path.as_uri(), **PROJECTOR) as page:
            ready(page)
            assert page.locator(".ecgae-points .ecgae-mark").count() == kinds
            assert drawn(page, "nearest").shape == (2, 450)


def test_several_fragments_share_one_script(browser, pads, tmp_path):
    (one, _), (two, _) = pads[VAE], pads[Autoencoder]
    page_text = f"<!doctype html><title>two</title>{LatentPad.assets()}<h1>two</h1>"
    path = tmp_path / "two.html"
    path.write_text(page_text + one.fragment() + two.fragment(), encoding="utf-8")
    with quiet_page(browser, path.as_uri(), **PROJECTOR) as page:
        page.wait_for_function("document.querySelectorAll('[data-ready]').length === 2")
        next_frame(page)
        lines = page.locator("[data-line=decoded]").all()
        for pad, line in zip((one, two), lines, strict=True):
            mv = [p.split()[1] for p in re.split("[ML]", line.get_attribute("d"))[1:]]
            np.testing.assert_allclose(np.array(mv, float), decoded(pad, (0, 0)), rtol=0, atol=1e-4)
    assert math.isclose(page_text.count("makeDecoder("), LatentPad._esm.count("makeDecoder("))
