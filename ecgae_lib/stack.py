"""Several VAEs of one shape, trained together: every matrix product becomes a batch of products.

torch calculates eight small convolutions one after another, or as a grouped convolution, which is
no faster.  Here a convolution whose kernel_size is a multiple of its stride becomes a few products
of whole blocks of samples, for all models at once.  Signals are (M, B, L, C) inside: the channels
last, so that a block of `stride` samples is a row of a matrix.
"""

import torch
import torch.nn.functional as F
from torch import nn

from ecgae_lib.losses import kl_to_standard_normal
from ecgae_lib.models import VAE, Variational
from ecgae_lib.training import fit


def fit_together(models, x, betas, **settings):
    """Train each of the VAEs with its beta, all on the same batches with the same draws.

    models: M of `VAE`, of one form.  betas: M numbers.  settings: those of `fit`.
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
    betas = torch.as_tensor(betas, dtype=torch.float64)

    def loss(model, x):
        x_recon, mu, logvar, _ = model(x)
        recon = ((x_recon - x) ** 2).mean(dim=(1, 2, 3))  # (M,)
        kld = kl_to_standard_normal(mu, logvar).mean(dim=1)  # (M,)
        return {"loss": (recon + betas.to(x) * kld).sum()}

    return loss


class Stack(Variational):
    """M VAEs as one.  forward: x (B, 1, L) -> x_recon (M, B, 1, L), mu, logvar, z (M, B, d).

    Raises TypeError for models other than `VAE` or a layer without a stacked form; ValueError for
    models that differ in form, or for one model given twice.
    """

    def __init__(self, models):
        super().__init__()
        check_stackable(models)
        self.names = [name for name, _ in models[0].named_parameters()]
        self.weights = nn.ParameterList(stacked(models, name) for name in self.names)
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


def stacked(models, name):
    """The weights of that name of all models as one, with a first dimension M."""
    weights = [model.get_parameter(name) for model in models]
    return nn.Parameter(torch.stack(weights).detach(), weights[0].requires_grad)


def check_stackable(models):
    """Raise TypeError or ValueError for models that `Stack` cannot hold."""
    if not models or any(type(model) is not VAE for model in models):
        kinds = ", ".join(type(model).__name__ for model in models) or "none"
        raise TypeError(f"models: {kinds}; expected one or more of VAE")
    if len({id(model) for model in models}) < len(models):
        raise ValueError("a model is given twice: make M of them, [VAE(450) for beta in betas]")
    if len({form(model) for model in models}) > 1:
        raise ValueError("the models differ: give all the same signal_length, latents and dtype")
    for layer in [*models[0].encoder, *models[0].decoder]:
        if not has_stacked_form(layer):
            raise TypeError(f"{layer}: expected one of VAE's, kernel_size a multiple of stride")


def form(model):
    """All that must agree between models: layers, settings, and of the weights all but values."""
    weights = tuple((p.dtype, p.device, p.requires_grad) for p in model.parameters())
    return str(model), weights


def has_stacked_form(layer):
    """Whether a function of FORMS does what this layer does."""
    if isinstance(layer, nn.Conv1d | nn.ConvTranspose1d):
        settings = layer.dilation[0], layer.groups, layer.padding_mode
        return settings == (1, 1, "zeros") and layer.kernel_size[0] % layer.stride[0] == 0
    return type(layer) in FORMS


# One function per kind of layer: (layer, h, weight, bias) -> h, each with a first dimension M


def linear(_, h, weight, bias):
    """nn.Linear on (M, B, in)."""
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
    beyond = layer.output_padding[0] > padding  # a block that no input reaches
    x = F.pad(x, (0, 0, reach - 1, reach - 1 + beyond))
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
    x = x.flatten(1, 2).expand(M, -1, -1)  # (M, B * n, a)
    shifted = torch.bmm(x, weight).view(M, B, n, reach, b).unbind(3)
    y = bias[:, None, None]
    for j, part in enumerate(shifted):
        y = y + part[:, :, j : j + rows]
    return y


def flatten(_, h, *__):
    """nn.Flatten on (M, B, L, C), in torch's order."""
    return h.transpose(2, 3).flatten(2)  # (M, B, C * L)


def unflatten(layer, h, *_):
    """nn.Unflatten on (M, B, C * L)."""
    return h.unflatten(2, layer.unflattened_size).transpose(2, 3)  # (M, B, L, C)


def gelu(layer, h, *_):
    """nn.GELU, the same for every shape."""
    return layer(h)


FORMS = {
    nn.Linear: linear,
    nn.Conv1d: conv,
    nn.ConvTranspose1d: conv_transpose,
    nn.Flatten: flatten,
    nn.Unflatten: unflatten,
    nn.GELU: gelu,
}
