"""What only the film of a training has: epochs, the way of a beat, playing, growing."""

import re

import numpy as np
import pytest

from ecgae_lib.testing.browser import needs_chromium
from tests.browser.made import LAST, film, filmed, said
from tests.browser.pages import WIDGET, digits
from tests.unit.maps import BEATS

pytestmark = needs_chromium
SLIDER = ".ecgae-slider input"


@pytest.fixture
def page(shelf):
    return shelf.take(film())


def shown(page):
    """Which snapshot the slider stands at."""
    return int(page.page.locator(SLIDER).input_value())


def codes(epoch):
    return said(filmed()[1][epoch])[0]


# what it draws


@pytest.mark.parametrize("epoch", [0, 1, 5, LAST])
def test_every_snapshot_shows_its_errors(page, epoch):
    x_hat = said(filmed()[1][epoch])[1]
    for beat in film().followed[::2]:
        page.show(epoch=epoch, picked=beat)
        error = ((x_hat[beat] - BEATS.x[beat, 0].numpy()) ** 2).mean()
        all_beats, this_beat, alike = digits(page.text(".ecgae-facts").replace("mV²", " "))
        assert this_beat == pytest.approx(error, abs=2e-4)
        assert all_beats == pytest.approx(film().errors[epoch], abs=6e-5)
        assert alike == round(100 * film().alike[epoch])


def test_the_loss_curve_marks_the_epoch_shown(page):
    page.show(epoch=3)
    here = page.attributes(".ecgae-here", "cx", "cy")
    expected = page.pixels("curve", [(3, 1000 * film().errors[3])])[0]
    np.testing.assert_allclose(here, expected, atol=0.01)
    x = BEATS.x.double()
    level = page.page.get_attribute(".ecgae-level", "d")
    mean_error = 1000 * float(((x - x.mean(dim=0)) ** 2).mean())
    assert float(re.match(r"M-[\d.]+ ([\d.]+)H", level)[1]) == pytest.approx(mean_error)
    assert page.text(".ecgae-level-name") == "the mean beat"


def test_the_way_of_the_picked_beat_leads_through_all_its_codes(page):
    beat = film().followed[1]
    page.show(epoch=4, picked=beat)
    passed = [codes(n)[beat] for n in (0, 1, 2, 3, 4, 4)]
    np.testing.assert_allclose(
        page.corners("path.ecgae-path"), page.pixels("map", passed), atol=0.2
    )
    rings = page.points(".ecgae-followed")
    expected = page.pixels("map", codes(4)[film().followed])
    np.testing.assert_allclose(rings, expected, atol=0.2)


def test_without_colours_nothing_tells_the_classes_apart(page):
    marks = ".ecgae-points .ecgae-mark"
    assert page.page.locator(marks).count() == 2
    page.click("hide the labels")
    page.check(colours=False)
    assert page.page.locator(marks).count() == 1
    assert len(page.points(marks)) == len(BEATS)
    assert not page.page.locator(".ecgae-map-panel .ecgae-legend").is_visible()
    assert page.text(".ecgae-facts").endswith("alike ?")
    page.click("show the labels")
    assert page.page.locator(marks).count() == 2


# hands


def test_the_end_of_the_slider_follows_the_newest(page):
    assert page.get("epoch") is None and shown(page) == LAST
    for key, epoch in [("Home", 0), ("ArrowRight", 1), ("End", None)]:
        page.press(key, at=SLIDER)
        page.check(epoch=epoch)
        words = page.text(".ecgae-now")
        assert words == ("before training" if epoch == 0 else f"epoch {epoch or LAST}")
        assert page.page.locator(SLIDER).get_attribute("aria-valuetext") == words


def test_a_followed_beat_is_chosen_in_the_menu(page):
    followed = film().followed
    page.show(picked=followed[2])
    assert page.page.locator("select").input_value() == str(followed[2])
    page.choose("beat", str(followed[0]))
    page.check(picked=followed[0])
    option = page.page.locator("option").first.text_content()
    assert option == f"{followed[0]}, {BEATS.class_names[BEATS.y[followed[0]]]}"


def test_it_plays_to_the_end_and_begins_again(page):
    page.show(epoch=LAST - 2)
    page.click("play")
    assert LAST - 2 <= page.page.evaluate(f"{WIDGET}.t") < LAST
    page.page.get_by_role("button", name="play", exact=True).wait_for()
    page.press()
    assert page.get("epoch") is None and shown(page) == LAST
    page.click("play")
    assert 0 <= page.page.evaluate(f"{WIDGET}.t") < 2
    page.click("pause")


def test_while_it_plays_the_points_glide_and_rest_on_a_snapshot(page):
    page.show(epoch=1)
    page.click("play")
    page.page.wait_for_function(f"{WIDGET}.t % 1 > 0.2 && {WIDGET}.t % 1 < 0.8")
    t, x, y = page.page.evaluate(
        f"""() => {{
            const film = {WIDGET};
            film.draw();
            return [film.t, ...film.map.axes.px(film.map.codes[0], film.map.codes[1])];
        }}"""
    )
    n = int(t)
    a, b = codes(n)[:1], codes(n + 1)[:1]
    expected = page.pixels("map", a + (t - n) * (b - a))[0]
    np.testing.assert_allclose([x, y], expected, atol=0.5)
    page.click("pause")
    n = page.get("epoch")
    marks = page.points(".ecgae-points .ecgae-c0")
    np.testing.assert_allclose(marks, page.pixels("map", codes(n)[BEATS.y == 0]), atol=0.2)
    assert page.text(".ecgae-now") == f"epoch {n}"


# it grows while a model trains


SHORTEN = """n => {
    const film = document.querySelector(".ecgae").widget;
    const whole = (film.whole ??= film.model.get("_film"));
    const share = n / whole.epochs.length;
    const part = ({ buffer, byteLength }) => new DataView(buffer.slice(0, share * byteLength));
    const cut = (packed) => packed && { ...packed, levels: part(packed.levels) };
    const [epochs, errors, alike] = ["epochs", "errors", "alike"].map((k) => whole[k].slice(0, n));
    const parts = Object.fromEntries(["codes", "spread", "drawn"].map((k) => [k, cut(whole[k])]));
    film.model.set("_film", { ...whole, epochs, errors, alike, ...parts });
}"""


def grow(page, count):
    page.page.evaluate(SHORTEN, count)
    page.press()


def test_a_film_on_show_follows_the_training(page):
    for count in (1, 2, 5):
        grow(page, count)
        assert shown(page) == count - 1
        x_hat = said(filmed()[1][count - 1], page.get("picked"))[1][0]
        np.testing.assert_allclose(page.line("[data-line=decoded]"), x_hat, rtol=0, atol=1.1e-3)
        assert page.page.locator(".ecgae-dots circle").count() == count


def test_who_looks_at_an_earlier_epoch_is_left_in_peace(page):
    grow(page, 4)
    page.press("Home", at=SLIDER)
    grow(page, 6)
    assert shown(page) == 0 and page.get("epoch") == 0
    page.press("End")
    assert page.get("epoch") is None and shown(page) == 5
    grow(page, 7)
    assert shown(page) == 6


def test_an_epoch_that_was_thinned_out_shows_the_one_before(page):
    page.show(epoch=3)
    page.page.evaluate(
        f"""() => {{
            const {{ model }} = {WIDGET};
            const film = model.get("_film");
            model.set("_film", {{ ...film, epochs: film.epochs.map((e) => 2 * e) }});
        }}"""
    )
    page.press()
    assert page.text(".ecgae-now") == "epoch 2"
