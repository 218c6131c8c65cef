"""Checks of notebook 4: the autoencoder."""

import numpy as np
import torch
from torch import nn

from ecgae_lib.checks.exercise import exercise, filled
from ecgae_lib.scores import pca_error


@exercise("To be told.")
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


@exercise("To be told.")
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


@exercise("To be told.")
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
