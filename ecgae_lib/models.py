"""The lecture's autoencoder, and one that keeps the position of what it sees.

Every model has the same contract: `encode(x)`, `decode(z)` and `forward(x)`, which returns
the reconstruction first.
"""

import torch
from torch import nn

from ecgae_lib.expects import optional, takes, tensor, whole
from ecgae_lib.lengths import conv_length, conv_transpose_length

CHANNELS, HIDDEN = 16, 32
SHRINK = dict(kernel_size=15, stride=5, padding=5)  # 450 -> 90 -> 18; 15 = 3 * 5: no checkerboard


def lecture_encoder():
    """The lecture's encoder: 16 features of a beat, averaged over time: (B, 1, L) -> (B, 16, 1)."""
    return nn.Sequential(
        # first convolutional block
        nn.Conv1d(1, 16, kernel_size=5, stride=3, padding=2),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.MaxPool1d(kernel_size=2),
        # second convolutional block
        nn.Conv1d(16, 16, kernel_size=5, stride=3, padding=2),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.AdaptiveAvgPool1d(1),  # global average pooling
    )


def lecture_decoder(signal_length):
    """The lecture's decoder: (B, 16, n) -> (B, 1, n * (signal_length // 2))."""
    half = signal_length // 2
    return nn.Sequential(
        nn.ConvTranspose1d(16, 16, kernel_size=half, stride=half),
        nn.ReLU(),
        nn.ConvTranspose1d(16, 1, kernel_size=1),
    )


class LectureAutoencoder(nn.Module):
    """The lecture's autoencoder.  forward: x (B, 1, L) -> x_recon (B, 1, L), z (B, 2).

    copies: how many copies of the code the decoder starts from; None is the lecture's
    signal_length // 2.  Two copies give the same output at a fraction of the cost.
    Weights saved from the lecture's own class load.
    Raises ValueError if the signal is too short or the copies do not fill it.
    """

    @takes(signal_length=whole(4), copies=optional(whole(1)))
    def __init__(self, signal_length, copies=None):
        check_copies(signal_length, copies)
        super().__init__()
        self.encoder = lecture_encoder()
        self.bottleneck = nn.Linear(16, 2)
        self.decoder_fc = nn.Linear(2, 16)
        self.copies = copies or signal_length // 2
        self.decoder = lecture_decoder(signal_length)
        self.signal_length = signal_length

    def encode(self, x):
        check_input("x", x, self.decoder_fc, 1, self.signal_length)
        x = self.encoder(x)  # (B, 16, 1)
        x = x.view(x.size(0), -1)  # (B, 16)
        return self.bottleneck(x)  # (B, 2)

    def decode(self, z):
        check_input("z", z, self.decoder_fc, self.decoder_fc.in_features)
        x = self.decoder_fc(z).unsqueeze(-1)  # (B, 16, 1)
        x = x.repeat(1, 1, self.copies)  # (B, 16, copies)
        return self.decoder(x)[:, :, : self.signal_length]  # (B, 1, L)

    def forward(self, x):
        z = self.encode(x)
        return self.decode(z), z


def check_input(name, value, layer, *shape):
    """Raise TypeError or ValueError unless it is a batch (B, *shape) that the layer can take."""
    bits = 8 * layer.weight.dtype.itemsize  # fewer in torch.autocast
    tensor("B", *map(str, shape), bits=bits)(name, value)


def check_copies(signal_length, copies):
    """Raise ValueError for copies of half a signal that cannot fill it."""
    fewest, copies = 2 + signal_length % 2, copies or signal_length // 2
    if copies < fewest:
        raise ValueError(f"{copies=}: expected at least {fewest}, to fill {signal_length=}")


def shrunken_lengths(signal_length):
    """The two lengths that the encoder's convolutions leave: 450 -> (90, 18)."""
    if signal_length < 25:
        raise ValueError(f"signal_length={signal_length}: give at least 25 samples")
    middle = conv_length(signal_length, **SHRINK)
    return middle, conv_length(middle, **SHRINK)


def stretch(in_channels, out_channels, length, target):
    """A transposed convolution that makes exactly `target` samples from `length`.

    `output_padding` chooses `target` among the lengths that the convolution folds onto `length`.
    """
    shortest = conv_transpose_length(length, **SHRINK)
    return nn.ConvTranspose1d(in_channels, out_channels, **SHRINK, output_padding=target - shortest)


def position_encoder(signal_length):
    """Features of a beat that know where they were seen: (B, 1, L) -> (B, 32)."""
    _, short = shrunken_lengths(signal_length)
    return nn.Sequential(
        nn.Conv1d(1, CHANNELS, **SHRINK),
        nn.GELU(),
        nn.Conv1d(CHANNELS, CHANNELS, **SHRINK),
        nn.GELU(),
        nn.Flatten(),  # every feature at every position, nothing averaged
        nn.Linear(CHANNELS * short, HIDDEN),
        nn.GELU(),
    )


def position_decoder(signal_length, latent_dim):
    """The encoder's mirror image: (B, latent_dim) -> (B, 1, L), exactly, without a crop."""
    middle, short = shrunken_lengths(signal_length)
    return nn.Sequential(
        nn.Linear(latent_dim, HIDDEN),
        nn.GELU(),
        nn.Linear(HIDDEN, CHANNELS * short),
        nn.GELU(),
        nn.Unflatten(1, (CHANNELS, short)),
        stretch(CHANNELS, CHANNELS, short, middle),
        nn.GELU(),
        stretch(CHANNELS, 1, middle, signal_length),
    )


class FairStart(nn.Module):
    """What PCA gets for free: the mean beat and one scale of the beats, both in mV.

    Buffers, not learnt but saved with the weights; `fit` sets them on its first call.
    """

    def __init__(self, signal_length):
        super().__init__()
        shrunken_lengths(signal_length)  # refuses what is too short
        self.register_buffer("mean_beat", torch.zeros(1, signal_length))
        self.register_buffer("scale", torch.ones(1))

    @torch.no_grad()
    def start_from(self, x):
        """From now on draw the mean beat of x (N, 1, L) for every z, until training adds to it."""
        if not self.mean_beat.any():
            self.mean_beat.copy_(x.mean(dim=0))
            spread = (x - x.mean(dim=0)).square().mean().sqrt()
            self.scale.fill_(spread or 1)  # a single beat has none
            for weight in self.decoder[-1].parameters():
                weight.zero_()

    def standardize(self, x):
        check_input("x", x, self.decoder[0], *self.mean_beat.shape)
        return (x - self.mean_beat) / self.scale  # (B, 1, L), no unit

    def restore(self, x):
        return x * self.scale + self.mean_beat  # (B, 1, L), mV


class Autoencoder(FairStart):
    """An autoencoder that keeps position.  forward: x (B, 1, L) -> x_hat (B, 1, L), z (B, d).

    Every signal_length >= 25 is met exactly, by length arithmetic and not by a crop.
    Raises ValueError for shorter ones.
    """

    @takes(signal_length=whole(25), latent_dim=whole(1))
    def __init__(self, signal_length, latent_dim=2):
        super().__init__(signal_length)
        self.encoder = position_encoder(signal_length)
        self.bottleneck = nn.Linear(HIDDEN, latent_dim)
        self.decoder = position_decoder(signal_length, latent_dim)

    def encode(self, x):
        return self.bottleneck(self.encoder(self.standardize(x)))

    def decode(self, z):
        check_input("z", z, self.decoder[0], self.decoder[0].in_features)
        return self.restore(self.decoder(z))

    def forward(self, x):
        z = self.encode(x)
        return self.decode(z), z


class Variational(nn.Module):
    """What every VAE here does with its `encode` and `decode`."""

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return mu + eps * std

    def forward(self, x):
        mu, logvar = self.encode(x)
        z = self.reparameterize(mu, logvar)
        return self.decode(z), mu, logvar, z


class LectureVAE(Variational):
    """The lecture's VAE.  forward: x (B, 1, L) -> x_recon (B, 1, L), mu, logvar, z (B, d each).

    copies: as in LectureAutoencoder.  Weights saved from the lecture's own class load.
    Raises ValueError if the signal is too short or the copies do not fill it.
    """

    @takes(signal_length=whole(4), latent_dim=whole(1), copies=optional(whole(1)))
    def __init__(self, signal_length, latent_dim=2, copies=None):
        check_copies(signal_length, copies)
        super().__init__()
        self.encoder = lecture_encoder()
        self.fc_mu = nn.Linear(16, latent_dim)
        self.fc_logvar = nn.Linear(16, latent_dim)
        self.decoder_fc = nn.Linear(latent_dim, 16)
        self.copies = copies or signal_length // 2
        self.decoder = lecture_decoder(signal_length)
        self.signal_length = signal_length

    def encode(self, x):
        check_input("x", x, self.decoder_fc, 1, self.signal_length)
        x = self.encoder(x)  # (B, 16, 1)
        x = x.view(x.size(0), -1)  # (B, 16)
        return self.fc_mu(x), self.fc_logvar(x)  # (B, d) each

    def decode(self, z):
        check_input("z", z, self.decoder_fc, self.decoder_fc.in_features)
        x = self.decoder_fc(z).unsqueeze(-1)  # (B, 16, 1)
        x = x.repeat(1, 1, self.copies)  # (B, 16, copies)
        return self.decoder(x)[:, :, : self.signal_length]  # (B, 1, L)


class VAE(FairStart, Variational):
    """A VAE that keeps position.  forward: x (B, 1, L) -> x_recon (B, 1, L), mu, logvar, z.

    mu, logvar and z have shape (B, d).  Every signal_length >= 25 is met exactly.
    Raises ValueError for shorter ones.
    """

    @takes(signal_length=whole(25), latent_dim=whole(1))
    def __init__(self, signal_length, latent_dim=2):
        super().__init__(signal_length)
        self.encoder = position_encoder(signal_length)
        self.fc_mu = nn.Linear(HIDDEN, latent_dim)
        self.fc_logvar = nn.Linear(HIDDEN, latent_dim)
        self.decoder = position_decoder(signal_length, latent_dim)

    def encode(self, x):
        h = self.encoder(self.standardize(x))  # (B, 32)
        return self.fc_mu(h), self.fc_logvar(h)  # (B, d) each

    def decode(self, z):
        check_input("z", z, self.decoder[0], self.decoder[0].in_features)
        return self.restore(self.decoder(z))
