"""Checks of notebook 4: the autoencoder."""

from functools import partial

import numpy as np
import torch
from torch import nn

from ecgae_lib.checks.exercise import exercise, judge
from ecgae_lib.checks.functions import call, compare
from ecgae_lib.scores import pca_error


def as_columns(x, period):
    """Beats (N, L) as (N, L / period, period): what lies one period apart stands in one column."""
    return x.reshape(len(x), -1, period)


def repeated(piece, x):
    """Each row of `piece` again and again, until it is as long as the beats."""
    return np.tile(piece, x.shape[1] // piece.shape[1])


def nearest_periodic(x, period):
    """The mean of the periods, again and again."""
    return repeated(as_columns(x, period).mean(axis=1), x)


WRONG_PERIODS = {  # of beats x, period p
    ("every beat begins like the first period of itself: is there no better one?",
     "the best of all constants for a set of numbers is their mean: one such set a column"):
        lambda x, p: repeated(x[:, :p], x),
    "you take the last period: is there no better one?": lambda x, p: repeated(x[:, -p:], x),
    "you add up the periods; how many are there?":
        lambda x, p: repeated(as_columns(x, p).sum(axis=1), x),
    ("you average neighbours: what stands in one place of every period lies `period` apart",
     "reshape(N, -1, period), not (N, period, -1), puts one period into one row"):
        lambda x, p: repeated(x.reshape(len(x), p, -1).mean(axis=2), x),
    "you average over the beats: each has a best signal of its own":
        lambda x, p: nearest_periodic(x, p).mean(axis=0) + 0 * x,
    "that is what the nearest signal leaves of the beat: which signal is it?":
        lambda x, p: x - nearest_periodic(x, p),
    "the result is the beat itself: it does not repeat": lambda x, p: x,
    "the result is zero everywhere: a signal that repeats, but not the nearest": lambda x, p: 0 * x,
    "you return one number for each beat, its mean, on all samples":
        lambda x, p: x.mean(axis=1, keepdims=True) + 0 * x,
    "you return one period: repeat it until it is as long as the beat":
        lambda x, p: as_columns(x, p).mean(axis=1),
    "the median has the smallest absolute error; which one has the smallest squared error?":
        lambda x, p: repeated(np.median(as_columns(x, p), axis=1), x),
    "each sample stands `period` times side by side: `repeat` is not `tile`":
        lambda x, p: np.repeat(as_columns(x, p).mean(axis=1), x.shape[1] // p, axis=1),
    "the period is a length in samples, not the number of periods":
        lambda x, p: nearest_periodic(x, x.shape[1] // p),
}  # fmt: skip


@exercise(
    "For period 225 this is the floor of section 4.9, which no training of the lecture's decoder "
    "breaks. Print the floor of the test beats for 150 and 90: shorter periods cost more."
)
def best_with_period(answer):
    """The nearest signal of a given period."""
    x = np.random.default_rng(0).normal(size=(3, 450)) + np.arange(450) / 100
    cases = [(x, period) for period in (225, 150, 90)]
    what = "signals of the shape of x are asked for"
    compare(answer, nearest_periodic, cases, what, WRONG_PERIODS)


def by_class(x_hat, x, y, mean=torch.mean, of=torch.square, beat=torch.mean):
    """The mean squared error of each class, right or wrong.

    of(voltages): what is averaged; beat(row): one number for each beat; mean: one for each class.
    """
    errors = torch.stack([beat(of(row)) for row in x_hat - x])
    return torch.stack([mean(errors[y == c]) for c in range(int(y.max()) + 1)])


WRONG_ERRORS = {  # of h = x_hat, x and y
    "you do not square: an error of -1 mV is as bad as one of 1 mV":
        partial(by_class, of=torch.clone),
    "you square the mean of the errors: take the mean of their squares":
        lambda *beats: by_class(*beats, of=torch.clone) ** 2,
    "that is the mean absolute error: square it": partial(by_class, of=torch.abs),
    "you take the root: a mean squared error has the unit mV²":
        lambda *beats: by_class(*beats) ** 0.5,
    "you add up over the samples: take their mean": partial(by_class, beat=torch.sum),
    "you add up the beats of a class: take their mean": partial(by_class, mean=torch.sum),
    ("you divide by all beats: a class has fewer",
     "a class's mean is over its own beats, (y == c).sum() of them"):
        lambda h, x, y: by_class(h, x, y, mean=torch.sum) / len(y),
    "the classes stand in the wrong order: class 0 comes first":
        lambda *beats: by_class(*beats).flip(0),
    "that is one error for all beats, which hides the few": lambda h, x, y: (h - x).square().mean(),
    "that is one error a beat: take the mean of those of one class":
        lambda h, x, y: (h - x).square().mean(dim=(1, 2)),
    "there may be more than two classes: how does y tell how many?":
        lambda *beats: by_class(*beats)[:2],
    "that is the spread of the beats: where is x_hat?": lambda h, x, y: by_class(0 * x, x, y),
    "that is the worst beat of each class: take their mean": partial(by_class, mean=torch.max),
}  # fmt: skip


@exercise(
    "The repaired model is three times as wrong on wide beats as on narrow ones: try it. One mean "
    "over all beats, most of them narrow, does not show that."
)
def error_by_class(answer):
    """Mean squared error per class, on beats whose errors are known."""
    rng, cases = torch.Generator().manual_seed(0), []
    for y in ([1, 0, 0], [2, 0, 1, 1, 0, 1, 1], [0, 0], [1, 3, 0, 2, 2]):
        x, x_hat = torch.randn(2, len(y), 1, 9, generator=rng) + 1
        cases.append((x_hat, x, torch.tensor(y)))
    compare(answer, by_class, cases, "one number for each class is asked for", WRONG_ERRORS)


@exercise(
    "As `fit` comes, four numbers leave a third less error than PCA with four. The check gave your "
    "function mirrored beats, so that no other ones could help. Try eight: who leads then?"
)
def beats_pca(train_four, x_train, x_test):
    """A function x -> model with four latents, with a smaller test error than PCA's."""
    x_train, x_test = x_train.flip(2), x_test.flip(2)  # whatever is known of the test is of no use
    model = call(train_four, x_train, patience=12)
    if not isinstance(model, nn.Module) or not hasattr(model, "decode"):
        kind = type(model).__name__
        return f"your function returns a {kind}: it shall return the trained model itself"
    with torch.no_grad():
        x_hat, z, *_ = model.eval()(x_test)
        drawn = model.decode(z.flip(0)).flip(0)  # in another order, so that none can be kept
        true = model(x_test.flip(2))[0].flip(2)
    if z.shape != (len(x_test), 4):
        return f"the bottleneck holds {z.shape[-1]} numbers, four are asked for"
    if not torch.allclose(drawn, x_hat, atol=1e-4):
        return "what the model draws is not what `decode` makes of the four numbers"
    if knows_others(true, x_train, x_test):
        return (
            "it has learnt other beats than the x that your function was given",
            "your function was given mirrored beats, and the model draws the true ones: does it "
            "train on its argument alone, or on a `train` or `test` from outside?",
        )
    return worse_than_pca(x_hat, x_train, x_test)


def knows_others(true, x_train, x_test):
    """Whether a model draws the true test beats twice as well as PCA of the mirrored ones does.

    true: its drawings of the true ones, mirrored.  In ten honest trainings its error was 0.76 to
    0.91 of PCA's; with every test beat in the training 0.03, with every tenth 0.09.
    """
    pca = pca_error(4, x_train.flip(2)[:, 0].numpy(), x_test[:, 0].numpy())
    return float((true - x_test).square().mean()) < pca / 2


def worse_than_pca(x_hat, x_train, x_test):
    """What is wrong with the error on the test beats, or None."""
    error = float((x_hat - x_test).square().mean())
    pca = pca_error(4, x_train[:, 0].numpy(), x_test[:, 0].numpy())
    told = f"its error on the test beats is {error:.4f} mV², PCA's is {pca:.4f}"
    if error > 0.8 * float((x_test - x_train.mean(dim=0)).square().mean()):
        return f"{told}: it draws hardly more than the mean beat. Was it trained?"
    if error >= pca:
        return f"{told}: train it longer, or at another rate; `fit` does well as it is"


@exercise(
    "A third of the network's weights is in this one layer, another third in its mirror image. "
    "Count all: `sum(p.numel() for p in Autoencoder(450).parameters())`."
)
def weights_of_layer(answer):
    """The weights and biases of nn.Linear(16 * 18, 32), the encoder's layer after `Flatten`."""
    return judge(answer, 288 * 32 + 32, {
        "each of the outputs has a bias too": 288 * 32,
        ("only the biases of the outputs count", "a bias belongs to an output"): 288 * 32 + 288,
        "the channels count too: every one of them is seen at every place": 18 * 32 + 32,
        "every channel is seen at every place: 16 features do not go in alone": 16 * 32 + 32,
        "that is how many numbers go in": 288,
        "that is without the second convolution, which leaves 18 places": 16 * 90 * 32 + 32,
        "that is how many would go in without any convolution": 450 * 32 + 32,
        "that layer leads to the two numbers: asked is the one before": 32 * 2 + 2,
        "32 numbers come out, not two": 288 * 2 + 2,
        "that is with 16 outputs: `HIDDEN` is the number that comes out": 288 * 16 + 16,
        "that is the second convolution: the layer after it is meant": 16 * 15 * 16 + 16,
        "those are two layers, this one and its mirror image": 2 * 288 * 32 + 288 + 32,
        "that is the whole network: one layer is asked for": 27_123,
    }, "{:g} is not inputs times outputs, and a bias for each output",
       "16 channels at 18 places go in", rtol=1e-6, whole=True)  # fmt: skip
