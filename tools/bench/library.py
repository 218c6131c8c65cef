"""Encoder and decoder of VAE(450), in pythae's BetaVAE by its BaseTrainer and in ours by `fit`:
equal weights at the start, data, beta, epochs, batch size, Adam and cycle of its rate (pythae
moves it once an epoch); record 208, the median of 3 seeds; seconds of processor time."""

import logging
import tempfile
from importlib.metadata import version
from time import process_time

import torch
from pythae.data.datasets import BaseDataset
from pythae.models import BetaVAE, BetaVAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from torch.nn.functional import mse_loss

from ecgae_lib.beats import record_208, split
from ecgae_lib.losses import beta_loss, kl_to_standard_normal, noise_variance
from ecgae_lib.models import VAE
from ecgae_lib.training import fit
from tools.bench.rows import Row, seconds

BETA, EPOCHS, BATCH_SIZE, RATE, SEEDS = 5e-4, 50, 32, 5e-3, 3


class Encoder(BaseEncoder):  # its `vae` and the decoder's are one
    def forward(self, x):
        return ModelOutput(zip(("embedding", "log_covariance"), self.vae.encode(x), strict=True))


class Decoder(BaseDecoder):
    def forward(self, z):
        return ModelOutput(reconstruction=self.vae.decode(z))


def rows():
    logging.disable(logging.INFO)  # pythae tells of every step
    train, test = (beats.x for beats in split(record_208()))
    found = [[measure(w, seed, train, test) for seed in range(SEEDS)] for w in (by_fit, by_pythae)]
    figures = torch.tensor(found).median(dim=1).values.T.tolist()  # (3 figures, 2 ways)
    names = ("error of decode(mu)", "KL of a beat", "training"), ("mV²", "nats", "s/epoch")
    lines = zip(*names, figures, strict=True)
    return [
        Row(what, *values, unit, f"BetaVAE of pythae {version('pythae')}")
        for what, unit, values in lines
    ]


def measure(way, seed, train, test):
    """Test error in mV^2, nats and processor seconds an epoch."""
    torch.manual_seed(seed)
    vae = VAE(450)
    spent, _ = seconds(way, vae, train, seed, clock=process_time)
    with torch.no_grad():
        mu, logvar = vae.encode(test)
        error = mse_loss(vae.decode(mu), test).item()
    return error, kl_to_standard_normal(mu, logvar).mean().item(), spent / EPOCHS


def by_fit(vae, x, seed):
    fit(vae, x, beta_loss(BETA), epochs=EPOCHS, batch_size=BATCH_SIZE, lr=RATE, seed=seed)


def by_pythae(vae, x, seed):
    """Its loss is half the summed squared error + beta * KL, L / 2 times ours."""
    vae.start_from(x)
    beta = noise_variance(BETA, x.shape[-1])
    config = BetaVAEConfig(input_dim=tuple(x.shape[1:]), latent_dim=2, beta=beta)
    with tempfile.TemporaryDirectory() as folder:
        settings = BaseTrainerConfig(
            output_dir=folder, num_epochs=EPOCHS, per_device_train_batch_size=BATCH_SIZE,
            learning_rate=RATE, scheduler_cls="OneCycleLR", seed=seed, no_cuda=True,
            scheduler_params=dict(max_lr=RATE, total_steps=EPOCHS),
        )  # fmt: skip
        encoder, decoder = Encoder(), Decoder()
        encoder.vae = decoder.vae = vae
        model = BetaVAE(config, encoder, decoder)
        data = BaseDataset(x, labels=torch.zeros(len(x)))
        BaseTrainer(model, data, training_config=settings).train()
