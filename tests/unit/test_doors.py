"""Whatever is given to a public function: it is used, or refused at the door in words of ours."""

import itertools
import traceback
from pathlib import Path

import numpy as np
import pytest
import torch

import ecgae_lib
from ecgae_lib import beats, evidence, generator, lengths, losses, models, plots, scores, training

BEATS = generator.synthetic(65, signal_length=50)[0]
X, ROWS, ECG = BEATS.x, BEATS.x[:, 0].numpy(), np.sin(np.arange(4000) / 30)
AE, VAE = models.Autoencoder(50), models.VAE(50)
WHOLE = [2.5, "3", None, True, [3], np.nan, -1, np.array([1, 2])]
REAL = ["3", None, True, [0.3], np.nan, np.inf, -np.inf, 1j]
POSITIVE = [*REAL, 0, -1.0]
SERIES = [None, "ecg", [], ECG[:0], np.where(ECG > 0, np.nan, ECG), ECG[None], ECG.astype(str), {}]
MATRIX = [None, "x", [], ROWS[0], ROWS[:0], np.where(ROWS > 0, np.inf, ROWS), X, ROWS.astype(str)]
SIGNALS = [None, "x", ROWS, X[0], X[:0], X.long(), X / 0, BEATS, [1.0], X[:, :, :0]]
POSITIONS = [None, "r", [0.5, 1.5], [], np.array([[3]]), np.array([np.nan])]
DOORS = [  # a function, arguments that it takes, and for each what it must refuse
    (lengths.conv_length, dict(length=9, kernel_size=3, stride=1, padding=0, dilation=1), WHOLE),
    (
        lengths.conv_transpose_length,
        dict(length=9, kernel_size=3, stride=1, padding=0, output_padding=0, dilation=1),
        WHOLE,
    ),
    (models.Autoencoder, dict(signal_length=50, latent_dim=2), WHOLE),
    (models.VAE, dict(signal_length=50, latent_dim=2), WHOLE),
    (models.LectureAutoencoder, dict(signal_length=50), WHOLE),
    (models.LectureVAE, dict(signal_length=50, latent_dim=2), WHOLE),
    (losses.beta_loss, dict(beta=0.1), [*REAL, -1]),
    (losses.noise_variance, dict(beta=0.1), [*REAL, -1]) ,
    (losses.best_beta, dict(mse=0.1), [*REAL, -1]),
    (generator.synthetic, dict(n=5, seed=0, signal_length=50), WHOLE),
    (generator.synthetic, dict(n=5, wide_fraction=0.5, noise=0.1), [*REAL, -1]),
    (beats.bandpass, dict(ecg=ECG), [*SERIES[:5], *SERIES[6:]]),  # several rows are welcome
    (beats.bandpass, dict(ecg=ECG, fs=360), POSITIVE),
    (beats.r_peaks, dict(ecg=ECG), SERIES),
    (beats.windows, dict(r=np.array([400])), POSITIONS),
    (beats.qrs_width, dict(r=np.array([400])), POSITIONS),
    (beats.split, dict(beats=BEATS), [None, (BEATS, 1), X, "208", {}]),
    (beats.split, dict(beats=BEATS, test_fraction=0.2), [*POSITIVE, 1, 1.5]),
    (scores.pca_error, dict(k=2), WHOLE),
    (scores.pca_error, dict(train=ROWS, test=ROWS), MATRIX),
    (scores.nearest_distances, dict(x=ROWS, others=ROWS), MATRIX),
    (scores.nearest_neighbour_accuracy, dict(real=ROWS, fake=ROWS), MATRIX),
    (scores.precision_and_recall, dict(real=ROWS, fake=ROWS), MATRIX),
    (scores.precision_and_recall, dict(k=3), [*WHOLE, 0]),
    (evidence.elbo, dict(beta=0.1), POSITIVE),
    (evidence.elbo, dict(x=X[:2]), SIGNALS),
    (evidence.importance_weighted_bound, dict(k=2), [*WHOLE, 0]),
    (evidence.importance_weighted_bound, dict(x=X[:2]), SIGNALS),
    (evidence.log_evidence_grid, dict(x=X[:2]), SIGNALS),
    (evidence.log_evidence_grid, dict(beta=0.1, reach=3.0, step=0.5), POSITIVE),
    (training.fit, dict(data=X), [*SIGNALS, X.double(), X[:, :, :40]]),
    (training.fit, dict(epochs=1, batch_size=32), [*WHOLE, 0]),
    (training.fit, dict(lr=0.1), POSITIVE),
    (training.fit, dict(seed=0), WHOLE),
    (training.fit, dict(loss=losses.reconstruction_loss), [None, 3, torch.nn.MSELoss()]),
    (training.fit, dict(model=AE), [None, "AE", models.VAE, torch.nn.Identity(),
                                    torch.nn.Linear(50, 50)]),
    (training.fit_together, dict(betas=[0.1]), [[], [-1], [[0.1]], ["x"], None, [np.nan]]),
    (plots.draw_ecg, dict(start=0, stop=2), [*REAL, -1]),
    (plots.draw_embedding, dict(z=np.zeros((5, 2))), [None, "z", np.zeros((5, 3)), np.zeros(5)]),
]  # fmt: skip
USUAL = {  # what the functions of a module are called with, where a row says nothing else
    beats.bandpass: dict(ecg=ECG, fs=360),
    beats.r_peaks: dict(ecg=ECG, fs=360),
    beats.windows: dict(ecg=ECG, fs=360),
    beats.qrs_width: dict(ecg=ECG, fs=360),
    losses.noise_variance: dict(signal_length=50),
    losses.best_beta: dict(signal_length=50),
    scores.pca_error: dict(k=2, train=ROWS, test=ROWS),
    scores.precision_and_recall: dict(real=ROWS, fake=ROWS),
    evidence.elbo: dict(model=VAE, x=X[:2]),
    evidence.importance_weighted_bound: dict(model=VAE, x=X[:2], k=2),
    evidence.log_evidence_grid: dict(model=VAE, x=X[:2], reach=3.0, step=0.5),
    training.fit: dict(model=AE, data=X, epochs=1),
    training.fit_together: dict(models=[VAE], x=X, betas=[0.1], epochs=1),
    plots.draw_ecg: dict(ax=plots.plt.figure().gca(), ecg=ECG, fs=360),
    plots.draw_embedding: dict(ax=plots.plt.figure().gca(), y=None, class_names=("beats",)),
    beats.split: dict(),
}
CALLS = [
    pytest.param(function, {**good, name: bad}, id=f"{function.__name__}-{name}-{number}")
    for function, good, refused in DOORS
    for name in good
    for number, bad in enumerate(refused)
]


def ours(error):
    """Whether the line that raised is one of ecgae_lib."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return Path(last.filename).is_relative_to(Path(ecgae_lib.__file__).parent)


@pytest.mark.parametrize("function, given", CALLS)
def test_what_cannot_be_used_is_refused_in_our_words(function, given):
    with pytest.raises((TypeError, ValueError)) as refused:
        function(**(USUAL.get(function, {}) | given))
    assert ours(refused.value), refused.value
    assert ":" in str(refused.value) and len(str(refused.value)) >= 20


@pytest.mark.filterwarnings("ignore:some peaks have")  # R where scipy finds no local maximum
@pytest.mark.parametrize("function, good", [row[:2] for row in DOORS])
def test_what_can_be_used_is(function, good):
    function(**(USUAL.get(function, {}) | good))


TWINS = [  # the same number in other clothes
    (lengths.conv_length, dict(length=np.int64(450), kernel_size=torch.tensor(5)), 446),
    (losses.noise_variance, dict(beta=np.float32(0.5), signal_length=np.int16(4)), 1.0),
]


@pytest.mark.parametrize("function, given, expected", TWINS)
def test_numbers_of_numpy_and_torch_are_numbers(function, given, expected):
    assert function(**given) == expected


def test_lists_strided_arrays_and_tensors_score_alike():
    forms = [
        ROWS,
        ROWS.tolist(),
        X[:, 0],
        np.asfortranarray(ROWS),
        ROWS[::-1][::-1],
        X[:, 0].double(),
    ]
    forms.append(X[:, 0].clone().requires_grad_())
    found = [scores.pca_error(2, *pair) for pair in itertools.product(forms, forms[:2])]
    assert np.ptp(found) < 1e-6
