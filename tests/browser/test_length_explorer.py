"""What only the length explorer has: the picture of a convolution, read back, against torch."""

import re

import numpy as np
import pytest

from ecgae_lib.testing.browser import needs_chromium
from ecgae_lib.widgets import LengthExplorer
from tests.browser.cases import LECTURE
from tests.browser.made import lengths
from tests.browser.pages import WIDGET
from tests.unit.test_length_explorer import evaluate, matrix, reason

pytestmark = needs_chromium
PLAIN = dict(kind="conv", stride=1, padding=0, dilation=1, output_padding=0)
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
every_case = pytest.mark.parametrize("name", CASES)


@pytest.fixture
def page(shelf):
    return shelf.take(lengths())


def show(page, **traits):
    page.show(**PLAIN | traits)
    return PLAIN | traits


def pairs(page, selector):
    """(stop, position) of every line drawn, read back from its ends."""
    at = page.page.evaluate(
        f"(({{ w, left, from, pic }}) => ({{ w, left, from, pic }}))({WIDGET}.picture)"
    )
    found = []
    for path in page.page.locator(selector).all():
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
    d = page.page.get_attribute(selector, "d")
    return np.array(re.findall(r"M(\S+) (\S+?)h(\S+?)v(\S+?)h", d), float).reshape(-1, 4)


def bars(page, part):
    """Heights of the bars that show the largest or the smallest count."""
    return abs(boxes(page, f".ecgae-bar.ecgae-{part}")[:, 3])


def texts(page, kind):
    return page.page.locator(f"text.ecgae-{kind}").all_text_contents()


def cells_are_inputs(s):
    return s["kind"] == "conv" or s.get("view") == "zeros"


# what it draws


@every_case
def test_connections_and_counts_are_those_of_torch(page, name):
    s = show(page, **CASES[name])
    expected = (matrix(s) > 0).astype(int)
    joined, elsewhere = drawn(page, ".ecgae-link:not(.ecgae-lit)", expected)
    np.testing.assert_array_equal(joined, expected)
    stops = expected.shape[1 if cells_are_inputs(s) else 0]
    assert joined.sum() + elsewhere == stops * s["kernel_size"]
    counts = expected.sum(axis=0)
    for part in ("most", "least"):
        heights = bars(page, part)
        np.testing.assert_allclose(heights / heights.max(), counts / counts.max(), atol=0.01)
    assert [int(t) for t in texts(page, "count")] == counts.tolist()


@every_case
def test_the_cells_are_named_and_counted(page, name):
    s = show(page, **CASES[name])
    out, inputs = matrix(s).shape[1], cells_are_inputs(s)
    cells, stops = (s["length"], out) if inputs else (out, s["length"])
    if name != "much padding":  # there the ends of the input itself are cropped
        assert texts(page, "in-real") == [str(n) for n in range(cells)]
    assert texts(page, "in-stop") == [str(n) for n in range(stops)]
    found = {k: len(boxes(page, f".ecgae-cell.ecgae-{k}")) for k in WORDS}
    if s["kind"] == "conv":
        assert found["padding"] == 2 * s["padding"]
        assert texts(page, "in-padding") == ["0"] * found["padding"]
    elif inputs:
        assert found["inserted"] > 0
    else:
        assert found["cropped"] == 2 * s["padding"]
    for kind, words in WORDS.items():
        assert (words in page.text(".ecgae-legend")) == bool(found[kind])


WORDS = dict(padding="padding", inserted="inserted zero", cropped="cropped")


@every_case
def test_the_formula_and_the_result(page, name):
    s = show(page, **CASES[name])
    out = matrix(s).shape[1]
    assert page.text(".ecgae-result") == f"{s['length']} → {out}"
    spoken = page.page.get_attribute(".ecgae-numbers", "aria-label")
    spoken = spoken.replace(" times ", "*").replace("minus", "-").removeprefix("L_out = ")
    assert {evaluate(part) for part in spoken.split(" = ")} == {out}
    assert "2p minus" not in page.text(".ecgae-letters")


def test_what_torch_refuses_is_refused_and_says_why(page):
    s = show(page, kind="conv_transpose", length=4, kernel_size=3, stride=2, output_padding=2)
    why = reason(s)
    assert why and page.text(".ecgae-refused") == f"torch refuses: {why}"
    assert page.text(".ecgae-result") == f"{s['length']} → refused"
    assert [p.get_attribute("d") for p in page.page.locator(".ecgae-link").all()] == [""] * 4
    assert page.text(".ecgae-numbers") == ""
    said = "w => document.querySelector('[aria-live]').textContent.includes(w)"
    page.page.wait_for_function(said, arg=why)
    show(page, **CASES["conv"])
    assert page.text(".ecgae-refused") == "" and page.text(".ecgae-result") == "10 → 5"


def test_a_kernel_that_is_too_long_is_drawn_over_what_is_there(page):
    show(page, length=7, kernel_size=4, dilation=3, padding=1)
    stops, real, padding, cropped = (
        boxes(page, f".ecgae-{kind}")[:, 0]
        for kind in ("stop.ecgae-c0", "cell.ecgae-real", "cell.ecgae-padding", "cell.ecgae-cropped")
    )
    cells = np.sort(np.r_[real, padding])
    assert (len(real), len(padding), len(cropped)) == (7, 2, 1)
    expected = cells[0] + np.diff(cells)[0] * np.array([0, 3, 6, 9])
    np.testing.assert_allclose(np.r_[stops, cropped], expected, atol=0.1)


# long signals


def test_the_lectures_decoder_is_drawn_as_225_fans_side_by_side(page):
    show(page, **LECTURE)
    assert page.text(".ecgae-result") == "225 → 50,625"
    fans = []
    for path in page.page.locator(".ecgae-link:not(.ecgae-lit)").all():
        d = path.get_attribute("d")
        fans += [tuple(map(float, f)) for f in re.findall(r"L(\S+) \S+?H(\S+?)Z", d)]
    fans.sort()
    assert len(fans) == 225
    width = fans[-1][1] - fans[0][0]
    np.testing.assert_allclose([b - a for a, b in fans], width / 225, atol=0.03)
    np.testing.assert_allclose([b for _, b in fans[:-1]], [a for a, _ in fans[1:]], atol=0.03)
    assert "225 connections" in page.text(".ecgae-legend")
    (band,) = boxes(page, ".ecgae-cell.ecgae-real")
    assert band[2] == pytest.approx(width, abs=0.1)


def test_narrow_bars_show_the_smallest_and_the_largest_count(page):
    s = show(page, **LONG)
    counts = (matrix(s) > 0).sum(axis=0)
    least, most = bars(page, "least"), bars(page, "most")
    each = -(-len(counts) // len(most))
    assert each > 1
    groups = [counts[n : n + each] for n in range(0, len(counts), each)]
    np.testing.assert_allclose(most / most.max(), [g.max() / 2 for g in groups], atol=0.01)
    np.testing.assert_allclose(least / most.max(), [g.min() / 2 for g in groups], atol=0.01)
    assert "uneven: 1 to 2 inputs" in page.text(".ecgae-verdict")


def test_zoom_shows_single_cells_around_the_picked_one(page):
    s = show(page, **LONG, picked=("output", 900))
    page.press("End", at="[aria-label=zoom]")
    seen = [int(t) for t in texts(page, "in-real")]
    assert 900 in seen and 20 < len(seen) < 80
    assert abs(np.mean(seen) - 900) < 2
    lines, pic = pairs(page, ".ecgae-link.ecgae-lit")
    assert pic["cells"] == "output"
    assert sorted(stop for stop, _ in lines) == matrix(s)[:, 900].nonzero()[0].tolist()
    page.press("Home")


def test_zoomed_in_a_connection_is_followed_out_of_the_window(page):
    show(page, **LECTURE, picked=("output", 22_499))
    page.press("End", at="[aria-label=zoom]")
    lines, _ = pairs(page, ".ecgae-link.ecgae-lit")
    assert lines.tolist() == [[99, 22_499]] and "22499" in texts(page, "in-real")
    others, _ = pairs(page, ".ecgae-link:not(.ecgae-lit)")
    assert {stop for stop, _ in others.tolist()} == {99, 100}  # two kernels meet here
    page.press("Home")


def test_a_thousand_of_everything_is_drawn_in_time(page):
    thousand = dict(length=1000, kernel_size=1000, stride=1000)
    show(page, kind="conv_transpose", view="zeros", **thousand)
    assert page.text(".ecgae-result") == "1,000 → 1,000,000"
    assert "too many connections" in page.text(".ecgae-legend")


# hands


def place(page, s, side, n):
    """Where the sample lies in the window, by the number that stands on it."""
    kind = "real" if cells_are_inputs(s) == (side == "input") else "stop"
    return page.middle(f"text.ecgae-in-{kind} >> text='{n}'")


@every_case
@pytest.mark.parametrize("side", ["input", "output"])
def test_a_picked_sample_lights_what_it_touches(page, name, side):
    s = show(page, **CASES[name])
    expected = (matrix(s) > 0).astype(int)
    n = expected.shape[side == "output"] // 2
    page.tap(place(page, s, side, n))
    page.check(picked=[side, n])
    joined, _ = drawn(page, ".ecgae-link.ecgae-lit", expected)
    mask = np.indices(expected.shape)[int(side == "output")] == n
    np.testing.assert_array_equal(joined, expected * mask)
    others = np.flatnonzero((expected * mask).any(axis=0 if side == "input" else 1))
    story = page.text(".ecgae-story")
    assert story.startswith(f"{side} {n} ")
    if len(others) <= 6:
        assert ", ".join(map(str, others)) in story


def test_a_second_click_lets_go(page):
    s = show(page, **CASES["conv"])
    for expected in (["output", 4], None):
        page.tap(place(page, s, "output", 4))
        page.check(picked=expected)


def test_any_value_may_be_typed(page):
    field = page.page.locator("[aria-label='length, any value']")
    assert field.input_value() == "10"
    for typed, kept in [("450", 450), ("5000", 1000), ("-3", 1), ("7.4", 7), ("", 1)]:
        field.fill(typed)
        page.press("Enter")
        page.check(length=kept)
        assert field.input_value() == str(kept)
        assert page.page.input_value("input[type=range][aria-label=length]") == str(kept)


def test_samples_are_picked_by_keyboard_and_let_go_when_they_are_gone(page):
    page.choose("look at", "input")
    page.check(picked=["input", 0])
    page.press("End", at="[aria-label='which sample']")
    page.check(picked=["input", 9])
    assert page.text(".ecgae-story") == "input 9 goes into output 4"
    page.choose("look at", "")
    page.check(picked=None)
    page.show(picked=("output", 4))
    page.press("End", at="input[type=range][aria-label=stride]")
    page.check(picked=None)
    assert page.text(".ecgae-result") == "10 → 2"


@pytest.mark.parametrize("index", range(8))
def test_the_examples(page, index):
    show(page, **LONG)
    page.choose("example", str(index))
    explorer = LengthExplorer(**{n: page.get(n) for n in (*PLAIN, "length", "kernel_size")})
    shown = page.text(".ecgae-result").replace(",", "")
    assert shown == f"{explorer.length} → {explorer.output_length or 'refused'}"
    assert page.page.get_by_role("combobox", name="example").input_value() == str(index)
