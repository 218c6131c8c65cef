"""The widgets' Python side, and their numerics in JavaScript under node alone."""

import ast
import json
import re
import subprocess
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
import traitlets
from scipy import signal, stats
from sklearn.neighbors import NearestNeighbors
from torch import nn

from ecgae_lib import widgets
from ecgae_lib.beats import synthetic
from ecgae_lib.models import VAE, Autoencoder, LectureAutoencoder, LectureVAE
from ecgae_lib.widgets import LatentPad, base
from ecgae_lib.widgets.export import export_decoder
from tests.node.run import NODE, in_node, needs_node
from tools import record

STATIC = Path(base.__file__).parent / "static"
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def beats():
    return synthetic(60, seed=1)[0]


@pytest.fixture(scope="module")
def vae():
    return build(VAE)


def build(model_class, **settings):
    torch.manual_seed(0)
    return model_class(450, **settings).eval()


def decode_in_node(model, z):
    steps, weights = export_decoder(model, z.shape[1])
    given = dict(steps=steps, weights=b64encode(weights).decode(), z=z.tolist())
    return np.array(in_node("decode.mjs", given))


class Decoder(nn.Module):
    """Any layers as the decoder of a model."""

    def __init__(self, *layers):
        super().__init__()
        self.decoder = nn.Sequential(*layers)

    def decode(self, z):
        return self.decoder(z)


# the page decodes what torch decodes

MODELS = [
    (Autoencoder, {}),
    (VAE, {}),
    (LectureAutoencoder, {}),
    (LectureAutoencoder, dict(copies=2)),
    (LectureVAE, {}),
    (LectureVAE, dict(copies=3)),
]


@needs_node
@pytest.mark.parametrize(("model_class", "settings"), MODELS)
def test_node_decodes_what_torch_decodes(model_class, settings):
    model = build(model_class, **settings)
    with torch.no_grad():
        for weights in model.parameters():  # so large that every nonlinearity is well used
            weights.mul_(2)
        z = 3 * torch.randn(60, 2)
        x = model.decode(z)[:, 0].numpy()
    assert abs(x).max() > 0.3
    np.testing.assert_allclose(decode_in_node(model, z), x, rtol=1e-5, atol=1e-5)


def odd_batch_norm(channels):
    layer = nn.BatchNorm1d(channels)
    layer.running_mean.uniform_(-1, 1)
    layer.running_var.uniform_(0.5, 2)
    nn.init.uniform_(layer.weight, 0.5, 2)
    nn.init.uniform_(layer.bias)
    return layer


ZOO = {
    "conv": [
        nn.Linear(2, 36), nn.Unflatten(1, (3, 12)), nn.Tanh(),
        nn.Conv1d(3, 4, kernel_size=4, stride=2, padding=3, dilation=2), nn.Sigmoid(),
        nn.Conv1d(4, 1, kernel_size=2, bias=False),
    ],
    "transposed": [
        nn.Linear(2, 12, bias=False), nn.Unflatten(1, (4, 3)),
        nn.ConvTranspose1d(4, 3, kernel_size=3, stride=4, padding=2, dilation=3), nn.GELU(),
        nn.ConvTranspose1d(3, 1, kernel_size=5, stride=3, output_padding=2, bias=False),
    ],
    "normalised": [
        nn.Linear(2, 8), odd_batch_norm(8), nn.ReLU(), nn.Dropout(0.5), nn.Unflatten(1, (2, 4)),
        odd_batch_norm(2), nn.ConvTranspose1d(2, 1, kernel_size=4, stride=4),
    ],
    "flattened": [
        nn.Linear(2, 8), nn.Unflatten(1, (2, 4)), nn.Conv1d(2, 3, kernel_size=3), nn.GELU(),
        nn.Flatten(), nn.Linear(6, 10), nn.Unflatten(1, (1, 10)),
    ],
}  # fmt: skip


@needs_node
@pytest.mark.parametrize("name", ZOO)
def test_node_knows_layers_beyond_the_course(name):
    model, z = Decoder(*ZOO[name]).eval(), 2 * torch.randn(50, 2)
    with torch.no_grad():
        x = model.decode(z)[:, 0].numpy()
    np.testing.assert_allclose(decode_in_node(model, z), x, rtol=1e-5, atol=1e-5)


class Cropped(Decoder):
    """Drops the end, so that the layers before need not compute it."""

    def decode(self, z):
        return self.decoder(z)[:, :, :7]


@needs_node
@pytest.mark.parametrize("name", ZOO)
def test_what_is_cropped_is_not_computed_and_not_missed(name):
    model, z = Cropped(*ZOO[name]).eval(), torch.randn(20, 2)
    with torch.no_grad():
        x = model.decode(z)[:, 0].numpy()
    np.testing.assert_allclose(decode_in_node(model, z), x, rtol=1e-5, atol=1e-5)


def test_the_lectures_decoder_computes_450_samples_not_50625():
    steps, _ = export_decoder(build(LectureAutoencoder))
    assert max(step["length"] for step in steps) == 450
    assert [step["length"] for step in steps if step["op"] == "repeat"] == [2]


# what is refused

REFUSED = {
    "Softplus": [nn.Linear(2, 8), nn.Softplus()],
    "tanh": [nn.Linear(2, 8), nn.GELU(approximate="tanh")],
    "groups=2": [nn.Linear(2, 8), nn.Unflatten(1, (2, 4)), nn.ConvTranspose1d(2, 2, 3, groups=2)],
    "circular": [
        nn.Linear(2, 8), nn.Unflatten(1, (2, 4)),
        nn.Conv1d(2, 2, 3, padding=1, padding_mode="circular"),
    ],
    "padding=same": [
        nn.Linear(2, 8), nn.Unflatten(1, (2, 4)), nn.Conv1d(2, 1, 3, padding="same"),
    ],
    "on a signal": [nn.Linear(2, 8), nn.Unflatten(1, (2, 4)), nn.Linear(4, 4)],
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_an_unknown_layer_is_refused_by_name(what):
    with pytest.raises(
        TypeError, match=r"which the page cannot evaluate|on a vector only"
    ) as error:
        export_decoder(Decoder(*REFUSED[what]))
    assert what in str(error.value)


class Scaled(Decoder):
    def decode(self, z):
        return 2 * self.decoder(z)


class Skipping(Decoder):
    def decode(self, z):
        return self.decoder(z) + z[:, :1]


class Deciding(Decoder):
    def decode(self, z):
        return self.decoder(z) if z.sum() > 0 else z


class Strided(Decoder):
    def decode(self, z):
        return self.decoder(z).unsqueeze(1)[:, :, ::2]


@pytest.mark.parametrize(
    ("kind", "message"),
    [(Scaled, "mul"), (Skipping, "decode"), (Deciding, "decides"), (Strided, "unsqueeze")],
)
def test_a_decode_that_is_no_chain_of_layers_is_refused(kind, message):
    with pytest.raises(TypeError, match=message):
        export_decoder(kind(nn.Linear(2, 8)))


@pytest.mark.parametrize("name", ["decoder.2.weight", "encoder.0.bias"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(beats, name, value):
    model = build(Autoencoder)
    model.get_parameter(name).data.view(-1)[3] = value
    with pytest.raises(ValueError, match=f"{name} of the Autoencoder holds NaN"):
        LatentPad(model, beats)


def test_three_latents_are_refused(beats):
    for model_class in (VAE, LectureVAE, Autoencoder):
        with pytest.raises(ValueError, match="the model has 3 latents"):
            LatentPad(build(model_class, latent_dim=3), beats)


@pytest.mark.parametrize("model_class", [VAE, LectureAutoencoder])
def test_beats_of_another_length_are_refused(model_class):
    with pytest.raises(ValueError, match=r"beats.* 300"):
        LatentPad(build(model_class), synthetic(20, signal_length=300)[0])


def test_labels_that_do_not_fit_are_refused(vae, beats):
    with pytest.raises(ValueError, match="one label per beat"):
        LatentPad(vae, replace(beats, y=beats.y[:-1]))
    with pytest.raises(ValueError, match="can tell 6 apart"):
        LatentPad(vae, replace(beats, class_names=tuple("abcdefg")))
    with pytest.raises(TypeError, match="beats is Tensor"):
        LatentPad(vae, beats.x)
    with pytest.raises(ValueError, match="2 beats make no map"):
        LatentPad(vae, beats[:2])


@pytest.mark.parametrize("z", [(0,), (0, 1, 2), (0, float("nan")), ("a", 0), 5, None])
def test_a_z_that_is_no_point_is_refused(vae, beats, z):
    pad = LatentPad(vae, beats)
    with pytest.raises(traitlets.TraitError):
        pad.z = z
    assert pad.z == (0, 0)


def test_other_traits_are_checked(vae, beats):
    pad = LatentPad(vae, beats)
    for name, value in [("picked", 60), ("picked", -1), ("underlay", "rainbow"), ("a", (1,))]:
        with pytest.raises(traitlets.TraitError):
            setattr(pad, name, value)


# what the pad knows


def test_its_repr_can_be_compared(vae, beats):
    pad = LatentPad(vae, beats)
    assert repr(pad) == "LatentPad(60 beats, 2 classes, z=(0.00, 0.00))"
    pad.z = (-0.001, 1.257)
    assert repr(pad) == "LatentPad(60 beats, 2 classes, z=(0.00, 1.26))"
    assert repr(LatentPad(vae, replace(beats, y=None))).startswith("LatentPad(60 beats, 0 classes")


def test_decoded_is_what_torch_decodes_at_z(vae, beats):
    pad = LatentPad(vae, beats, z=(0.5, -1.5))
    with torch.no_grad():
        expected = vae.decode(torch.tensor([[0.5, -1.5]]))[0, 0].numpy()
    assert pad.decoded.shape == (450,)
    np.testing.assert_array_equal(pad.decoded, expected)


def test_the_decoder_is_a_copy_until_push(beats):
    model = build(VAE)
    pad = LatentPad(model, beats, z=(1, 1))
    before, weights = pad.decoded, pad._decoder["weights"]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1)
    np.testing.assert_array_equal(pad.decoded, before)
    assert pad._decoder["weights"] == weights
    pad.push(model)
    assert abs(pad.decoded - before).max() > 0.01
    np.testing.assert_array_equal(pad.decoded, model.decode(torch.ones(1, 2))[0, 0].detach())
    assert pad._decoder["weights"] == export_decoder(model)[1] != weights


def test_pushing_leaves_the_model_as_it_was_also_in_training(beats):
    model = build(LectureVAE, copies=2).train()
    pad, before = LatentPad(model, beats), {n: v.clone() for n, v in model.state_dict().items()}
    pad.push(model)
    assert model.training and all(p.requires_grad for p in model.parameters())
    assert all(torch.equal(v, before[n]) for n, v in model.state_dict().items())


def test_a_refused_push_leaves_the_pad_as_it_was(vae, beats):
    pad = LatentPad(vae, beats)
    before, state = pad.decoded, (pad._decoder, pad._map)
    broken = build(VAE)
    broken.decoder[0].bias.data[0] = float("nan")
    with pytest.raises(ValueError, match="NaN"):
        pad.push(broken)
    np.testing.assert_array_equal(pad.decoded, before)
    assert (pad._decoder, pad._map) == state


def test_push_is_one_message(beats):
    model = build(VAE)
    pad, sent = LatentPad(model, beats), []
    pad.send_state = lambda key=None: sent.append(set(key))
    pad.push(model)
    with torch.no_grad():
        model.fc_mu.bias.add_(1)
    pad.push(model)
    with torch.no_grad():
        model.decoder[0].bias.add_(1)
        model.fc_mu.bias.add_(1)
    pad.push(model)
    assert [keys for keys in sent if keys] == [{"_map"}, {"_map", "_decoder"}]


@pytest.mark.parametrize("model_class", [VAE, LectureVAE, Autoencoder])
def test_the_map_holds_codes_and_posteriors(model_class, beats):
    model = build(model_class)
    held = LatentPad(model, beats)._map
    with torch.no_grad():
        code = model.encode(beats.x)
    mu, logvar = code if isinstance(code, tuple) else (code, None)
    np.testing.assert_array_equal(np.frombuffer(held["codes"], "<f4").reshape(-1, 2), mu)
    if logvar is None:
        assert held["spread"] is None
    else:
        spread = np.frombuffer(held["spread"], "<f4").reshape(-1, 2)
        np.testing.assert_allclose(spread, logvar.exp().sqrt(), rtol=1e-6)


@pytest.mark.parametrize("model_class", [VAE, Autoencoder])
def test_the_map_shows_nearly_all_beats_and_a_round_prior(model_class, beats):
    pad = LatentPad(build(model_class), beats)
    (left, right), (bottom, top) = pad._map["extent"]
    inside = (pad._codes > [left, bottom]) & (pad._codes < [right, top])
    assert inside.all(axis=1).mean() >= 0.95
    if model_class is VAE:
        assert -left == right == top == -bottom >= 3


@pytest.mark.parametrize("model_class", [VAE, Autoencoder])
def test_near_means_within_the_distance_of_95_percent_of_fellows(model_class, beats):
    pad = LatentPad(build(model_class), beats)
    scale = 1 if model_class is VAE else pad._codes.std(axis=0)
    apart = NearestNeighbors(n_neighbors=2).fit(pad._codes / scale).kneighbors()[0][:, 0]
    assert pad._reach == pytest.approx(np.quantile(apart, 0.95), rel=1e-4)
    for n in (0, 17, 59):
        pad.z = pad._codes[n].tolist()
        assert pad.nearest == (n, 0) and not pad.extrapolating
    pad.z = (pad._codes.max(axis=0) + 1.01 * pad._reach * np.array(pad._map["scale"])).tolist()
    assert pad.extrapolating


def test_a_collapsed_axis_does_not_break_the_map(beats):
    model = build(Autoencoder)
    model.bottleneck.weight.data[1] = 0
    pad = LatentPad(model, beats)
    assert np.isfinite([*np.ravel(pad._map["extent"]), *pad._map["scale"], pad._reach]).all()


def test_the_path_leads_from_class_to_class(vae, beats):
    pad = LatentPad(vae, beats)
    for end, label in ((pad.a, 0), (pad.b, 1)):
        np.testing.assert_allclose(end, np.median(pad._codes[beats.y == label], axis=0), rtol=1e-6)
    alone = LatentPad(vae, replace(beats, y=None))
    assert (alone.a[0], alone.b[0]) == (alone._codes[:, 0].min(), alone._codes[:, 0].max())
    assert LatentPad(vae, beats, a=(1, 2)).a == (1, 2)


def test_beats_are_kept_to_a_microvolt(vae, beats):
    held = LatentPad(vae, beats)._beats
    levels = np.frombuffer(held["levels"], "<i2").reshape(len(beats), -1).cumsum(axis=1)
    assert abs(levels * held["step"] - beats.x[:, 0].numpy()).max() <= 0.00101
    huge = replace(beats, x=100 * beats.x)
    held = LatentPad(vae, huge)._beats
    levels = np.frombuffer(held["levels"], "<i2").reshape(len(beats), -1).cumsum(axis=1)
    assert abs(levels * held["step"] - huge.x[:, 0].numpy()).max() <= 0.6 * held["step"]


# what the page measures


@pytest.fixture(scope="module")
def measured(vae, beats):
    rng = np.random.default_rng(0)
    codes, spread = rng.normal(size=(40, 2)), rng.uniform(0.3, 0.6, (40, 2))
    given = dict(
        ms=beats.ms.tolist(),
        beats=beats.x[:, 0].double().tolist(),
        codes=codes.ravel().tolist(),
        spread=spread.ravel().tolist(),
        scale=[1.0, 0.5],
        z=rng.normal(size=(60, 2)).tolist(),
        extent=[[-4, 4], [-3, 5]],
        size=32,
    )
    return given, in_node("measure.mjs", given)


@pytest.mark.parametrize("kind", widgets.__all__)
def test_no_value_of_the_hand_is_echoed(kind):
    """An echo of an older value would pull the handle back while it is dragged."""
    own = vars(getattr(widgets, kind)).values()
    echoed = [
        t.metadata.get("echo_update", True) for t in own if isinstance(t, traitlets.TraitType)
    ]
    assert len(echoed) > 2 and not any(echoed)


@needs_node
def test_r_peak_qrs_width_and_t_wave(measured, beats):
    """Against numpy and scipy's peak_widths, on noisy beats."""
    _, found = measured
    ms, x = beats.ms, beats.x[:, 0].double().numpy()
    near_r = np.where(abs(ms) <= 80, x, -np.inf)
    peaks = near_r.argmax(axis=1)
    assert [r["index"] for r in found["r"]] == peaks.tolist()
    np.testing.assert_allclose([r["amplitude"] for r in found["r"]], near_r.max(axis=1))
    np.testing.assert_allclose([r["time"] for r in found["r"]], ms[peaks])
    step = ms[1] - ms[0]
    widths = [signal.peak_widths(row, [p])[0][0] * step for row, p in zip(x, peaks, strict=True)]
    np.testing.assert_allclose(found["width"], widths, rtol=1e-9)
    t_wave = x[:, (ms >= 180) & (ms <= 320)].mean(axis=1) - np.median(x, axis=1)
    np.testing.assert_allclose(found["t"], t_wave)
    assert (t_wave > 0).any() and (t_wave < 0).any()


@needs_node
def test_the_nearest_beat(measured):
    given, found = measured
    codes, z = (np.reshape(given[k], (-1, 2)) / given["scale"] for k in ("codes", "z"))
    distance, index = NearestNeighbors(n_neighbors=1).fit(codes).kneighbors(z)
    assert [n["index"] for n in found["nearest"]] == index[:, 0].tolist()
    np.testing.assert_allclose([n["distance"] for n in found["nearest"]], distance[:, 0])


@needs_node
def test_the_density_is_that_of_the_aggregate_posterior(measured):
    given, found = measured
    codes, spread = (np.reshape(given[k], (-1, 2)) for k in ("codes", "spread"))
    centres = (np.arange(32) + 0.5) / 32 * 8
    x, y = np.meshgrid(centres - 4, 5 - centres)
    grid = np.stack([x, y], axis=-1)[:, :, None]  # (32, 32, 1, 2)
    expected = stats.norm(codes, spread).pdf(grid).prod(axis=-1).mean(axis=-1)
    np.testing.assert_allclose(found["density"], expected.ravel(), atol=2e-3 * expected.max())


@needs_node
def test_without_posteriors_the_density_is_scotts_estimate(measured):
    given, found = measured
    codes = np.reshape(given["codes"], (-1, 2))
    width = codes.std(axis=0, ddof=1) * len(codes) ** (-1 / 6)
    centres = (np.arange(32) + 0.5) / 32 * 8
    x, y = np.meshgrid(centres - 4, 5 - centres)
    grid = np.stack([x, y], axis=-1)[:, :, None]
    expected = stats.norm(codes, width).pdf(grid).prod(axis=-1).mean(axis=-1)
    np.testing.assert_allclose(found["kernelDensity"], expected.ravel(), atol=2e-3 * expected.max())


# files, pages, notebooks


WIDGETS = [getattr(widgets, name) for name in widgets.__all__]


@needs_node
@pytest.mark.parametrize("widget", WIDGETS)
def test_the_joined_script_is_a_module(tmp_path, widget):
    for text in (widget.assets(), f"<script>{widget._esm}</script>"):
        (script,) = re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL)
        (tmp_path / "joined.mjs").write_text(script)
        command = [NODE, "--check", tmp_path / "joined.mjs"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_every_file_is_joined_once_and_after_what_it_needs():
    used = {"host.js"}
    for widget in WIDGETS:
        files = re.findall(r"^// ([a-z_]+\.js)$", widget._esm, re.MULTILINE)
        assert len(files) == len(set(files)) and files[-1] == widget.script
        for number, name in enumerate(files):
            needed = re.findall(r'from "\./([^"]+)"', (STATIC / name).read_text())
            assert set(needed) <= set(files[:number])
        used |= set(files)
    assert {path.name for path in STATIC.glob("*.js")} == used


@pytest.mark.parametrize(
    "line",
    [
        'import x from "./plot.js";',
        'import * as plot from "./plot.js";',
        'import "elsewhere.js";',
        "export * from './plot.js';",
        "export default 5;",
        "export { a };",
    ],
)
def test_a_link_of_another_form_is_refused(line):
    with pytest.raises(ValueError, match="cannot be joined"):
        base.strip_links("some.js", f"const a = 1;\n{line}\n", last=False)


def test_the_host_stays_small():
    assert (STATIC / "host.js").stat().st_size < 2000


def test_a_saved_page_is_self_contained(vae, beats, tmp_path):
    path = LatentPad(vae, beats).save_html(tmp_path / "pad.html", title="Beats & <maps>")
    text = path.read_text(encoding="utf-8")
    assert "<title>Beats &amp; &lt;maps&gt;</title>" in text
    assert set(re.findall(r"https?://[^\s\"')]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(link|img|iframe)|src=|@import|url\(", text)


def test_a_fragment_cannot_be_broken_by_its_texts(vae, beats):
    pad = LatentPad(vae, replace(beats, class_names=("</script><b>", "wide")))
    fragment = pad.fragment()
    assert fragment.count("</script>") == 1 and "<b>" not in fragment
    assert fragment == pad.fragment()  # the same bytes, so that a site can be compared


def test_a_notebook_stores_the_view_and_the_repr(vae, beats, monkeypatch):
    pad = LatentPad(vae, beats)
    data, _ = pad._repr_mimebundle_()
    assert data["text/plain"] == repr(pad) and "text/html" not in data
    assert "application/vnd.jupyter.widget-view+json" in data
    monkeypatch.setenv("ECGAE_WIDGETS", "html")
    data, _ = pad._repr_mimebundle_()
    assert data == {"text/plain": repr(pad), "text/html": pad.fragment()}


def test_a_recorded_notebook_keeps_the_repr_and_not_the_view(vae, beats):
    """A view without a kernel would read "model not found"; its id changes with every run."""
    data, _ = LatentPad(vae, beats)._repr_mimebundle_()
    output = nbformat.v4.new_output("display_data", data)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])])
    record.clean(notebook)
    assert dict(notebook.cells[0].outputs[0].data) == {"text/plain": data["text/plain"]}


def test_only_the_widgets_own_state_goes_into_a_page(vae, beats):
    fragment = LatentPad(vae, beats).fragment()
    state = json.loads(re.search(r'json">(.*?)</script>', fragment)[1])
    assert set(state) == {"_beats", "_decoder", "_map", "a", "b", "picked", "underlay", "z"}
    assert ast.literal_eval(str(state["z"])) == [0.0, 0.0]
