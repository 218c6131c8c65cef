"""What a model is asked to make small."""

from torch import nn


def reconstruction_loss(model, x):
    """Mean squared error between x and its reconstruction, the lecture's `nn.MSELoss()`.

    x: (B, 1, L) in mV.  Returns {"loss": scalar in mV^2}.
    """
    x_hat, *_ = model(x)
    return {"loss": nn.functional.mse_loss(x_hat, x)}
