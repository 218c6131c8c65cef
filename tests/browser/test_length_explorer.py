"""The length explorer in a real browser: the drawn connections against torch, and the hands."""

import re

import numpy as np
import pytest

from ecgae_lib.testing.browser import (
    PHONE,
    PROJECTOR,
    mouse_to,
    needs_chromium,
    next_frame,
    quiet_page,
    ready_page,
    sideways,
)
from ecgae_lib.testing.browser import violations as axe_violations
from ecgae_lib.widgets import LengthExplorer
from tests.unit.test_length_explorer import evaluate, matrix, reason

pytestmark = needs_chromium
WIDGET = "document.querySelector('.ecgae-length-explorer').widget"
PLAIN = dict(kind="conv", stride=1, padding=0, dilation=1, output_padding=0, picked=None)
CASES = {
    "conv": dict(length=10, kernel_size=3, stride=2, padding=1),
    "holes": dict(length=14, kernel_size=3, dilation=3, padding=2),
    "transposed": dict(
        kind="conv_transpose", length=6, kernel_size=3, stride=2, padding=1, output_padding=1
    ),
    "gaps": dict(kind="conv_transpose", length=4, kernel_size=2, stride=3, output_padding=2),
    "zeros": dict(
        kind="conv_transpose", length=5, kernel_size=4, stride=3, padding=1, view="zeros"
    ),
    "much padding": dict(
        kind="conv_transpose", length=6, kernel_size=2, stride=2, padding=3, view="zeros"
    ),
}
LONG = dict(kind="conv_transpose", length=600, kernel_size=4, stride=3)
LECTURE = dict(kind="conv_transpose", length=225, kernel_size=225, stride=225)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("length")
    explorer = LengthExplorer(length=10, kernel_size=3, stride=2, padding=1)
    return explorer.save_html(folder / "length.html").as_uri()


@pytest.fixture
def page(browser, address, request):
    with ready_page(browser, address, **getattr(request, "param", PROJECTOR)) as page:
        yield page


on_phone = pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])


def put(page, **traits):
    """As if Python had set the traits."""
    page.evaluate(
        f"t => {{ for (const [k, v] of Object.entries(t)) {WIDGET}.model.set(k, v) }}",
        PLAIN | dict(view="scatter") | traits,
    )
    next_frame(page)
    return PLAIN | traits


def get(page, name):
    return page.evaluate(f"{WIDGET}.model.get('{name}')")


def pairs(page, selector):
    """(stop, position) of every line drawn, read back from its ends."""
    at = page.evaluate(
        f"(({{ w, left, from, pic }}) => ({{ w, left, from, pic }}))({WIDGET}.picture)"
    )
    found = []
    for path in page.locator(selector).all():
        for a, b in re.findall(r"M(\S+) \S+?L(\S+) ", path.get_attribute("d")):
            top, bottom = ((float(x) - at["left"]) / at["w"] + at["from"] - 0.5 for x in (a, b))
            pic = at["pic"]
            found.append(((top - pic["first"] - pic["reach"] / 2) / pic["step"], bottom))
    near = np.rint(found)
    np.testing.assert_allclose(found, near, atol=0.02)
    return near.astype(int), at["pic"]


def drawn(page, selector, expected):
    """(L_in, L_out): how many lines join the two, and how many end at no real sample."""
    lines, pic = pairs(page, selector)
    joined, elsewhere = np.zeros(expected.shape, int), 0
    for stop, position in lines:
        n, rest = divmod(position - pic["before"], pic["gap"])
        if rest or not 0 <= n < pic["real"]:
            elsewhere += 1
        else:
            joined[(n, stop) if pic["cells"] == "input" else (stop, n)] += 1
    return joined, elsewhere


def boxes(page, selector):
    """x, y, width, height of every rectangle of a path."""
    d = page.get_attribute(selector, "d")
    return np.array(re.findall(r"M(\S+) (\S+?)h(\S+?)v(\S+?)h", d), float).reshape(-1, 4)


# what it draws


@pytest.mark.parametrize("name", CASES)
def test_the_drawn_connections_are_those_of_torch(page, name):
    s = put(page, **CASES[name])
    expected = (matrix(s) > 0).astype(int)
    joined, elsewhere = drawn(page, ".ecgae-link:not(.ecgae-lit)", expected)
    np.testing.assert_array_equal(joined, expected)
    stops = expected.shape[1 if s["kind"] == "conv" or s.get("view") == "zeros" else 0]
    assert joined.sum() + elsewhere == stops * s["kernel_size"]


@pytest.mark.parametrize("name", CASES)
def test_the_bars_count_what_each_output_is_made_of(page, name):
    s = put(page, **CASES[name])
    counts = (matrix(s) > 0).sum(axis=0)
    for part in ("most", "least"):
        heights = abs(boxes(page, f".ecgae-bar.ecgae-{part}")[:, 3])
        np.testing.assert_allclose(heights / heights.max(), counts / counts.max(), atol=0.01)
    assert [int(t) for t in page.locator("text.ecgae-count").all_text_contents()] == counts.tolist()


@pytest.mark.parametrize("name", CASES)
def test_the_cells_are_named_and_counted(page, name):
    s = put(page, **CASES[name])
    out, real = matrix(s).shape[1], page.locator("text.ecgae-in-real").all_text_contents()
    below = s["length"] if s["kind"] == "conv" or s.get("view") == "zeros" else out
    if name != "much padding":  # there the ends of the input itself are cropped
        assert real == [str(n) for n in range(below)]
    others = s["length"] + out - below
    assert page.locator("text.ecgae-in-stop").all_text_contents() == [str(n) for n in range(others)]
    if s["kind"] == "conv":
        assert len(boxes(page, ".ecgae-cell.ecgae-padding")) == 2 * s["padding"]
        assert page.locator("text.ecgae-in-padding").all_text_contents() == ["0"] * 2 * s["padding"]
    elif s.get("view") != "zeros":
        assert len(boxes(page, ".ecgae-cell.ecgae-cropped")) == 2 * s["padding"]
    else:
        assert len(boxes(page, ".ecgae-cell.ecgae-inserted")) > 0
    for kind, words in dict(padding="padding", inserted="inserted zero", cropped="cropped").items():
        assert (words in page.text_content(".ecgae-legend")) == bool(
            len(boxes(page, f".ecgae-cell.ecgae-{kind}"))
        )


@pytest.mark.parametrize("name", CASES)
def test_the_formula_and_the_result(page, name):
    s = put(page, **CASES[name])
    out = matrix(s).shape[1]
    assert page.text_content(".ecgae-result") == f"{s['length']} → {out}"
    spoken = page.get_attribute(".ecgae-numbers", "aria-label")
    for word, sign in {" times ": "*", "minus": "-", "L_out = ": ""}.items():
        spoken = spoken.replace(word, sign)
    assert {evaluate(part) for part in spoken.split(" = ")} == {out}
    assert page.get_attribute(".ecgae-letters", "aria-label").startswith("L_out = ")
    assert "2p minus" not in page.text_content(".ecgae-letters")


@pytest.mark.parametrize(
    "s",
    [
        dict(length=12, kernel_size=5, dilation=4),
        dict(length=1, kernel_size=1000, padding=499),
        dict(kind="conv_transpose", length=4, kernel_size=3, stride=2, output_padding=2),
        dict(kind="conv_transpose", length=2, kernel_size=2, padding=3),
    ],
)
def test_what_torch_refuses_is_refused_and_says_why(page, s):
    put(page, **CASES["conv"])
    why = reason(PLAIN | s)
    s = put(page, **s)
    assert why and page.text_content(".ecgae-refused") == f"torch refuses: {why}"
    assert page.text_content(".ecgae-result") == f"{s['length']} → refused"
    assert [p.get_attribute("d") for p in page.locator(".ecgae-link").all()] == [""] * 4
    assert page.text_content(".ecgae-numbers") == ""
    said = "w => document.querySelector('[aria-live]').textContent.includes(w)"
    page.wait_for_function(said, arg=why)
    put(page, **CASES["conv"])
    assert (
        page.text_content(".ecgae-refused") == "" and page.text_content(".ecgae-result") == "10 → 5"
    )


def test_a_kernel_that_is_too_long_is_drawn_over_what_is_there(page):
    put(page, length=7, kernel_size=4, dilation=3, padding=1)
    weights = np.r_[
        boxes(page, ".ecgae-stop.ecgae-c0")[:, 0], boxes(page, ".ecgae-cell.ecgae-cropped")[:, 0]
    ]
    cells = np.sort(
        np.r_[
            boxes(page, ".ecgae-cell.ecgae-real")[:, 0],
            boxes(page, ".ecgae-cell.ecgae-padding")[:, 0],
        ]
    )
    assert len(cells) == 9 and len(boxes(page, ".ecgae-cell.ecgae-real")) == 7
    apart = np.diff(cells)[0]
    np.testing.assert_allclose(weights, cells[0] + apart * np.array([0, 3, 6, 9]), atol=0.1)
    assert len(boxes(page, ".ecgae-cell.ecgae-cropped")) == 1


# long signals


def test_the_lectures_decoder_is_drawn_as_225_fans_side_by_side(page):
    put(page, **LECTURE)
    assert page.text_content(".ecgae-result") == "225 → 50,625"
    fans = []
    for path in page.locator(".ecgae-link:not(.ecgae-lit)").all():
        d = path.get_attribute("d")
        fans += [tuple(map(float, f)) for f in re.findall(r"L(\S+) \S+?H(\S+?)Z", d)]
    fans.sort()
    assert len(fans) == 225
    width = fans[-1][1] - fans[0][0]
    np.testing.assert_allclose([b - a for a, b in fans], width / 225, atol=0.03)
    np.testing.assert_allclose([b for _, b in fans[:-1]], [a for a, _ in fans[1:]], atol=0.03)
    assert "225 connections" in page.text_content(".ecgae-legend")
    (band,) = boxes(page, ".ecgae-cell.ecgae-real")
    assert band[2] == pytest.approx(width, abs=0.1)
    put(page, **LECTURE, picked=["output", 50_624])
    assert page.text_content(".ecgae-story") == "output 50624 is made of input 224"
    put(page, **LECTURE, picked=["input", 100])
    story = "input 100 goes into outputs 22500, 22501, 22502, ..., 22724"
    assert page.text_content(".ecgae-story") == story


def test_a_sample_picked_in_python_is_followed(page):
    put(page, **CASES["conv"])
    page.evaluate(f"{WIDGET}.model.set('picked', ['output', 1])")
    next_frame(page)
    assert page.text_content(".ecgae-story").startswith("output 1 is made of input")


def test_narrow_bars_show_the_smallest_and_the_largest_count(page):
    s = put(page, **LONG)
    counts = (matrix(s) > 0).sum(axis=0)
    least, most = (abs(boxes(page, f".ecgae-bar.ecgae-{part}")[:, 3]) for part in ("least", "most"))
    each = -(-len(counts) // len(most))
    assert each > 1
    groups = [counts[n : n + each] for n in range(0, len(counts), each)]
    np.testing.assert_allclose(most / most.max(), [g.max() / 2 for g in groups], atol=0.01)
    np.testing.assert_allclose(least / most.max(), [g.min() / 2 for g in groups], atol=0.01)
    assert "uneven: 1 to 2 inputs" in page.text_content(".ecgae-verdict")


def test_zoom_shows_single_cells_around_the_picked_one(page):
    s = put(page, **LONG, picked=["output", 900])
    page.focus("[aria-label=zoom]")
    page.keyboard.press("End")
    next_frame(page)
    seen = [int(t) for t in page.locator("text.ecgae-in-real").all_text_contents()]
    assert 900 in seen and 20 < len(seen) < 80
    assert abs(np.mean(seen) - 900) < 2
    lines, pic = pairs(page, ".ecgae-link.ecgae-lit")
    assert pic["cells"] == "output"
    assert sorted(stop for stop, _ in lines) == matrix(s)[:, 900].nonzero()[0].tolist()


def test_zoomed_in_a_connection_is_followed_out_of_the_window(page):
    put(page, **LECTURE, picked=["output", 22_499])
    page.focus("[aria-label=zoom]")
    page.keyboard.press("End")
    next_frame(page)
    lines, _ = pairs(page, ".ecgae-link.ecgae-lit")
    assert lines.tolist() == [[99, 22_499]]
    assert "22499" in page.locator("text.ecgae-in-real").all_text_contents()
    others, _ = pairs(page, ".ecgae-link:not(.ecgae-lit)")
    assert {stop for stop, _ in others.tolist()} == {99, 100}  # two kernels meet here


def test_a_thousand_of_everything_is_drawn_in_time(page):
    put(page, kind="conv_transpose", length=1000, kernel_size=1000, stride=1000, view="zeros")
    assert page.text_content(".ecgae-result") == "1,000 → 1,000,000"
    assert "too many connections" in page.text_content(".ecgae-legend")


# hands


def place(page, side, n):
    """Where the sample lies in the window."""
    return page.evaluate(
        f"""([side, n]) => {{
            const p = {WIDGET}.picture;
            const {{ left, top }} = p.parent.getBoundingClientRect();
            const onCells = side === p.pic.cells;
            const at = onCells ? p.pic.before + n * p.pic.gap : p.stopAt(n);
            return [left + p.x(at), top + (onCells ? p.y.cells : p.y.stops)];
        }}""",
        [side, n],
    )


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("side", ["input", "output"])
def test_a_picked_sample_lights_what_it_touches(page, name, side):
    s = put(page, **CASES[name])
    expected = (matrix(s) > 0).astype(int)
    n = expected.shape[side == "output"] // 2
    page.mouse.click(*place(page, side, n))
    next_frame(page)
    assert get(page, "picked") == [side, n]
    joined, _ = drawn(page, ".ecgae-link.ecgae-lit", expected)
    mask = np.zeros_like(expected)
    mask[(n, slice(None)) if side == "input" else (slice(None), n)] = 1
    np.testing.assert_array_equal(joined, expected * mask)
    others = np.flatnonzero((expected * mask).any(axis=0 if side == "input" else 1))
    story = page.text_content(".ecgae-story")
    assert story.startswith(f"{side} {n} ")
    if len(others) <= 6:
        assert ", ".join(map(str, others)) in story


def test_a_second_click_lets_go(page):
    for expected in (["output", 1], None, ["output", 1]):
        page.mouse.click(*place(page, "output", 1))
        next_frame(page)
        assert get(page, "picked") == expected


def test_the_mouse_wanders_over_the_outputs(page):
    mouse_to(page, *place(page, "output", 0))
    page.mouse.down()
    for n in (1, 2, 4):
        mouse_to(page, *place(page, "output", n), steps=3)
        assert get(page, "picked") == ["output", n]
    page.mouse.up()
    assert get(page, "picked") == ["output", 4]


@on_phone
def test_a_finger_wanders_and_still_scrolls_the_page_up_and_down(page):
    place_of = page.locator(".ecgae-picture-place")
    place_of.scroll_into_view_if_needed()
    assert place_of.evaluate("n => getComputedStyle(n).touchAction") == "pan-y"
    finger = page.context.new_cdp_session(page)

    def touch(kind, *points):
        points = [dict(x=x, y=y) for x, y in points]
        finger.send("Input.dispatchTouchEvent", dict(type=kind, touchPoints=points))

    touch("touchStart", place(page, "input", 0))
    for n in range(1, 8):
        touch("touchMove", place(page, "input", n))
        next_frame(page)
    touch("touchEnd")
    assert get(page, "picked") == ["input", 7]


def test_sliders_and_fields_by_keyboard(page):
    page.focus("input[type=range][aria-label=stride]")
    page.keyboard.press("ArrowRight")
    next_frame(page)
    assert get(page, "stride") == 3 and page.text_content(".ecgae-result") == "10 → 4"
    field = page.locator("[aria-label='length, any value']")
    assert field.input_value() == "10"
    for typed, kept in [("450", 450), ("5000", 1000), ("-3", 1), ("7.4", 7), ("", 1)]:
        field.fill(typed)
        field.press("Enter")
        next_frame(page)
        assert get(page, "length") == kept and field.input_value() == str(kept)
        assert page.input_value("input[type=range][aria-label=length]") == str(kept)


def test_samples_are_picked_by_keyboard(page):
    page.select_option(".ecgae-controls select >> nth=0", "input")
    assert get(page, "picked") == ["input", 0]
    page.focus("[aria-label='which sample']")
    page.keyboard.press("End")
    next_frame(page)
    assert get(page, "picked") == ["input", 9]
    assert page.text_content(".ecgae-story") == "input 9 goes into output 4"
    page.select_option(".ecgae-controls select >> nth=0", "")
    assert get(page, "picked") is None


def test_a_setting_that_takes_the_picked_sample_away_lets_it_go(page):
    page.mouse.click(*place(page, "output", 4))
    page.focus("input[type=range][aria-label=stride]")
    page.keyboard.press("End")
    assert get(page, "picked") is None
    next_frame(page)
    assert page.text_content(".ecgae-result") == "10 → 2"


@pytest.mark.parametrize("index", range(8))
def test_the_examples(page, index):
    put(page, **LONG)
    page.select_option(".ecgae-head select >> nth=1", str(index))
    next_frame(page)
    explorer = LengthExplorer(**{n: get(page, n) for n in (*PLAIN, "length", "kernel_size")})
    shown = page.text_content(".ecgae-result").replace(",", "")
    assert shown == f"{explorer.length} → {explorer.output_length or 'refused'}"
    assert page.input_value(".ecgae-head select >> nth=1") == str(index)


def test_no_key_leaves_the_widget_and_every_focus_says_so(page):
    page.evaluate("window.keys = 0; document.addEventListener('keydown', () => keys++)")
    page.focus("input[type=range][aria-label=stride]")
    for key in ["ArrowRight", "a", "b", "Enter", "x", "Escape"]:
        page.keyboard.press(key)
    assert page.evaluate("keys") == 0
    marked = "n => n.map((e) => e.hasAttribute('data-lm-suppress-shortcuts'))"
    found = page.eval_on_selector_all("button, select, input, textarea, a, [tabindex]", marked)
    assert len(found) >= 18 and all(found)


def test_saving_is_throttled_while_moving(page):
    many = f"""() => {{
        window.saves = 0;
        {WIDGET}.model.save_changes = () => saves++;
        for (let n = 0; n < 100; n++) {WIDGET}.change("length", 10 + n);
        return saves;
    }}"""
    assert page.evaluate(many) == 0
    page.wait_for_function("saves === 1")


# everybody can use it


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PROJECTOR, PHONE], ids=["projector", "phone"])
def test_axe_finds_nothing_against_wcag(browser, address, theme, screen):
    with quiet_page(browser, address, color_scheme=theme, **screen) as page:
        page.wait_for_selector("[data-ready]", state="attached")
        for case in (dict(picked=["output", 2]) | CASES["conv"], CASES["zeros"], LECTURE):
            put(page, **case)
            assert axe_violations(page) == []
        put(page, length=2, kernel_size=5)
        assert page.text_content(".ecgae-refused") and axe_violations(page) == []


@on_phone
def test_on_a_phone_nothing_overflows_and_targets_are_large(page):
    for case in (CASES["conv"], LECTURE, dict(length=2, kernel_size=5)):
        put(page, **case)
        assert sideways(page) <= 0
    put(page, **CASES["zeros"])
    for target in page.locator("button, select, input").all():
        assert target.bounding_box()["height"] >= 44


@pytest.mark.parametrize("width", [320, 600, 720, 1024, 1280, 1920])
def test_it_fits_every_width(browser, address, width):
    with quiet_page(browser, address, viewport=dict(width=width, height=800)) as page:
        page.wait_for_selector("[data-ready]", state="attached")
        for case in (CASES["conv"], LECTURE):
            put(page, **case)
            assert sideways(page) <= 0
            whole = page.locator(".ecgae-length-explorer").bounding_box()
            for part in page.locator(
                ".ecgae-length-explorer :is(select, input, .ecgae-formula, svg)"
            ).all():
                box = part.bounding_box() or whole  # nothing where it is not shown
                assert whole["x"] <= box["x"]
                assert box["x"] + box["width"] <= whole["x"] + whole["width"] + 1


def test_the_picture_does_not_jump_when_the_settings_change(page):
    found = []
    for case in (CASES["conv"], CASES["zeros"], LECTURE, dict(length=2, kernel_size=5)):
        put(page, **case)
        found.append(page.locator(".ecgae-picture-place").bounding_box())
    assert all(box == found[0] for box in found)


@pytest.mark.parametrize("page", [PROJECTOR | dict(forced_colors="active")], indirect=True)
def test_forced_colours_are_obeyed(page):
    text = page.evaluate(
        """() => {
            document.body.style.color = "CanvasText";
            return getComputedStyle(document.body).color;
        }"""
    )
    row = page.locator(".ecgae-row-name").first
    assert row.evaluate("n => getComputedStyle(n).fill") == text


def test_it_ends_without_a_trace(page):
    page.evaluate(f"{WIDGET}.remove()")
    put(page, **CASES["holes"])
    assert page.text_content(".ecgae-result") == "10 → 5"
