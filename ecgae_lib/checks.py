"""Checks for the exercises: they say what is wrong with an answer, never what is right.

Each check takes the answer, a number or a function, and prints a verdict.  An exercise that is
still `...` is not a mistake, so that an unsolved notebook runs from top to bottom.
"""

from functools import wraps

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.decomposition import PCA
from torch import nn
from torch.distributions import Normal, kl_divergence

from ecgae_lib.lengths import conv_length, conv_transpose_length


class Unanswered(Exception):
    """The answer is still ... or a function whose body is."""


def filled(answer):
    """Return the answer; raise Unanswered if it is ... or None, what an empty function gives."""
    if answer is ... or answer is None:
        raise Unanswered
    return answer


def exercise(find_mistake):
    """Turn `find_mistake(answer)`, which returns a sentence or None, into a check that prints."""

    @wraps(find_mistake)
    def check(answer, *given):
        try:
            mistake = find_mistake(filled(answer), *given)
        except Unanswered:
            return print("Not answered yet: replace the ... (a function must return its result).")
        except Exception as error:
            mistake = f"the answer raised {type(error).__name__}: {error}"
        print("Right." if mistake is None else f"Not yet: {mistake}")

    return check


# Notebook 1: heartbeats


@exercise
def resampling_fraction(up_down):
    """175 samples shall become 450."""
    if np.shape(up_down) != (2,):
        return f"{up_down} is not a pair: give two whole numbers, (up, down)"
    up, down = up_down
    if 175 * up != 450 * down:
        return f"175 samples times {up}/{down} makes {175 * up / down:g}, not 450"
    if (up, down) != (18, 7):
        return f"{up}/{down} reaches 450, but it is not in lowest terms"


@exercise
def heart_rate(rate):
    """A function from R-peak times in s to beats per minute, by the median."""
    answer = filled(rate(np.arange(0, 10, 0.5)))
    if np.ndim(answer) > 0:
        return f"expected one number, the function returns {np.size(answer)}"
    if not np.isclose(answer, 120):
        return f"an R peak every 0.5 s is 120 beats per minute, the function says {answer:g}"
    answer = rate(np.r_[0:5:0.5, 6:10:0.5])
    if not np.isclose(answer, 120):
        return f"with one beat missed the median is still 120, the function says {answer:g}"


@exercise
def share_a_moment(share):
    """Two windows from 0.25 s before to 0.45 s after their R peaks overlap or not."""
    for t_train, t_test in [(5, 5.6), (5.6, 5), (5, 5.8), (5.8, 5), (5, 5), (3, 9), (9, 3)]:
        answer, truth = filled(share(t_train, t_test)), abs(t_train - t_test) < 0.7
        if bool(answer) != truth:
            word = "share" if truth else "do not share"
            return f"the windows at {t_train} s and {t_test} s {word} a moment; you say {answer}"


@exercise
def pca_numbers(answer, x_train, x_test):
    """The smallest number of components with a test error below 0.001 mV^2."""
    if type(answer) is not int or answer < 1:
        return f"{answer} is not a whole number from 1"
    errors = [pca_error(k, x_train, x_test) for k in (answer - 1, answer)]
    if errors[1] >= 0.001:
        return f"with {answer} numbers the error is {errors[1]:.5f} mV^2, still too high"
    if errors[0] < 0.001:
        return f"{answer} numbers are enough, but so are {answer - 1}"


def pca_error(k, x_train, x_test):
    """Test error in mV^2 of PCA with k components; k = 0 is the mean."""
    if k == 0:
        return np.mean((x_test - x_train.mean(axis=0)) ** 2)
    pca = PCA(k).fit(x_train)
    return np.mean((pca.inverse_transform(pca.transform(x_test)) - x_test) ** 2)


# Notebook 2: convolution lengths


def whole_numbers(settings, names):
    """Return the settings; TypeError unless they are a dict of these names and whole numbers."""
    if not isinstance(settings, dict) or not set(settings) <= set(names):
        raise TypeError(f"expected a dict with some of {', '.join(names)}, got {settings!r}")
    for name, value in settings.items():
        if type(value) is not int:
            raise TypeError(f"{name}={value!r} is not a whole number")
    return settings


@exercise
def conv_450_to_90(settings):
    """A convolution 450 -> 90 whose kernel is longer than its stride."""
    settings = whole_numbers(settings, ("kernel_size", "stride", "padding"))
    length = conv_length(450, **settings)
    if length != 90:
        return f"your settings give {length} samples, 90 are asked for"
    kernel_size, stride = settings["kernel_size"], settings.get("stride", 1)
    if kernel_size <= stride:
        return (
            f"90 samples it is, but kernel_size={kernel_size} is not longer than stride={stride}: "
            "no two outputs share an input"
        )


@exercise
def insert_zeros(function):
    """A function (z, stride) that puts stride - 1 zeros between the samples of z (B, C, L)."""
    rng = torch.Generator().manual_seed(0)
    cases = [(torch.tensor([[[1.0, 2.0, 3.0]]]), 2)]
    cases += [(torch.randn(2, 3, L, generator=rng), s) for L in (1, 2, 5) for s in (1, 2, 3, 4)]
    for z, stride in cases:
        spread, (C, L) = filled(function(z.clone(), stride)), z.shape[1:]
        expected = F.conv_transpose1d(z, torch.ones(C, 1, 1), stride=stride, groups=C)
        given = f"for z of shape {tuple(z.shape)} and stride={stride}"
        if not isinstance(spread, torch.Tensor):
            return f"{given} you return a {type(spread).__name__}, not a tensor"
        if spread.shape != expected.shape:
            return (
                f"{given} you return the shape {tuple(spread.shape)}, not {tuple(expected.shape)}: "
                f"put stride - 1 = {stride - 1} zeros into each of the {L - 1} gaps, none elsewhere"
            )
        if not torch.equal(spread, expected):
            return f"{given} the shape is right; but z = {z[0, 0]} became {spread[0, 0]}"


@exercise
def output_padding_for_451(output_padding):
    """The output padding from 90 back to 451 with kernel_size=9, stride=5, padding=2."""
    settings = dict(kernel_size=9, stride=5, padding=2)
    whole_numbers(dict(output_padding=output_padding), ("output_padding",))
    length = conv_transpose_length(90, **settings, output_padding=output_padding)
    if length != 451:
        return f"output_padding={output_padding} gives {length} samples, 451 are asked for"


@exercise
def gains(function):
    """A function (kernel, stride): what a constant 1 becomes at each remainder n mod stride."""
    cases = ([1] * 8, 6), ([1, 2, 3, 4, 3, 2, 1], 5), ([1, -2, 4], 1), ([3, 1, 4, 1, 5], 2)
    for kernel, stride in (*cases, ([2, 5], 4)):
        answer = filled(function(list(kernel), stride))
        answer = torch.as_tensor([float(gain) for gain in answer])
        given = f"for kernel={kernel} and stride={stride}"
        if len(answer) != stride:
            return f"{given} you return {len(answer)} gains, there are {stride} remainders"
        ones = torch.ones(1, 1, len(kernel) + 2)  # enough for a full period in the middle
        x_hat = F.conv_transpose1d(ones, torch.tensor(kernel).view(1, 1, -1) * 1.0, stride=stride)
        middle = x_hat[0, 0, stride * len(kernel) :][:stride]
        wrong = (answer - middle).abs() > 1e-4
        if wrong.any():
            r = int(wrong.nonzero()[0])
            return (
                f"{given} you have {answer[r]:g} at remainder {r}: which weights write to the "
                f"samples n with n mod {stride} = {r}?"
            )


@exercise
def from_1_to_450(layers):
    """Transposed convolutions 1 -> 450: kernels up to 25, each a multiple of its stride."""
    names = ("kernel_size", "stride", "padding", "output_padding", "dilation")
    lengths = [1]
    for number, layer in enumerate(layers):
        layer = whole_numbers(layer, names)
        lengths.append(conv_transpose_length(lengths[-1], **layer))
        kernel_size, stride = layer["kernel_size"], layer.get("stride", 1)
        if kernel_size > 25:
            return f"layer {number} has a kernel of {kernel_size} weights, 25 are allowed"
        if kernel_size % stride:
            return f"layer {number}: kernel_size={kernel_size} is not a multiple of stride={stride}"
    if lengths[-1] != 450:
        path = " -> ".join(map(str, lengths))
        return f"your layers lead {path}; 450 samples are asked for"


# Notebook 3: the autoencoder


@exercise
def transposed_weights(answer):
    """The weights of nn.ConvTranspose1d(16, 16, kernel_size=225)."""
    layer = nn.ConvTranspose1d(16, 16, kernel_size=225, stride=225)
    right = sum(p.numel() for p in layer.parameters())
    if answer == layer.weight.numel():
        return "every output channel has a bias too"
    if answer == 16 * 225:
        return "there is one kernel for every pair of an input and an output channel"
    if answer != right:
        return f"{answer} is too {'many' if answer > right else 'few'}"


@exercise
def best_with_period(answer):
    """The nearest signal of a given period, against numpy's least squares."""
    x = np.random.default_rng(0).normal(size=(3, 450))
    for period in (225, 150, 90):
        repeat = np.tile(np.eye(period), (450 // period, 1))  # (450, period)
        best = (repeat @ np.linalg.lstsq(repeat, x.T, rcond=None)[0]).T
        x_hat = np.asarray(filled(answer(x.copy(), period)))
        if x_hat.shape != x.shape:
            return f"for {x.shape} signals and period {period} the result has shape {x_hat.shape}"
        if not np.allclose(x_hat[:, period:], x_hat[:, :-period]):
            return f"the result does not repeat after {period} samples"
        error, smallest = np.mean((x_hat - x) ** 2), np.mean((best - x) ** 2)
        if not np.isclose(error, smallest):
            return f"period {period}: its error is {error:.4f}, {smallest:.4f} is possible"


@exercise
def error_by_class(answer):
    """Mean squared error per class, on three beats whose errors are known."""
    x, y = torch.zeros(3, 1, 8), torch.tensor([1, 0, 0])
    x_hat = torch.tensor([3.0, 1.0, 2.0]).reshape(3, 1, 1).expand(3, 1, 8)
    errors = [float(e) for e in filled(answer(x_hat, x, y))]
    if len(errors) != 2:
        return f"there are two classes, the function returns {len(errors)} numbers"
    if not np.allclose(errors, [2.5, 9.0]):
        return (
            "class 0 has two beats that are wrong by 1 and 2 mV everywhere, class 1 one beat that "
            f"is wrong by 3 mV; the function returns {errors}"
        )


@exercise
def beats_pca(model, x_train, x_test):
    """A model with four latents and a smaller test error than PCA with four components."""
    if not isinstance(model, nn.Module):
        return f"this is a {type(model).__name__}: hand in the model itself"
    with torch.no_grad():
        x_hat, z, *_ = model.eval()(x_test)
    if z.shape != (len(x_test), 4):
        return f"the bottleneck holds {z.shape[-1]} numbers, four are asked for"
    pca = pca_error(4, x_train[:, 0].numpy(), x_test[:, 0].numpy())
    error = float(((x_hat - x_test) ** 2).mean())
    if error >= pca:
        return f"its error is {error:.4f} mV^2, PCA's is {pca:.4f}: was it trained (on train.x)?"


# Notebook 4: the variational autoencoder


@exercise
def mu_of_8_nats(mu):
    """KL(N(mu, 1) || N(0, 1)) = 8 nats, by torch.distributions."""
    nats = float(kl_divergence(Normal(float(mu), 1.0), Normal(0.0, 1.0)))
    if not np.isclose(nats, 8):
        return f"mu = {mu:g} gives {nats:g} nats, 8 are asked for"
    if mu < 0:
        return f"mu = {mu:g} gives 8 nats, but a positive one is asked for"


@exercise
def beta_of_sums(beta):
    """MSE + beta * KL is proportional to summed error + summed KL, for 200 samples."""
    mse, kl = np.array([0.3, 0.01, 0.1]), np.array([0.5, 4.0, 1.0])
    sums, ours = 200 * mse + kl, mse + beta * kl
    if not np.allclose(ours / ours[0], sums / sums[0]):
        return (
            f"with beta = {beta:g} a beat with MSE 0.01 and 4 nats costs {ours[1] / ours[0]:.3f} "
            f"times one with MSE 0.3 and 0.5 nats; with the sums it is {sums[1] / sums[0]:.3f}"
        )


@exercise
def log_likelihood(answer):
    """Gaussian log density per beat, against torch.distributions."""
    rng = torch.Generator().manual_seed(0)
    x, x_recon = torch.randn(2, 3, 1, 7, generator=rng).double()
    for s2 in (1.0, 0.25, 1.125):
        expected = Normal(x_recon, s2**0.5).log_prob(x).sum(dim=(1, 2))
        given = torch.as_tensor(filled(answer(x_recon, x, s2)))
        if given.shape != expected.shape:
            return f"for 3 beats the result has shape {tuple(given.shape)}, one number per beat"
        if not torch.allclose(given.double(), expected):
            apart = (given - expected).double()
            constant = " (always the same: a constant is missing)" if apart.std() < 1e-8 else ""
            return f"for s2 = {s2:g} it is off by {apart[0]:.4g} for the first beat{constant}"
