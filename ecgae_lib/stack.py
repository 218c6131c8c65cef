"""Several VAEs of one shape, trained together: every matrix product becomes a batch of products.

torch calculates eight small convolutions one after another, or as a grouped convolution, which is
no faster.  Here a convolution whose kernel_size is a multiple of its stride becomes a few products
of whole blocks of samples, for all models at once.  Signals are (M, B, L, C) inside: the channels
last, so that a block of `stride` samples is a row of a matrix.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.func import stack_module_state

from ecgae_lib.losses import kl_to_standard_normal
from ecgae_lib.models import VAE, Variational
from ecgae_lib.training import fit


def fit_together(models, x, betas, **settings):
    """Train each of the VAEs with its beta, all on the same batches with the same draws.

    models: M of `VAE`, of one shape.  betas: M numbers.  settings: those of `fit`.
    Every model ends as `fit(model, x, beta_loss(beta), **settings)` alone would leave it, but for
    rounding.  Returns the History of the sum of their losses.
    Raises ValueError or TypeError for models that cannot be stacked, before any training.
    """
    stack = Stack(models)
    if len(betas) != len(models):
        raise ValueError(f"{len(betas)} betas for {len(models)} models: give one for each")
    try:
        return fit(stack, x, stack_loss(betas), **settings)
    finally:
        stack.unstack(models)


def stack_loss(betas):
    """The sum over the models of mean squared error + beta * KL per beat."""
    betas = torch.as_tensor(betas, dtype=torch.float32)

    def loss(model, x):
        x_recon, mu, logvar, _ = model(x)
        recon = ((x_recon - x) ** 2).mean(dim=(1, 2, 3))  # (M,)
        kld = kl_to_standard_normal(mu, logvar).mean(dim=1)  # (M,)
        return {"loss": (recon + betas.to(x) * kld).sum()}

    return loss


class Stack(Variational):
    """M VAEs as one.  forward: x (B, 1, L) -> x_recon (M, B, 1, L), mu, logvar, z (M, B, d).

    Raises ValueError for no model, for models of different shapes, or for a convolution whose
    kernel_size is not a multiple of its stride; TypeError for models other than `VAE`.
    """

    def __init__(self, models):
        super().__init__()
        check_stackable(models)
        weights, _ = stack_module_state(models)  # each with a first dimension M
        self.names = list(weights)
        self.weights = nn.ParameterList(weights.values())
        self.layers = [models[0].encoder, models[0].decoder]  # in a list: their weights stay theirs

    def named(self, layer):
        """The stacked weight and bias of a layer, such as "encoder.0"; None for one without."""
        weights = dict(zip(self.names, self.weights, strict=True))
        return weights.get(f"{layer}.weight"), weights.get(f"{layer}.bias")

    def encode(self, x):
        x = x.transpose(1, 2).unsqueeze(0)  # (1, B, L, C): the same beats for every model
        h = self.sequence("encoder", self.layers[0], x)
        return linear(None, h, *self.named("fc_mu")), linear(None, h, *self.named("fc_logvar"))

    def reparameterize(self, mu, logvar):
        eps = torch.randn_like(mu[0])  # the same draws for every model
        return mu + eps * torch.exp(0.5 * logvar)

    def decode(self, z):
        return self.sequence("decoder", self.layers[1], z).transpose(2, 3)  # (M, B, 1, L)

    def sequence(self, name, layers, h):
        for number, layer in enumerate(layers):
            h = FORMS[type(layer)](layer, h, *self.named(f"{name}.{number}"))
        return h

    @torch.no_grad()
    def unstack(self, models):
        """Copy each model's own weights back into it."""
        for m, model in enumerate(models):
            weights = {n: w[m] for n, w in zip(self.names, self.weights, strict=True)}
            model.load_state_dict(weights)
            model.eval()


def check_stackable(models):
    """Raise TypeError or ValueError for models that `Stack` cannot hold."""
    if not models or any(type(model) is not VAE for model in models):
        kinds = ", ".join(type(model).__name__ for model in models) or "none"
        raise TypeError(f"models: {kinds}; expected one or more of VAE")
    shapes = {tuple(tuple(p.shape) for p in model.parameters()) for model in models}
    if len(shapes) > 1:
        raise ValueError("the models differ in shape: give all the same signal_length and latents")
    for layer in models[0].modules():
        if isinstance(layer, nn.Conv1d | nn.ConvTranspose1d):
            (kernel_size,), (stride,) = layer.kernel_size, layer.stride
            if kernel_size % stride:
                raise ValueError(f"{layer}: expected a kernel_size that is a multiple of stride")


# One function per kind of layer: (layer, h, weight, bias) -> h, each with a first dimension M


def linear(_, h, weight, bias):
    return torch.baddbmm(bias[:, None], h, weight.transpose(1, 2))  # (M, B, out)


def conv(layer, x, weight, bias):
    """nn.Conv1d on (M, B, L, C): its windows are kernel_size / stride blocks long."""
    (kernel_size,), (stride,), (padding,) = layer.kernel_size, layer.stride, layer.padding
    blocks = (x.size(2) + 2 * padding - kernel_size) // stride + kernel_size // stride
    x = F.pad(x, (0, 0, padding, blocks * stride - x.size(2) - padding))
    x = x.reshape(*x.shape[:2], blocks, -1)  # (M, B, blocks, stride * C)
    weight = weight.unflatten(-1, (-1, stride))  # (M, out, C, kernel_size / stride, stride)
    return slide(x, weight.permute(0, 3, 4, 2, 1).flatten(2, 3), bias)


def conv_transpose(layer, x, weight, bias):
    """nn.ConvTranspose1d on (M, B, L, C): every block gathers from kernel_size / stride inputs."""
    (kernel_size,), (stride,), (padding,) = layer.kernel_size, layer.stride, layer.padding
    reach = kernel_size // stride
    length = (x.size(2) - 1) * stride - 2 * padding + kernel_size + layer.output_padding[0]
    x = F.pad(x, (0, 0, reach - 1, reach - 1))
    weight = weight.unflatten(-1, (-1, stride)).flip(3)  # (M, C, out, reach, stride)
    weight = weight.permute(0, 3, 1, 4, 2).flatten(3)  # (M, reach, C, stride * out)
    x = slide(x, weight, bias.repeat(1, stride))  # (M, B, blocks, stride * out)
    return x.reshape(*x.shape[:2], -1, bias.size(1))[:, :, padding : padding + length]


def slide(x, weight, bias):
    """y[l] = sum over j of x[l + j] @ weight[j] + bias: a convolution with stride 1.

    x: (M or 1, B, n, a).  weight: (M, reach, a, b).  bias: (M, b).  Returns (M, B, n-reach+1, b).
    The narrower side is shifted, input or output, because shifting copies.
    """
    (M, reach, a, b), (_, B, n, _) = weight.shape, x.shape
    rows = n - reach + 1
    if a <= b:
        x = torch.cat([x[:, :, j : j + rows] for j in range(reach)], dim=-1)
        x = x.flatten(1, 2).expand(M, -1, -1)  # (M, B * rows, reach * a)
        return (torch.bmm(x, weight.flatten(1, 2)) + bias[:, None]).view(M, B, rows, b)
    weight = weight.transpose(1, 2).flatten(2)  # (M, a, reach * b)
    shifted = torch.bmm(x.flatten(1, 2), weight).view(M, B, n, reach, b).unbind(3)
    y = bias[:, None, None]
    for j, part in enumerate(shifted):
        y = y + part[:, :, j : j + rows]
    return y


def flatten(_, h, *__):
    return h.transpose(2, 3).flatten(2)  # (M, B, L, C) -> (M, B, C * L), torch's order


def unflatten(layer, h, *_):
    return h.unflatten(2, layer.unflattened_size).transpose(2, 3)  # (M, B, L, C)


def gelu(_, h, *__):
    return F.gelu(h)


FORMS = {
    nn.Linear: linear,
    nn.Conv1d: conv,
    nn.ConvTranspose1d: conv_transpose,
    nn.Flatten: flatten,
    nn.Unflatten: unflatten,
    nn.GELU: gelu,
}
