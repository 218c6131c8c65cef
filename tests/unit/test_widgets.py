"""What every widget has: a decoder as plain data, one script, a page, a repr to compare."""

import re
import subprocess
from dataclasses import replace
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
import traitlets
from torch import nn

from ecgae_lib import widgets
from ecgae_lib.generator import synthetic
from ecgae_lib.models import Autoencoder, LectureAutoencoder, LectureVAE
from ecgae_lib.widgets import LatentPad, base
from ecgae_lib.widgets.export import export_decoder
from ecgae_lib.widgets.length_explorer import SETTINGS
from tests.node.run import NODE, needs_node
from tests.unit.maps import BEATS, broken, build, encoded

FOLDER = Path(base.__file__).parent
NAN, INF = float("nan"), float("inf")
WIDGETS = [getattr(widgets, name) for name in widgets.__all__]


@pytest.fixture
def pad():
    return LatentPad(build(), BEATS)


# the decoder as plain data


def test_the_lectures_decoder_computes_450_samples_not_50625():
    steps, _ = export_decoder(build(LectureAutoencoder))
    assert max(step["length"] for step in steps) == 450
    assert [step["length"] for step in steps if step["op"] == "repeat"] == [2]


class Decoder(nn.Module):
    """Any layers as the decoder of a model; `act`: what decode does besides."""

    def __init__(self, *layers, act=lambda decoder, z: decoder(z)):
        super().__init__()
        self.decoder, self.act = nn.Sequential(*layers), act

    def decode(self, z):
        return self.act(self.decoder, z)


SIGNAL = [nn.Linear(2, 8), nn.Unflatten(1, (2, 4))]
REFUSED = {
    "Softplus": [nn.Linear(2, 8), nn.Softplus()],
    "tanh": [nn.Linear(2, 8), nn.GELU(approximate="tanh")],
    "groups=2": [*SIGNAL, nn.ConvTranspose1d(2, 2, 3, groups=2)],
    "circular": [*SIGNAL, nn.Conv1d(2, 2, 3, padding=1, padding_mode="circular")],
    "padding=same": [*SIGNAL, nn.Conv1d(2, 1, 3, padding="same")],
    "on a signal": [*SIGNAL, nn.Linear(4, 4)],
}
NO_CHAIN = {
    "mul": lambda decoder, z: 2 * decoder(z),
    "does not work on the step before": lambda decoder, z: decoder(z) + z[:, :1],
    "decides": lambda decoder, z: decoder(z) if z.sum() > 0 else z,
    "unsqueeze": lambda decoder, z: decoder(z).unsqueeze(1)[:, :, ::2],
    "sub": lambda decoder, z: decoder(z) - decoder[0].bias,
    "call_function.*mul": lambda decoder, z: decoder(z) * decoder[0].bias,
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_unknown_layer_is_refused_by_name(what):
    with pytest.raises(TypeError, match=r"page cannot evaluate|on a vector only") as error:
        export_decoder(Decoder(*REFUSED[what]))
    assert what in str(error.value)


@pytest.mark.parametrize("what", NO_CHAIN)
def test_a_decode_that_is_no_chain_of_layers_is_refused(what):
    with pytest.raises(TypeError, match=what):
        export_decoder(Decoder(nn.Linear(2, 8), act=NO_CHAIN[what]))


# the script


@needs_node
@pytest.mark.parametrize("widget", WIDGETS)
def test_the_joined_script_is_a_module(tmp_path, widget):
    (script,) = re.findall(r"<script[^>]*>(.*?)</script>", base.assets(widget), re.DOTALL)
    for text in (script, base.bundle(FOLDER / folder_of(widget) / widget.script)):
        (tmp_path / "joined.mjs").write_text(text)
        command = [NODE, "--check", tmp_path / "joined.mjs"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def folder_of(widget):
    return widget.__module__.rpartition(".")[2]


def test_a_widget_takes_scripts_of_its_own_folder_and_of_shared_and_none_is_left_over():
    used = set()
    for widget in WIDGETS:
        text = base.bundle(FOLDER / folder_of(widget) / widget.script)
        files = re.findall(r"^const module_\d+ = \(\(\) => \{ // (\w+/\w+\.js)$", text, re.M)
        assert len(files) == len(set(files))
        assert {file.split("/")[0] for file in files} <= {"shared", folder_of(widget)}
        used |= {*files, f"{folder_of(widget)}/{widget.script}"}
    assert {f"{p.parent.name}/{p.name}" for p in FOLDER.rglob("*.js")} - used == {"shared/host.js"}


@pytest.mark.parametrize(
    "line",
    [
        'import x from "./dom.js";', 'import * as dom from "./dom.js";', 'import "elsewhere.js";',
        "export * from './dom.js';", "export default 5;", "export { a };",
    ],
)  # fmt: skip
def test_a_link_of_another_form_is_refused(tmp_path, line):
    (tmp_path / "odd.js").write_text(f"const a = 1;\n{line}\nexport default widget(Odd);\n")
    with pytest.raises(ValueError, match="cannot be joined"):
        base.bundle(tmp_path / "odd.js")


def test_every_class_of_the_style_sheet_has_our_prefix():
    rules = re.sub(r"/\*.*?\*/|\{[^{}]*\}", "", base.STYLE, flags=re.DOTALL)
    classes = set(re.findall(r"\.([a-z][\w-]*)", rules))
    assert len(classes) > 100
    assert {name for name in classes if not re.fullmatch(r"ecgae(-.*)?", name)} == set()


def test_the_host_stays_small():
    assert (FOLDER / "shared" / "host.js").stat().st_size < 2600


@pytest.mark.parametrize("widget", WIDGETS)
def test_no_value_of_the_hand_is_echoed(widget):
    """An echo of an older value would pull the handle back while it is dragged."""
    ours = [
        t for t in widget.class_traits(sync=True).values() if t.this_class in widget.__mro__[:3]
    ]
    ours = [t for t in ours if t.this_class.__module__.startswith("ecgae_lib")]
    assert len(ours) > 2 and not any(t.metadata.get("echo_update", True) for t in ours)


# pages and notebooks


def test_a_saved_page_is_self_contained(pad, tmp_path):
    text = pad.save_html(tmp_path / "pad.html", title="Beats & <maps>").read_text(encoding="utf-8")
    assert "<title>Beats &amp; &lt;maps&gt;</title>" in text
    assert set(re.findall(r"https?://[^\s\"')]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(link|img|iframe)|src=|@import|url\(", text)
    assert "default-src 'none'" in text.split("<style>")[0]


def test_a_fragment_cannot_be_broken_by_its_texts():
    pad = LatentPad(build(), replace(BEATS, class_names=("</script><b>", "wide")))
    fragment = pad.fragment()
    assert fragment.count("</script>") == 1 and "<b>" not in fragment
    assert fragment == pad.fragment()  # the same bytes, so that a site can be compared


def test_a_notebook_stores_the_view_the_repr_and_a_still_picture(pad, monkeypatch):
    data, metadata = pad._repr_mimebundle_()
    assert data["text/plain"] == repr(pad) and "text/html" not in data
    assert "application/vnd.jupyter.widget-view+json" in data
    assert metadata["image/png"]["alt"].startswith("A map of heartbeats, and the beat that")
    monkeypatch.setenv("ECGAE_WIDGETS", "html")
    data, _ = pad._repr_mimebundle_()
    assert data == {"text/plain": repr(pad), "text/html": pad.fragment()}


MANY = replace(BEATS, x=BEATS.x.repeat(7, 1, 1), y=BEATS.y.repeat(7), t=BEATS.t.repeat(7))
LONG = dict(length=225, kernel_size=225, stride=225)
STILLS = {
    "latent pad": lambda: LatentPad(build(), MANY),
    "compare pads": lambda: widgets.ComparePads({n: build() for n in "abcd"}, MANY),
    "beta explorer": lambda: widgets.BetaExplorer({1: build(), 2: build()}, MANY),
    "training film": lambda: widgets.TrainingFilm(build(LectureAutoencoder, copies=2), MANY),
    "length explorer": widgets.LengthExplorer,
    "50,625 samples": lambda: widgets.LengthExplorer(kind="conv_transpose", **LONG),
    "refused": lambda: widgets.LengthExplorer(length=2, kernel_size=5),
    "KL explorer": widgets.KLExplorer,
}


@pytest.mark.parametrize("name", STILLS)
def test_a_still_picture_is_small_and_says_how_to_wake_it(name):
    data, metadata = STILLS[name]()._repr_mimebundle_()
    assert len(data["image/png"]) <= 60_000
    assert metadata["image/png"]["alt"].endswith("Run the cell, and it moves under your hand.")


@pytest.mark.parametrize("name", ["latent pad", "length explorer"])
def test_a_still_picture_is_the_same_whatever_the_style(name):
    widget, stored = STILLS[name](), []
    for style in ({}, {"font.size": 30, "savefig.dpi": 20, "lines.linewidth": 9}):
        with plt.rc_context(style):
            stored.append(widget._repr_mimebundle_()[0]["image/png"])
    assert stored[0] == stored[1]


def test_a_still_picture_shows_the_map_and_the_beat_at_the_handle(pad):
    pad.z = (0.4, -0.7)
    left, right = pad.still().axes
    *points, handle = (dots.get_offsets() for dots in left.collections)
    np.testing.assert_allclose(handle, [pad.z])
    for label, codes in enumerate(points):
        np.testing.assert_allclose(codes, encoded(build())[0][BEATS.y == label])
    decoded, nearest = (line.get_ydata() for line in right.lines)
    np.testing.assert_array_equal(decoded, pad.decoded)
    np.testing.assert_array_equal(nearest, BEATS.x[pad.nearest[0], 0])


@pytest.mark.parametrize("kind", ["conv", "conv_transpose"])
def test_the_lines_of_a_still_convolution_are_those_of_torch(kind):
    """Input i and output o touch where the derivative of o by i is not 0."""
    settings = dict(kernel_size=3, stride=2, padding=1, dilation=2)
    widget = widgets.LengthExplorer(kind=kind, length=9, **settings)
    layer = dict(conv=nn.Conv1d, conv_transpose=nn.ConvTranspose1d)[kind](1, 1, **settings)
    x = torch.zeros(1, 1, 9)
    touch = torch.autograd.functional.jacobian(layer, x)[0, 0, :, 0, 0] != 0  # (output, input)
    upper, lower = torch.where(touch if kind == "conv" else touch.T)
    (ax,) = widget.still().axes
    lines = np.array(ax.collections[0].get_segments())  # (n, upper and lower end, x and y)
    at = ax.lines[1].get_xdata()[upper]
    np.testing.assert_array_equal(
        sorted(map(tuple, lines[:, :, 0])), sorted(zip(at, lower, strict=True))
    )


# what none of them takes


ONE, THREE = build(), build(latent_dim=3)
SHORT, UNNUMBERED = synthetic(20, signal_length=300)[0], tuple("abcdefg")
PAD, PADS, BETAS, FILM = (
    widgets.LatentPad,
    widgets.ComparePads,
    widgets.BetaExplorer,
    widgets.TrainingFilm,
)
REFUSED_MAPS = [  # (widget, arguments, error, what it says)
    (PAD, (THREE, BEATS), ValueError, "the model has 3 latents"),
    (PAD, (build(LectureVAE, latent_dim=3), BEATS), ValueError, "the model has 3 latents"),
    (PAD, (build(Autoencoder, latent_dim=3), BEATS), ValueError, "the model has 3 latents"),
    (PAD, (ONE, SHORT), ValueError, "beats.* 300"),
    (PAD, (build(LectureAutoencoder), SHORT), ValueError, "beats.* 300"),
    (PAD, (ONE, replace(BEATS, class_names=UNNUMBERED)), ValueError, "can tell 6 apart"),
    (PAD, (ONE, BEATS[:2]), ValueError, "2 beats make no map"),
    *[(PAD, (broken(build(Autoencoder), name, value), BEATS),
       ValueError, f"{name} of the .* holds NaN")
      for name in ("decoder.2.weight", "encoder.0.bias") for value in (NAN, INF)],
    (PADS, ([ONE, ONE], BEATS), TypeError, "models is list"),
    (PADS, ({"one": ONE}, BEATS), ValueError, "1 models: give 2 to 4"),
    (PADS, ({str(n): ONE for n in range(5)}, BEATS), ValueError, "5 models: give 2 to 4"),
    (PADS, ({0: ONE, 1: ONE}, BEATS), TypeError, "0 names a model"),
    (PADS, ({"": ONE, "b": ONE}, BEATS), TypeError, "'' names a model"),
    (PADS, ({"a": ONE, "b": THREE}, BEATS), ValueError, "3 latents"),
    (BETAS, ([ONE, ONE], BEATS), TypeError, "sweep is list"),
    (BETAS, ({0.1: ONE}, BEATS), ValueError, "sweep has 1 models"),
    (BETAS, ({"0.1": ONE, 0.2: ONE}, BEATS), TypeError, "beta='0.1': expected a"),
    (BETAS, ({-0.1: ONE, 0.2: ONE}, BEATS), ValueError, "beta=-0.1: expected at least 0"),
    (BETAS, ({NAN: ONE, 0.2: ONE}, BEATS), ValueError, "beta=nan: expected at least 0"),
    (BETAS, ({0.1: build(Autoencoder), 0.2: ONE}, BEATS),
     TypeError, "Autoencoder has no posterior"),
    (BETAS, ({0.1: THREE, 0.2: ONE}, BEATS), ValueError, "3 latents"),
    (BETAS, ({0.1: ONE, 0.2: broken(build(), "decoder.0.bias", INF)}, BEATS),
     ValueError, "NaN or infinity"),
    (FILM, (THREE, BEATS), ValueError, "3 latents"),
    (partial(FILM, most=1), (ONE, BEATS), ValueError, "most=1"),
    *[(widget, (models, BEATS.x), TypeError, "beats is Tensor")
      for widget, models in ((PAD, ONE), (PADS, {"a": ONE, "b": ONE}), (BETAS, {1: ONE, 2: ONE}),
                             (FILM, ONE))],
]  # fmt: skip


@pytest.mark.parametrize(("widget", "given", "error", "message"), REFUSED_MAPS)
def test_what_makes_no_map_is_refused(widget, given, error, message):
    with pytest.raises(error, match=message):
        widget(*given)


# what a trait refuses


class Free(widgets.KLExplorer):
    """A trait that checks nothing by itself."""

    free = traitlets.Any(0.0).tag(sync=True)


@pytest.mark.parametrize("value", [NAN, INF, -INF, [1.0, (NAN,)], {"deep": {"er": [0.5, INF]}}])
def test_no_page_gets_what_is_not_finite(value, tmp_path):
    """JSON knows neither: a page would stay empty, and so would every one in a notebook."""
    with pytest.raises(ValueError, match=r"free of the Free is -?(nan|inf): a page shows finite"):
        Free(free=value)
    widget = Free(free={"deep": [1.0]})
    with pytest.raises(ValueError, match="free of the Free"):
        widget.free = value
    with pytest.raises(ValueError, match="free of the Free"):
        widget.save_html(tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []


NO_POINTS = [(), [(0, 0)], [(0, 0, 0)] * 2, [(0, NAN)] * 2, "abc"]
NO_POINT = [(0,), (0, 1, 2), (0, NAN), ("a", 0), 5, None]
NO_SAMPLES = [("output", 8), ("input", 10), ("input", -1), ("kernel", 0), ("input",), 3, "input"]
NO_SETTING = {
    name: [-1 if "padding" in name else 0, 1001, 1.5, "2", None, True] for name in SETTINGS
}
NO_EPS = [[NAN], ["a"], 3, [0.0] * 501, [[1.0]], None]
TRAITS = {
    "latent pad": (
        lambda: LatentPad(build(), BEATS),
        dict(z=NO_POINT, a=NO_POINT, b=NO_POINT, picked=[60, -1], underlay=["rainbow"]),
    ),
    "compare pads": (
        lambda: widgets.ComparePads({"a": build(), "b": build()}, BEATS),
        dict(z=NO_POINTS, mode=["chaos"], picked=[60, -1]),
    ),
    "training film": (
        lambda: widgets.TrainingFilm(build(), BEATS),
        dict(epoch=[1, -1], picked=[59], colours=[2]),
    ),
    "length explorer": (
        widgets.LengthExplorer,
        dict(**NO_SETTING, kind=["pool"], view=["matrix"], picked=NO_SAMPLES),
    ),
    "KL explorer": (
        lambda: widgets.KLExplorer(eps=[1.0]),
        dict(mu=[5.1, NAN, INF, "1"], sigma=[0, -1, 3.1, NAN], eps=NO_EPS),
    ),
}


@pytest.mark.parametrize("name", TRAITS)
def test_a_value_that_fits_nothing_is_refused_by_name_and_changes_nothing(name):
    make, refused = TRAITS[name]
    widget = make()
    for trait, values in refused.items():
        before = getattr(widget, trait)
        for value in values:
            with pytest.raises(traitlets.TraitError, match=trait):
                setattr(widget, trait, value)
            assert getattr(widget, trait) == before
