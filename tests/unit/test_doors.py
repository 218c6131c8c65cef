"""Whatever is given to a public function: it is used, or refused at the door in words of ours."""

import traceback
from dataclasses import replace
from functools import partial
from math import inf, isfinite
from numbers import Integral, Real
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.linear_model import LogisticRegression

import ecgae_lib
from ecgae_lib import (
    beats,
    evidence,
    generator,
    lengths,
    loaders,
    losses,
    models,
    plots,
    scores,
    storage,
    training,
    widgets,
)
from tests.unit.test_loaders import write

torch.manual_seed(0)
BEATS = generator.synthetic(60, signal_length=50)[0]
X, ROWS = BEATS.x, BEATS.x[:, 0].numpy()
ECG, R = np.sin(np.arange(4000) / 30), np.array([47, 236, 424, 613, 801])
LONG = generator.synthetic(20)[0].x.flatten().numpy()
Z, LOGVAR = torch.zeros(60, 2), torch.ones(60, 2)
FOLDER = TemporaryDirectory()  # of records; a word that no file is called is no path there
ONE_LEAD = write(FOLDER.name, n=20)[0]
np.savetxt(f"{FOLDER.name}/a.csv", ONE_LEAD)
np.savez(f"{FOLDER.name}/a.npz", ecg=ONE_LEAD, fs=250)
np.savetxt(f"{FOLDER.name}/a.tsv", np.c_[np.arange(20) % 2, ONE_LEAD.reshape(20, -1)])
VAE, AX = models.VAE(50).requires_grad_(False), plots.plt.figure().gca()


# what a function can use, said without a word of the helper


def plain(value):
    return value.item() if getattr(value, "ndim", None) == 0 else value


def whole(least, most=inf):
    def fits(value):
        value = plain(value)
        return isinstance(value, Integral) and type(value) is not bool and least <= value <= most

    return fits


def number(least=-inf, most=inf, above=-inf):
    def fits(value):
        value = plain(value)
        is_number = isinstance(value, Real) and type(value) is not bool and isfinite(value)
        return is_number and least <= value <= most and value > above

    return fits


def rows(*shape, kinds="iuf"):
    """Finite numbers of this shape; None: of any length; an empty one: of any axes before."""

    def fits(value):
        try:
            value = np.asarray(value.detach() if isinstance(value, torch.Tensor) else value)
        except (TypeError, ValueError, RuntimeError):
            return False
        axes = shape[1:] if shape[0] == "..." else shape
        there = value.shape[-len(axes) :] if shape[0] == "..." else value.shape
        return (
            value.dtype.kind in kinds
            and value.size > 0
            and len(there) == len(axes)
            and all(n == m or n is None for n, m in zip(axes, there, strict=True))
            and bool(np.isfinite(value).all())
        )

    return fits


def floats(*shape, finite=True):
    """A tensor of floats of this shape."""
    fits = rows(*shape)
    return lambda v: (
        isinstance(v, torch.Tensor)
        and v.dtype.is_floating_point
        and fits(v if finite else torch.nan_to_num(v))
    )


WHOLE, AT_LEAST_0, POSITIVE, RATE = whole(1), number(0), number(above=0), number(1, 100_000)
SERIES, POSITIONS, MATRIX = rows(None), rows(None, kinds="iu"), rows(None, 50)
LENGTHS = dict(length=(9, WHOLE), kernel_size=(3, WHOLE), stride=(1, WHOLE), dilation=(1, WHOLE))
LENGTHS |= dict(padding=(0, whole(0)))
PAIR = dict(real=(ROWS, MATRIX), fake=(ROWS[:40] + 0.1, MATRIX))
CODES = dict(mu=(Z, floats(60, 2, finite=False)), logvar=(LOGVAR, floats(60, 2, finite=False)))
DRAWN, CLOUD = floats(60, 1, 50, finite=False), floats("...", 60, 2, finite=False)
SIGNALS = dict(x=(X[:2], lambda v: floats(None, 1, 50)(v) and v.dtype == torch.float32))
BETA, GRID = dict(beta=(0.1, POSITIVE)), dict(reach=(3.0, POSITIVE), step=(0.5, POSITIVE))
SHAPE = dict(signal_length=(50, whole(4, 2000)), latent_dim=(2, WHOLE))
IS_BEATS, MS = lambda v: isinstance(v, beats.Beats), dict(ms=(np.arange(50.0), rows(50)))
ALWAYS = lambda v: True  # noqa: E731  nobody spoils it
TEXT, NAME = lambda v: isinstance(v, str | None), lambda v: isinstance(plain(v), str | int | None)
SECONDS, TABLE = lambda v: v is None or POSITIVE(v), lambda v: isinstance(v, dict)
NOTHING = lambda v: False  # noqa: E731  all that comes instead is refused


def path(name):
    """Of a file that is there."""
    return dict(path=(f"{FOLDER.name}/{name}", lambda v: isinstance(v, str | PathLike)))


DOORS = {  # a function: what it takes, an example each and what it can use
    lengths.conv_length: LENGTHS,
    lengths.conv_transpose_length: LENGTHS | dict(output_padding=(0, whole(0))),
    models.Autoencoder: SHAPE,
    models.VAE: SHAPE,
    models.LectureAutoencoder: dict(signal_length=(50, whole(4, 2000))),
    models.LectureVAE: SHAPE,
    VAE.encode: dict(x=(X, floats(None, 1, 50, finite=False))),
    VAE.decode: dict(z=(Z, floats(None, 2, finite=False))),
    lengths.trace: dict(module=(VAE, ALWAYS), x=(X[:2], floats(None, 1, 50, finite=False))),
    losses.beta_loss: dict(beta=(0.1, AT_LEAST_0)),
    losses.noise_variance: dict(beta=(0.1, AT_LEAST_0), signal_length=(50, WHOLE)),
    losses.best_beta: dict(mse=(0.1, AT_LEAST_0), signal_length=(50, WHOLE)),
    losses.kl_to_standard_normal: dict(mu=(Z, CLOUD), logvar=(LOGVAR, CLOUD)),
    losses.loss_function: dict(x_recon=(X, DRAWN), x=(X + 1, DRAWN)) | CODES,
    losses.vae_loss: dict(x_recon=(X, DRAWN), x=(X + 1, DRAWN), beta=(0.1, AT_LEAST_0)) | CODES,
    generator.synthetic: dict(
        n=(5, WHOLE), seed=(0, whole(0)), wide_fraction=(0.5, number(0, 1)),
        noise=(0.1, AT_LEAST_0), signal_length=(50, WHOLE),
    ),
    beats.bandpass: dict(
        ecg=(ECG, rows("...", None)), fs=(360, RATE), low=(0.5, POSITIVE), high=(40, POSITIVE)
    ),
    beats.r_peaks: dict(
        ecg=(ECG, SERIES), fs=(360, RATE), height=(0.5, number()), distance=(0.25, POSITIVE)
    ),
    beats.windows: dict(ecg=(LONG, SERIES), r=(R + 900, POSITIONS), fs=(360, RATE),
                        signal_length=(50, WHOLE)),
    beats.qrs_width: dict(ecg=(ECG, SERIES), r=(R, POSITIONS), fs=(360, RATE)),
    beats.split: dict(beats=(BEATS, IS_BEATS), test_fraction=(0.2, number(0, 1))),
    beats.join: dict(parts=([BEATS, BEATS], NOTHING)),
    beats.Beats: dict(x=(X, floats(60, 1, None)), fs=(50.0, POSITIVE), t=(BEATS.t, ALWAYS),
                      y=(BEATS.y, ALWAYS),
                      class_names=(("narrow", "wide"), ALWAYS),
                      source=("a heart", ALWAYS), before=(0.1, number())),
    beats.beat_times: dict(signal_length=(50, WHOLE), fs=(50.0, POSITIVE), before=(0.1, number())),
    loaders.from_csv: path("a.csv") | dict(
        fs=(250, RATE), column=(0, NAME), decimal=(".", TEXT), source=("a heart", TEXT)
    ),
    loaders.from_npz: path("a.npz") | dict(source=("a heart", TEXT)),
    loaders.from_ucr: path("a.tsv") | dict(fs=(50, SECONDS), source=("a heart", TEXT)),
    loaders.from_wfdb: path("rec") | dict(
        lead=("MLII", NAME), start=(0, AT_LEAST_0), stop=(9, SECONDS),
        annotator=("atr", TEXT), patient=("he", NAME), signal_length=(50, whole(2)),
    ),
    loaders.from_signal: dict(ecg=(LONG, SERIES), fs=(640, RATE), signal_length=(50, whole(2))),
    scores.pca_error: dict(k=(2, whole(0)), train=(ROWS, MATRIX), test=(ROWS[:9], MATRIX)),
    scores.nearest_distances: dict(x=(ROWS, MATRIX), others=(ROWS[:9], MATRIX)),
    scores.nearest_neighbour_accuracy: PAIR,
    scores.nearest_neighbour_ratio: dict(
        fake=(ROWS + 0.1, MATRIX), train=(ROWS[:40], MATRIX), test=(ROWS[40:], MATRIX)
    ),
    scores.precision_and_recall: PAIR | dict(k=(3, WHOLE)),
    scores.classifier_accuracy: PAIR
    | dict(classifier=(LogisticRegression(), ALWAYS), folds=(2, whole(2))),
    evidence.log_likelihood: dict(x_recon=(X, floats("...", 60, 1, 50, finite=False)),
                                  x=(X + 1, DRAWN), variance=(0.5, POSITIVE)),
    evidence.elbo: dict(model=(VAE, ALWAYS)) | SIGNALS | BETA,
    evidence.importance_weighted_bound: dict(model=(VAE, ALWAYS), k=(2, WHOLE)) | SIGNALS | BETA,
    evidence.log_evidence_grid: dict(model=(VAE, ALWAYS)) | SIGNALS | BETA | GRID,
    evidence.log_joint_grid: dict(model=(VAE, ALWAYS)) | SIGNALS | BETA | GRID,
    training.fit: dict(
        model=(models.Autoencoder(50), NOTHING), data=(X, SIGNALS["x"][1]), epochs=(1, WHOLE),
        batch_size=(32, WHOLE), lr=(0.01, POSITIVE), seed=(0, whole(0)),
    ),
    training.fit_together: dict(
        models=([models.VAE(50)], NOTHING), x=(X, SIGNALS["x"][1]), betas=([0.1], rows(1)),
        epochs=(1, WHOLE),
    ),
    plots.draw_ecg: dict(ax=(AX, ALWAYS), ecg=(ECG, SERIES), fs=(360, RATE), start=(0, AT_LEAST_0),
                         stop=(2, POSITIVE), r=(R, lambda v: v is None or POSITIONS(v))),
    plots.draw_beats: dict(ax=(AX, ALWAYS), x=(ROWS, rows("...", 50))) | MS,
    plots.draw_reconstruction: dict(
        ax=(AX, ALWAYS), x=(ROWS[0], rows("...", 50)), x_hat=(ROWS[1], rows("...", 50))
    )
    | MS,
    plots.draw_embedding: dict(ax=(AX, ALWAYS), z=(Z, rows(None, 2)), y=(None, ALWAYS),
                               class_names=(("beats",), ALWAYS)),
    plots.draw_losses: dict(ax=(AX, ALWAYS), losses=({"loss": [3.0, 2.0]}, TABLE)),
    plots.draw_errors: dict(ax=(AX, ALWAYS), errors=({"PCA": 0.5}, TABLE)),
    storage.load: path("model.pt"),
    widgets.LatentPad: dict(model=(VAE, NOTHING), beats=(BEATS, IS_BEATS)),
    widgets.ComparePads: dict(models=({"a": VAE, "b": VAE}, NOTHING), beats=(BEATS, IS_BEATS)),
    widgets.BetaExplorer: dict(sweep=({0.1: VAE, 1: VAE}, NOTHING), beats=(BEATS, IS_BEATS),
                               seed=(0, whole(0))),
    widgets.TrainingFilm: dict(model=(VAE, NOTHING), beats=(BEATS, IS_BEATS), most=(9, whole(2))),
}  # fmt: skip
CLEAR = (  # what scipy and scikit-learn say well enough, with the bound that is not kept
    "filter critical frequencies must be", "Wn[0] must be less than Wn[1]", "`distance` must be",
    "is not a valid index", "n_components=", "n_splits=", "Expected n_neighbors",
)  # fmt: skip
SPOILABLE = [(f, name) for f, row in DOORS.items() for name in row if row[name][1] is not ALWAYS]


# what a reader may give in haste

SCALARS = st.one_of(
    st.integers(-3, 60), st.floats(-2, 2), st.sampled_from([np.nan, inf, -inf, 1e300, 1e-300]),
    st.none(), st.booleans(), st.text(max_size=3), st.complex_numbers(max_magnitude=9),
)  # fmt: skip
KINDS = ("?", "i1", "i8", "f2", "f8", "c8", "U3")
DTYPES = st.sampled_from([np.dtype(kind) for kind in KINDS])
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5),
                    elements=None, fill=st.nothing())  # fmt: skip
NUMBERS = hnp.arrays(np.float32, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
                     elements=st.floats(-2, 2, width=16))  # fmt: skip
ANYTHING = st.one_of(
    SCALARS, SCALARS.map(lambda v: [v]), ARRAYS, NUMBERS, NUMBERS.map(torch.from_numpy),
    SCALARS.filter(lambda v: isinstance(v, int | float)).map(np.asarray),
    st.sampled_from([BEATS, (BEATS, 1), {}, [], [[1.0], [1.0, 2.0]], models.VAE, object(),
                     np.array([1.0], object)]),
)  # fmt: skip
SPOILERS = [  # near misses of an array or a tensor
    lambda a: a[None],
    lambda a: a[..., None],
    lambda a: a[0],
    lambda a: a[:0],
    lambda a: a[..., :-1],
    lambda a: a[..., :1],
    lambda a: np.asarray(a).astype(str),
    lambda a: np.asarray(a).astype(complex),
    lambda a: np.asarray(a).astype(object),
    lambda a: torch.as_tensor(a).long(),
    lambda a: torch.as_tensor(a).bool(),
    lambda a: torch.as_tensor(a).double(),
    lambda a: torch.as_tensor(a) / 0,
    lambda a: np.asarray(a).T,
    lambda a: np.asarray(a).tolist(),
    lambda a: [*np.asarray(a).tolist(), []],
    lambda a: np.ma.masked_array(np.asarray(a), mask=True),
    str,
]


def spoilt(good):
    """Near misses of an array; of anything else what comes."""
    if not hasattr(good, "shape"):
        return ANYTHING
    return st.one_of(st.sampled_from(SPOILERS).map(lambda spoil: spoil(good)), ANYTHING)


def outcome(function, name, value):
    """ "right", "refused" in our words, "deep" or, for what it cannot use, "silent"."""
    usual = {argument: good for argument, (good, _) in DOORS[function].items()}
    try:
        function(**usual | {name: value})
    except Exception as error:
        last, words = traceback.extract_tb(error.__traceback__)[-1], str(error)
        ours = Path(last.filename).is_relative_to(Path(ecgae_lib.__file__).parent)
        kinds = TypeError | ValueError | FileNotFoundError
        said = isinstance(error, kinds) and ":" in words and len(words) >= 20
        theirs = isinstance(error, ValueError) and any(clear in words for clear in CLEAR)
        return "refused" if (ours and said) or theirs else f"deep: {type(error).__name__}: {words}"
    return "right" if DOORS[function][name][1](value) else "silent"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("function", "name"), SPOILABLE, ids=lambda v: getattr(v, "__name__", v))
@settings(max_examples=3, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(data=st.data())
def test_what_cannot_be_used_is_refused_in_our_words(function, name, data):
    value = data.draw(spoilt(DOORS[function][name][0]))
    assert outcome(function, name, value) in ("right", "refused")


storage.save(VAE, DOORS[storage.load]["path"][0])
AMISS = [0, -1, 1.5, True, "2", None, 1j, np.nan, inf, -inf, [1.0], {}]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("function", "name"), SPOILABLE, ids=lambda v: getattr(v, "__name__", v))
def test_every_near_miss_is_refused_in_our_words(function, name):
    good = DOORS[function][name][0]
    for miss in [spoil(good) for spoil in SPOILERS] if hasattr(good, "shape") else AMISS:
        assert outcome(function, name, miss) in ("right", "refused"), miss


def result(function, **changes):
    """What a function of numbers returns for the examples, but for the changes, as arrays."""
    torch.manual_seed(0)
    found = function(**{name: good for name, (good, _) in DOORS[function].items()} | changes)
    return [np.asarray(part) for part in (found if isinstance(found, tuple) else [found])]


CLOTHES = [  # the same numbers
    lambda a: np.asarray(a).tolist(),
    lambda a: torch.as_tensor(np.asarray(a)),
    lambda a: torch.as_tensor(np.asarray(a, float)).requires_grad_(),
    lambda a: np.asfortranarray(a),
    lambda a: np.flip(np.flip(np.asarray(a)).copy()),
    lambda a: np.repeat(np.asarray(a), 2, axis=-1)[..., ::2],
    lambda a: np.asarray(a, ">f8" if np.asarray(a).dtype.kind == "f" else ">i8"),
]
WORN = [
    (function, name)
    for function, name in SPOILABLE
    if function.__module__.split(".")[-1] in ("beats", "scores") and function is not beats.split
    and isinstance(DOORS[function][name][0], np.ndarray)
]  # fmt: skip


@pytest.mark.parametrize(("function", "name"), WORN, ids=lambda v: getattr(v, "__name__", v))
def test_lists_tensors_and_strided_arrays_give_the_same(function, name):
    expected, (good, fits) = result(function), DOORS[function][name]
    for clothe in CLOTHES[: None if fits is not POSITIONS else 2]:
        for ours, true in zip(result(function, **{name: clothe(good)}), expected, strict=True):
            np.testing.assert_allclose(ours, true, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("clothe", [np.int64, np.int16, np.array, torch.tensor])
def test_numbers_of_numpy_and_torch_are_numbers(clothe):
    assert lengths.conv_length(clothe(450), kernel_size=clothe(5)) == 446
    assert losses.noise_variance(np.float32(0.5), signal_length=clothe(4)) == 1.0


@pytest.mark.parametrize("function", DOORS)
def test_what_can_be_used_is(function):
    function(**{name: good for name, (good, _) in DOORS[function].items()})


# what was silent or cryptic once

SHORT = generator.synthetic(65, signal_length=20)[0]
LECTURE = {20: models.LectureAutoencoder(20), 50: models.LectureVAE(50)}
FOUR = [models.Autoencoder(50), VAE, models.LectureAutoencoder(50), LECTURE[50]]
ONCE = {  # a call, and what its error says
    "lone last beat": (lambda: training.fit(LECTURE[20], SHORT.x), "last batch is one beat"),
    "the same of a VAE": (
        lambda: training.fit(models.LectureVAE(20), SHORT.x, losses.beta_loss(1)),
        "last batch is one beat",
    ),
    "microvolts as beats": (lambda: replace(BEATS, x=1000 * X), "a heart no more than 20"),
    "microvolts as ECG": (lambda: beats.r_peaks(1000 * LONG, 640), "a heart no more than 20"),
    "beats elsewhere": (lambda: replace(BEATS, x=X.to("meta")), "on meta: .* on the CPU"),
    "a typo": (lambda: widgets.LatentPad(VAE, BEATS, underlays="beats"), r"\bunderlay\b"),
    "a word to call": (lambda: training.fit(FOUR[0], X, on_epoch="print"), "on_epoch is str"),
    "and together": (lambda: training.fit_together([VAE], X, [1], on_epoch=1), "on_epoch is int"),
    "a number to write to": (lambda: storage.save(VAE, 0), "path is int: expected a path"),
    "other codes": (lambda: losses.vae_loss(X, X, Z[:9], Z[:9], 1), r"mu .*\(60, d\)"),
    "spread elsewhere": (lambda: losses.kl_to_standard_normal(Z, Z.expand(5, 60, 2)), r"\(60, 2\)"),
    "another beat": (lambda: plots.draw_reconstruction(AX, range(50), ROWS, X[0]), r"\(60, 50\)"),
    "no beats": (lambda: training.fit(FOUR[0], BEATS), "x is Beats: expected a float tensor"),
}
ONCE |= {
    f"{kind.__name__}.{name}, {width}": (partial(getattr(model, name), x), "expected")
    for kind, model in zip(map(type, FOUR), FOUR, strict=True)
    for name, good in (("encode", X), ("decode", Z))
    for width, x in (("long", torch.cat([good, good], -1)), ("short", good[..., 1:]))
}


@pytest.mark.parametrize(("call", "message"), ONCE.values(), ids=ONCE)
def test_what_was_silent_or_cryptic_is_refused(call, message):
    with pytest.raises((TypeError, ValueError), match=message) as refused:
        call()
    assert Path(refused.traceback[-1].path).is_relative_to(Path(ecgae_lib.__file__).parent)


def test_a_lone_last_beat_with_several_positions_and_another_unit_are_welcome():
    assert len(training.fit(models.LectureAutoencoder(50), torch.cat([X, X[:5]]), epochs=1)) == 1
    assert replace(BEATS, x=1000 * X, unit="uV").unit == "uV"
    assert beats.bandpass(ECG[None], 360).shape == (1, len(ECG))  # one row of many samples


def test_what_only_looks_changes_nothing():
    names = {}
    exec("from ecgae_lib.beats import *", names)
    assert "signal" not in names and "bandpass" in names
    x, state = X.clone(), torch.random.get_rng_state()
    lengths.trace(torch.nn.Sequential(torch.nn.ReLU(inplace=True), torch.nn.Dropout()), x)
    lengths.trace(VAE, x)
    assert torch.equal(x, X) and torch.equal(torch.random.get_rng_state(), state)


def test_the_explorer_draws_from_few_copies():
    model, copies = models.LectureVAE(50), set()

    def note(_, inputs):
        if isinstance(inputs[0], torch.Tensor):  # no stand-in, with which a graph is drawn
            copies.add(inputs[0].shape[-1])

    model.decoder.register_forward_pre_hook(note)
    widgets.BetaExplorer({0.1: model, 0.2: model}, BEATS)
    assert model.copies == 25 and copies == {2}
