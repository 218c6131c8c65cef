"""Training Autoencoder(450) on synthetic beats mapped from a file: processor time of an epoch
divided by its beats, of as many epochs as see 10,000 beats."""

import tempfile
from pathlib import Path
from time import process_time

import torch
from torch.utils.data import TensorDataset

from ecgae_lib.generator import synthetic
from ecgae_lib.models import Autoencoder
from ecgae_lib.training import fit
from tools.bench.rows import Row, seconds

SIZES = (1_000, 10_000, 200_000)


def rows():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "beats.f32"
        with path.open("wb") as file:
            for _ in range(SIZES[-1] // 5000):
                synthetic(5000)[0].x.numpy().tofile(file)
        beats = torch.from_file(str(path), size=SIZES[-1] * 450).view(-1, 1, 450)
        rival = time_beat(beats[: SIZES[0]].clone())
        return [
            Row(f"a beat of {n:,}", time_beat(TensorDataset(beats[:n])), rival, "ms",
                f"of {SIZES[0]:,} in memory")
            for n in SIZES
        ]  # fmt: skip


def time_beat(data):
    """Processor time in ms."""
    epochs = max(1, 10_000 // len(data))
    spent, _ = seconds(lambda: fit(Autoencoder(450), data, epochs=epochs), clock=process_time)
    return 1000 * spent / epochs / len(data)
