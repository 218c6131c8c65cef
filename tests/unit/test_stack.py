"""Several VAEs as one, against each alone and against torch's own convolutions."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from ecgae_lib import stack
from ecgae_lib.beats import synthetic
from ecgae_lib.losses import beta_loss
from ecgae_lib.models import VAE, Autoencoder, LectureVAE
from ecgae_lib.stack import Stack, fit_together, stack_loss
from ecgae_lib.training import fit

torch.set_num_threads(1)

BETAS = [0.1, 5e-3, 2e-5]
X = synthetic(40, signal_length=50)[0].x.double()
SHORT = dict(epochs=3, batch_size=16)


@pytest.fixture(autouse=True)
def same_draws():
    torch.manual_seed(0)


def new_models(M=3, signal_length=50, latent_dim=2, seed=0):
    """M models in float64, each with weights of its own."""
    torch.manual_seed(seed)
    return [VAE(signal_length, latent_dim).double() for _ in range(M)]


def weights(model):
    return {name: weight.clone() for name, weight in model.state_dict().items()}


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def close(actual, true, tolerance=1e-12):
    torch.testing.assert_close(actual, true, rtol=tolerance, atol=tolerance)


# one stack, M models


@given(st.integers(25, 600), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
@settings(deadline=None, max_examples=40)
def test_a_stack_does_what_each_model_does(signal_length, latent_dim, M, B):
    models = new_models(M, signal_length, latent_dim, seed=signal_length)
    x, z = torch.randn(B, 1, signal_length).double(), torch.randn(M, B, latent_dim).double()
    together = Stack(models)
    with torch.no_grad():
        mu, logvar = together.encode(x)
        x_recon = together.decode(z)
        for m, model in enumerate(models):
            close((mu[m], logvar[m]), model.encode(x))
            close(x_recon[m], model.decode(z[m]))
    assert mu.shape == logvar.shape == (M, B, latent_dim)
    assert x_recon.shape == (M, B, 1, signal_length)


def test_forward_draws_the_same_noise_for_every_model():
    """That which each of them alone would draw from the same seed."""
    models = new_models()
    torch.manual_seed(7)
    outcome = Stack(models)(X[:5])
    for m, model in enumerate(models):
        torch.manual_seed(7)
        close(tuple(part[m] for part in outcome), model(X[:5]))


def test_a_stack_has_the_gradients_of_each_model():
    models = new_models()
    together = Stack(models)
    torch.manual_seed(3)
    stack_loss(BETAS)(together, X)["loss"].backward()
    for m, (model, beta) in enumerate(zip(models, BETAS, strict=True)):
        torch.manual_seed(3)
        beta_loss(beta)(model, X)["loss"].backward()
        for name, weight in zip(together.names, together.weights, strict=True):
            close(weight.grad[m], model.get_parameter(name).grad)


def test_the_loss_of_a_stack_is_the_sum_of_the_losses():
    models = new_models()
    torch.manual_seed(3)
    total = stack_loss(BETAS)(Stack(models), X)["loss"]
    parts = []
    for model, beta in zip(models, BETAS, strict=True):
        torch.manual_seed(3)
        parts.append(beta_loss(beta)(model, X)["loss"])
    assert total.shape == ()
    close(total, sum(parts))


# the convolutions, against torch's own with one group for each model


@st.composite
def convolutions(draw):
    """A layer whose kernel_size is a multiple of its stride, M, B and a length that it takes."""
    stride, reach = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    kernel_size, padding = stride * reach, draw(st.integers(0, 7))
    shape = dict(kernel_size=kernel_size, stride=stride, padding=padding)
    channels = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    if draw(st.booleans()):
        shape |= dict(output_padding=draw(st.integers(0, stride - 1)))
        shortest = -(-max(0, 2 * padding - kernel_size + 1) // stride) + 1
        layer = nn.ConvTranspose1d(*channels, **shape)
    else:
        shortest = max(1, kernel_size - 2 * padding)
        layer = nn.Conv1d(*channels, **shape)
    M, B, more = (draw(st.integers(a, b)) for a, b in ((1, 4), (1, 3), (0, 20)))
    return layer, M, B, shortest + more


@given(convolutions(), st.booleans())
@settings(deadline=None, max_examples=400)
def test_convolutions_are_torch_s(drawn, shared):
    """For every length, padding and output_padding; x may be shared by all the models."""
    layer, M, B, length = drawn
    torch.manual_seed(0)
    transposed = isinstance(layer, nn.ConvTranspose1d)
    x = torch.randn(1 if shared else M, B, layer.in_channels, length).double()
    weight = torch.randn(M, *layer.weight.shape).double()
    bias = torch.randn(M, *layer.bias.shape).double()
    ours = stack.FORMS[type(layer)](layer, x.transpose(2, 3), weight, bias).transpose(2, 3)

    groups = x.expand(M, -1, -1, -1).transpose(0, 1).flatten(1, 2)  # (B, M * C, L)
    options = dict(stride=layer.stride, padding=layer.padding, groups=M)
    if transposed:
        options |= dict(output_padding=layer.output_padding)
    torch_s = F.conv_transpose1d if transposed else F.conv1d
    true = torch_s(groups, weight.flatten(0, 1), bias.flatten(), **options)
    close(ours, true.unflatten(1, (M, -1)).transpose(0, 1))


@pytest.mark.parametrize("output_padding", [1, 2, 3])
def test_a_transposed_convolution_may_end_in_samples_that_no_input_reaches(output_padding):
    """They hold the bias, and are there though padding is less than output_padding."""
    layer = nn.ConvTranspose1d(2, 3, 8, 4, padding=0, output_padding=output_padding).double()
    x = torch.randn(5, 2, 7).double()
    weight, bias = layer.weight[None], layer.bias[None]
    ours = stack.conv_transpose(layer, x.transpose(1, 2)[None], weight, bias)[0].transpose(1, 2)
    close(ours, layer(x))
    beyond = ours[:, :, -output_padding:]
    assert torch.equal(beyond, layer.bias[:, None].expand_as(beyond))


@pytest.mark.parametrize(("a", "b"), [(1, 4), (4, 1), (3, 3)])
@pytest.mark.parametrize("shared", [False, True])
def test_slide_is_a_convolution_with_stride_1(a, b, shared):
    M, B, n, reach = 3, 2, 9, 4
    x = torch.randn(1 if shared else M, B, n, a).double()
    weight, bias = torch.randn(M, reach, a, b).double(), torch.randn(M, b).double()
    ours = stack.slide(x, weight, bias)
    for m, one in enumerate(x.expand(M, -1, -1, -1)):
        true = F.conv1d(one.transpose(1, 2), weight[m].permute(2, 1, 0), bias[m])
        close(ours[m], true.transpose(1, 2))


# training together


@pytest.mark.parametrize("settings_of_fit", [SHORT, dict(epochs=2, lr=3e-3, one_cycle=False)])
def test_together_every_model_learns_what_it_learns_alone(settings_of_fit):
    together, alone = new_models(), new_models()
    history = fit_together(together, X, BETAS, seed=5, **settings_of_fit)
    alone_losses = []
    for mine, model, beta in zip(together, alone, BETAS, strict=True):
        before = weights(model)
        losses = fit(model, X, beta_loss(beta), seed=5, **settings_of_fit)["loss"]
        close(weights(mine), weights(model), 1e-8)
        assert not any(torch.allclose(before[n], w, rtol=1e-3) for n, w in weights(model).items())
        alone_losses.append(losses)
    assert history["loss"] == pytest.approx([sum(e) for e in zip(*alone_losses, strict=True)])
    assert len(history) == settings_of_fit["epochs"] and not history.interrupted


def test_models_come_back_as_their_own_and_ready_for_use():
    models, other = new_models(), new_models(1, seed=9)[0]
    untouched, owned = weights(other), [[*model.parameters()] for model in models]
    fit_together(models, X, BETAS, **SHORT)
    assert same(weights(other), untouched)
    for model, own in zip(models, owned, strict=True):
        assert all(p is q for p, q in zip(model.parameters(), own, strict=True))
        assert all(p.untyped_storage().nbytes() == p.nbytes for p in model.parameters())
        assert all(p.requires_grad and p.is_leaf for p in model.parameters())
        assert not any(layer.training for layer in model.modules())
        assert {p.dtype for p in model.parameters()} == {torch.float64}
    rest = [weights(model) for model in models[1:]]
    fit(models[0], X, beta_loss(0.1), **SHORT)  # shares nothing with the others
    assert all(same(weights(m), w) for m, w in zip(models[1:], rest, strict=True))


def test_a_stack_leaves_the_models_alone_until_it_is_unstacked():
    models = new_models()
    before = [weights(model) for model in models]
    together = Stack(models)
    with torch.no_grad():
        for weight in together.weights:
            weight += torch.arange(3.0).double().reshape(-1, *[1] * (weight.ndim - 1))
    assert all(same(weights(m), w) for m, w in zip(models, before, strict=True))
    together.unstack(models)
    for m, model in enumerate(models):
        assert same(weights(model), {name: w + m for name, w in before[m].items()})


def test_what_is_frozen_stays_frozen():
    models = new_models()
    for model in models:
        model.decoder.requires_grad_(False)
    before = [weights(model.decoder) for model in models]
    fit_together(models, X, BETAS, **SHORT)
    assert all(same(weights(m.decoder), w) for m, w in zip(models, before, strict=True))
    assert not any(p.requires_grad for m in models for p in m.decoder.parameters())
    assert all(p.requires_grad for m in models for p in m.encoder.parameters())


def test_a_trained_and_a_new_model_go_together():
    models, alone = new_models(2), new_models(2)
    models[0].eval(), alone[0].eval()
    fit_together(models, X, BETAS[:2], **SHORT)
    for mine, model, beta in zip(models, alone, BETAS, strict=False):
        fit(model, X, beta_loss(beta), **SHORT)
        close(weights(mine), weights(model), 1e-8)


@pytest.mark.parametrize("device", ["cpu", *["cuda"] * torch.cuda.is_available()])
def test_training_together_brings_the_models_home(device):
    models, alone = new_models(), new_models()
    fit_together(models, X, BETAS, device=device, **SHORT)
    assert {p.device.type for model in models for p in model.parameters()} == {"cpu"}
    for mine, model, beta in zip(models, alone, BETAS, strict=True):
        fit(model, X, beta_loss(beta), device=device, **SHORT)
        close(weights(mine), weights(model), 1e-6)


# training that ends early, or never begins


class Stopping:
    """stack_loss that keeps the weights it was asked about, and fails at a step."""

    def __init__(self, step, fail):
        self.step, self.fail, self.seen = step, fail, []

    def __call__(self, betas):
        def loss(model, x):
            self.seen.append([weight.detach().clone() for weight in model.weights])
            figures = stack_loss(betas)(model, x)
            return self.fail(figures) if len(self.seen) > self.step else figures

        return loss


def ctrl_c(_):
    raise KeyboardInterrupt


def nan(figures):
    return {"loss": figures["loss"] * torch.nan}


@pytest.mark.parametrize("step", [0, 4])
@pytest.mark.parametrize("fail", [ctrl_c, nan])
def test_stopped_in_the_middle_the_models_have_what_they_learnt(step, fail, monkeypatch):
    models = new_models()
    before = [weights(model) for model in models]
    stopping = Stopping(step, fail)
    monkeypatch.setattr(stack, "stack_loss", stopping)
    if fail is ctrl_c:
        assert fit_together(models, X, BETAS, **SHORT).interrupted
    else:
        with pytest.raises(FloatingPointError, match=f"nan at step {step}: try a lower lr"):
            fit_together(models, X, BETAS, **SHORT)
    for m, model in enumerate(models):
        last = dict(zip(Stack(models).names, stopping.seen[-1], strict=True))
        assert same(weights(model), {name: weight[m] for name, weight in last.items()})
        assert same(weights(model), before[m]) == (step == 0)


def with_layer(position, layer):
    (model,) = new_models(1)
    model.encoder[position] = layer
    return [model.double()]


TWICE = new_models(1) * 2
NOT_STACKABLE = [
    ([], [], TypeError, "models: none; expected one or more of VAE"),
    ([LectureVAE(50, copies=2)], [1], TypeError, "models: LectureVAE; expected"),
    ([VAE(50), Autoencoder(50)], [1, 1], TypeError, "models: VAE, Autoencoder; expected"),
    (TWICE, [1, 1], ValueError, "a model is given twice: make M of them"),
    ([VAE(50), VAE(100)], [1, 1], ValueError, "the models differ: give all the same signal"),
    ([VAE(450), VAE(451)], [1, 1], ValueError, "the models differ"),  # by output_padding alone
    ([VAE(50, 2), VAE(50, 3)], [1, 1], ValueError, "the models differ"),
    ([VAE(50), VAE(50).double()], [1, 1], ValueError, "the models differ"),
    ([VAE(50), VAE(50).requires_grad_(False)], [1, 1], ValueError, "the models differ"),
    (new_models(), [1, 1], ValueError, "2 betas for 3 models: give one for each"),
    (with_layer(0, nn.Conv1d(1, 16, 7, 5, 1)), [1], TypeError, r"Conv1d.*: expected one of VAE"),
    (with_layer(0, nn.Conv1d(1, 16, 5, 5, 4, 2)), [1], TypeError, "kernel_size a multiple of"),
    (with_layer(2, nn.Conv1d(16, 16, 15, 5, 5, groups=2)), [1], TypeError, "groups=2"),
    (with_layer(1, nn.ReLU()), [1], TypeError, r"ReLU\(\): expected one of VAE's"),
]


@pytest.mark.parametrize(("models", "betas", "error", "message"), NOT_STACKABLE)
def test_what_cannot_be_stacked_is_refused_before_training(models, betas, error, message):
    before = [weights(model) for model in models]
    with pytest.raises(error, match=message):
        fit_together(models, X.to(models[0].fc_mu.weight.dtype) if models else X, betas)
    assert all(same(weights(m), w) for m, w in zip(models, before, strict=True))
    assert all(model.training for model in models)


@pytest.mark.parametrize(
    ("x", "message"), [(X[:0], r"\(0, 1, 50\): expected"), (X * torch.nan, "NaN or infinity")]
)
def test_signals_that_nothing_can_be_learnt_from(x, message):
    models = new_models()
    before = [weights(model) for model in models]
    with pytest.raises(ValueError, match=message):
        fit_together(models, x, BETAS)
    assert all(same(weights(m), w) for m, w in zip(models, before, strict=True))
