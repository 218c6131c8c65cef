"""The lecture's models against the lecture's own code, and those that keep position."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from torch import nn

from ecgae_lib.beats import record_208, split
from ecgae_lib.models import VAE, Autoencoder, LectureAutoencoder, LectureVAE
from ecgae_lib.training import fit
from tests.unit import lecture_code

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def parts():
    return split(record_208())


def lecture_pair(dtype=torch.float32, **ours):
    """The lecture's own model and ours with the same weights and lived-in running averages."""
    torch.manual_seed(0)
    theirs = lecture_code.Autoencoder(450)
    theirs(torch.randn(16, 1, 450))
    model = LectureAutoencoder(450, **ours)
    model.load_state_dict(theirs.state_dict())
    return theirs.to(dtype), model.to(dtype)


def gradients(model, x):
    nn.functional.mse_loss(model(x)[0], x).backward()
    return {name: weight.grad for name, weight in model.named_parameters()}


@pytest.mark.parametrize("train", [False, True])
def test_the_lecture_s_form_is_the_lecture_s_code(parts, train):
    theirs, ours = (model.train(train) for model in lecture_pair())
    x = parts[0].x[:8]
    with torch.no_grad():
        for mine, true in zip(ours(x), theirs(x), strict=True):
            assert torch.equal(mine, true)


def test_weights_load_both_ways():
    theirs, _ = lecture_pair()
    ours = LectureAutoencoder(450, copies=2)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    theirs.load_state_dict(ours.state_dict())
    assert all(
        torch.equal(theirs.state_dict()[name], value) for name, value in ours.state_dict().items()
    )


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-12)])
def test_two_copies_do_what_225_do(parts, dtype, tolerance):
    theirs, ours = lecture_pair(dtype, copies=2)
    x = parts[0].x[:8].to(dtype)
    x_recon, z = ours(x)
    true_recon, true_z = theirs(x)
    assert torch.allclose(x_recon, true_recon, rtol=0, atol=tolerance)
    assert torch.allclose(z, true_z, rtol=0, atol=tolerance)
    for model in (ours, theirs):
        model.zero_grad()
    mine, true = gradients(ours, x), gradients(theirs, x)
    scale = max(gradient.abs().max() for gradient in true.values())
    assert scale > 1e-3
    for name in true:
        assert torch.allclose(mine[name], true[name], rtol=0, atol=10 * tolerance * scale), name


def test_the_lecture_s_output_is_periodic(parts):
    x_recon, _ = lecture_pair()[1].eval()(parts[0].x[:4])
    assert x_recon.shape == (4, 1, 450) and x_recon.std() > 0
    assert torch.equal(x_recon[..., :225], x_recon[..., 225:])


@pytest.mark.parametrize("copies", [None, 2, 3])
def test_the_lecture_s_model_fits_or_says_why_not(copies):
    """Every length from 1 to 120: the exact shape, or a ValueError that names what is wrong."""
    refused = []
    for length in range(1, 121):
        try:
            model = LectureAutoencoder(length, copies)
        except ValueError as error:
            named = f"signal_length={length}" if length < 4 else f"copies={copies or length // 2}"
            assert named in str(error)
            refused.append(length)
        else:
            x_recon, z = model(torch.zeros(2, 1, length))
            assert x_recon.shape == (2, 1, length) and z.shape == (2, 2)
    odd = range(5, 121, 2)
    assert refused == [1, 2, 3, *{None: [5], 2: odd, 3: []}[copies]]


def test_too_few_copies_and_how_many_it_takes():
    with pytest.raises(ValueError, match=r"copies=2.*448, fewer than signal_length=449.*copies=3"):
        LectureAutoencoder(449, copies=2)
    assert LectureAutoencoder(449, copies=3).copies == 3
    with pytest.raises(ValueError, match=r"copies=2.*4, fewer than signal_length=5.*copies=3"):
        LectureAutoencoder(5)


def test_the_improved_model_meets_every_length():
    for length in range(32, 701):
        latent_dim = (1, 2, 8)[length % 3]
        x_hat, z = Autoencoder(length, latent_dim)(torch.zeros(1, 1, length))
        assert x_hat.shape == (1, 1, length) and z.shape == (1, latent_dim)


@pytest.mark.parametrize("length", [-1, 0, 1, 24])
def test_the_improved_model_says_what_is_too_short(length):
    with pytest.raises(ValueError, match=f"signal_length={length}: .* at least 25"):
        Autoencoder(length)


@pytest.mark.parametrize(
    "model",
    [LectureAutoencoder(450), LectureAutoencoder(450, copies=2)]
    + [Autoencoder(450, latent_dim) for latent_dim in (1, 2, 8)],
)
def test_the_contract(model, parts):
    x = parts[0].x[:5]
    with torch.no_grad():
        x_hat, z = model.eval()(x)
        assert x_hat.shape == x.shape and z.ndim == 2 and len(z) == 5
        assert torch.equal(z, model.encode(x)) and torch.equal(x_hat, model.decode(z))
        assert len(x_hat.unique(dim=0)) == 5  # the output depends on the input


def bump(start):
    x = torch.zeros(1, 1, 450)
    x[..., start : start + 40] = torch.hann_window(40)
    return x


def test_who_sees_position():
    """36 samples are two steps of the lecture's encoder, whose average forgets them."""
    torch.manual_seed(0)
    lecture, ours = LectureAutoencoder(450).eval(), Autoencoder(450).eval()
    with torch.no_grad():
        for start in range(90, 270, 30):
            here, there = bump(start), bump(start + 36)
            assert torch.allclose(lecture.encode(here), lecture.encode(there), atol=1e-6)
            assert not torch.allclose(lecture.encode(here), lecture.encode(0 * here), atol=1e-4)
            assert not torch.allclose(ours.encode(here), ours.encode(there), atol=1e-4)


def test_the_improved_model_is_less_than_half_as_big():
    lecture, ours = (
        sum(w.numel() for w in model.parameters())
        for model in (LectureAutoencoder(450), Autoencoder(450))
    )
    assert ours < lecture / 2


def pca_error(train, test, components):
    train, test = (part.x[:, 0].double().numpy() for part in (train, test))
    pca = PCA(components).fit(train)
    return np.mean((pca.inverse_transform(pca.transform(test)) - test) ** 2)


@pytest.mark.parametrize("seed", range(3))
def test_the_improved_model_beats_pca_on_a_real_record(parts, seed):
    train, test = parts
    torch.manual_seed(seed)
    model = Autoencoder(450)
    fit(model, train.x, seed=seed)
    with torch.no_grad():
        error = nn.functional.mse_loss(model(test.x)[0], test.x).item()
    pca = pca_error(train, test, components=2)
    assert 0.0080 < pca < 0.0090
    assert error <= 0.0065 < pca


# the variational models


def vae_pair(latent_dim=2, dtype=torch.float32, **ours):
    """The lecture's own VAE and ours with the same weights and lived-in running averages."""
    torch.manual_seed(0)
    theirs = lecture_code.VAE(450, latent_dim)
    theirs(torch.randn(8, 1, 450))
    model = LectureVAE(450, latent_dim, **ours)
    model.load_state_dict(theirs.state_dict())
    return theirs.to(dtype), model.to(dtype)


def seeded(model, x, seed=1):
    torch.manual_seed(seed)
    return model(x)


@pytest.mark.parametrize("train", [False, True])
@pytest.mark.parametrize("latent_dim", [1, 2, 8])
def test_the_lecture_s_vae_is_the_lecture_s_code(parts, train, latent_dim):
    theirs, ours = (model.train(train) for model in vae_pair(latent_dim))
    x = parts[0].x[:4]
    with torch.no_grad():
        for mine, true in zip(seeded(ours, x), seeded(theirs, x), strict=True):
            assert torch.equal(mine, true)


@pytest.mark.parametrize("latent_dim", [1, 2, 8])
def test_vae_weights_load_both_ways(latent_dim):
    """And one seed makes the same weights, because the layers are made in the same order."""
    torch.manual_seed(3)
    theirs = lecture_code.VAE(450, latent_dim)
    torch.manual_seed(3)
    ours = LectureVAE(450, latent_dim, copies=2)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for name, value in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], value), name
    theirs.load_state_dict(LectureVAE(450, latent_dim).state_dict())


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-12)])
def test_two_copies_do_what_225_do_in_the_vae(parts, dtype, tolerance):
    theirs, ours = vae_pair(dtype=dtype, copies=2)
    assert ours.copies == 2 and LectureVAE(450).copies == 225
    x = parts[0].x[:4].to(dtype)
    for mine, true in zip(seeded(ours, x), seeded(theirs, x), strict=True):
        assert torch.allclose(mine, true, rtol=0, atol=tolerance)


@pytest.mark.parametrize("copies", [None, 2, 3])
def test_the_lecture_s_vae_fits_exactly_where_its_autoencoder_does(copies):
    for length in range(1, 121):
        latent_dim = (1, 2, 8)[length % 3]
        try:
            LectureAutoencoder(length, copies)
        except ValueError as error:
            with pytest.raises(ValueError) as raised:
                LectureVAE(length, latent_dim, copies)
            assert str(raised.value) == str(error)
        else:
            x_recon, *codes = LectureVAE(length, latent_dim, copies)(torch.zeros(2, 1, length))
            assert x_recon.shape == (2, 1, length)
            assert [code.shape for code in codes] == 3 * [(2, latent_dim)]


def test_the_improved_vae_meets_every_length():
    """Steps of 3 visit every remainder of the two strides of 5."""
    for length in range(25, 701, 3):
        latent_dim = (1, 2, 8)[length % 7 % 3]
        x_recon, *codes = VAE(length, latent_dim)(torch.zeros(1, 1, length))
        assert x_recon.shape == (1, 1, length)
        assert [code.shape for code in codes] == 3 * [(1, latent_dim)]


@pytest.mark.parametrize("length", [-1, 0, 1, 24])
def test_the_improved_vae_says_what_is_too_short(length):
    with pytest.raises(ValueError, match=f"signal_length={length}: .* at least 25"):
        VAE(length)


VAES = [
    kind(450, latent_dim, **more)
    for kind, more in ((VAE, {}), (LectureVAE, dict(copies=2)))
    for latent_dim in (1, 2, 8)
]


@pytest.mark.parametrize("model", VAES)
def test_the_contract_of_a_vae(model, parts):
    x = parts[0].x[:5]
    with torch.no_grad():
        x_recon, mu, logvar, z = seeded(model.eval(), x)
        for mine, true in zip((mu, logvar), model.encode(x), strict=True):
            assert torch.equal(mine, true) and len(mine.unique(dim=0)) == 5
        assert not torch.allclose(mu, logvar)
        assert torch.equal(z, seeded(lambda x: model.reparameterize(mu, logvar), x))
        assert torch.equal(x_recon, model.decode(z)) and x_recon.shape == x.shape
        assert not torch.equal(z, model(x)[-1])  # in evaluation mode, too, z is drawn anew


def test_the_vae_keeps_position_and_the_lecture_s_does_not():
    """36 samples are two steps of the lecture's encoder, whose average forgets them."""
    torch.manual_seed(0)
    lecture, ours = LectureVAE(450, copies=2).eval(), VAE(450).eval()
    here, there = bump(180), bump(216)
    with torch.no_grad():
        for head in range(2):  # mu, logvar
            assert torch.allclose(
                lecture.encode(here)[head], lecture.encode(there)[head], atol=1e-6
            )
            assert not torch.allclose(ours.encode(here)[head], ours.encode(there)[head], atol=1e-4)


def gaussians(*shape):
    """mu and logvar in float64, which want a gradient."""
    generator = torch.Generator().manual_seed(5)
    mu, logvar = 2 * torch.randn(2, *shape, generator=generator, dtype=torch.float64)
    return mu.requires_grad_(), logvar.requires_grad_()


@pytest.mark.parametrize("model", VAES[1::3])
@pytest.mark.parametrize("shape", [(1, 1), (7, 2), (3, 8)])
def test_z_is_mu_plus_sigma_eps(model, shape):
    """dz/dmu = 1 and dz/dlogvar = sigma eps / 2, each z on its own mu and logvar."""
    mu, logvar = gaussians(*shape)
    torch.manual_seed(7)
    z = model.reparameterize(mu, logvar)
    torch.manual_seed(7)
    eps = torch.randn(shape, dtype=torch.float64)
    sigma = logvar.detach().exp().sqrt()
    torch.testing.assert_close(z, mu + sigma * eps, rtol=1e-12, atol=1e-12)

    weight = torch.randn(shape, dtype=torch.float64)
    (weight * z).sum().backward()
    torch.testing.assert_close(mu.grad, weight, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(logvar.grad, weight * sigma * eps / 2, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("model", VAES[1::3])
def test_z_has_the_moments_of_the_encoder_s_gaussian(model):
    """Within 5 standard errors, and uncorrelated between the axes."""
    n, (mu, logvar) = 40_000, gaussians(3)
    torch.manual_seed(0)
    z = model.reparameterize(mu.expand(n, 3), logvar.expand(n, 3)).detach().numpy()
    mu, sigma = mu.detach().numpy(), np.exp(logvar.detach().numpy() / 2)
    assert np.all(np.abs(z.mean(axis=0) - mu) < 5 * sigma / np.sqrt(n))
    assert np.all(np.abs(z.std(axis=0) - sigma) < 5 * sigma / np.sqrt(2 * n))
    assert np.all(np.abs(np.corrcoef(z.T) - np.eye(3)) < 5 / np.sqrt(n))


@pytest.mark.parametrize("model", VAES[1::3])
def test_every_weight_of_a_vae_learns_from_its_reconstruction(model, parts):
    """The draw does not stop the gradient: the reconstruction alone reaches mu and logvar."""
    torch.manual_seed(0)
    model.train().zero_grad()
    for name, gradient in gradients(model, parts[0].x[:8]).items():
        assert gradient is not None and torch.isfinite(gradient).all(), name
        assert name.startswith("encoder.") or gradient.abs().max() > 0, name
    assert model.encoder[0].weight.grad.abs().max() > 0
