"""VAEs of 8 betas on record 208, batches of 32, by `fit_together` and one after another, in turns:
the median of 3; seconds of processor time."""

from statistics import median
from time import process_time

from ecgae_lib.beats import record_208, split
from ecgae_lib.losses import beta_loss
from ecgae_lib.models import VAE
from ecgae_lib.training import fit, fit_together
from tools.bench.rows import Row, seconds

BETAS = (0.1, 0.03, 0.005, 0.0015, 5e-4, 1e-4, 2e-5, 1e-5)
TURNS, EPOCHS = 3, 8


def rows():
    x = split(record_208())[0].x
    ways = together, apart
    turns = [[seconds(way, x, clock=process_time)[0] for way in ways] for _ in range(TURNS)]
    spent = [median(way) / EPOCHS for way in zip(*turns, strict=True)]
    return [Row("8 betas by fit_together", *spent, "s/epoch", "one after another")]


def together(x):
    fit_together([VAE(450) for _ in BETAS], x, BETAS, epochs=EPOCHS, batch_size=32)


def apart(x):
    for beta in BETAS:
        fit(VAE(450), x, beta_loss(beta), epochs=EPOCHS, batch_size=32)
