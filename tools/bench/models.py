"""What the course's models cost and bring, each beside a rival measured in the same run.

python -m tools.bench.models        (or: make bench; five to six minutes of one core)
"""

import json
import os
import tempfile
from pathlib import Path
from statistics import median
from time import process_time

import torch
from torch.nn.functional import mse_loss
from torch.profiler import ProfilerActivity, profile
from torch.utils.data import TensorDataset

from ecgae_lib.beats import record_208, split
from ecgae_lib.generator import synthetic
from ecgae_lib.losses import reconstruction_loss
from ecgae_lib.models import Autoencoder, LectureAutoencoder
from ecgae_lib.scores import pca_error
from ecgae_lib.training import fit
from tools.bench.clock import seconds, table
from tools.bench.vaes import compare_vaes

STEPS, WARM_UP, BATCH_SIZE = 20, 2, 32
SEEDS = 10
SIZES = (1_000, 10_000, 100_000, 200_000)
FORMS = {"225 copies (the lecture)": None, "2 copies": 2}


def main():
    torch.set_num_threads(1)
    os.environ["KINETO_LOG_LEVEL"] = "99"  # the profiler talks to itself otherwise
    train, test = split(record_208())
    print(f"torch {torch.__version__}, one thread\n{train}\n")
    compare_forms(train.x)
    compare_models(train.x, test.x)
    time_data()
    time_sizes()
    compare_vaes(train.x, test.x)


# 1. The lecture's model in both forms


def compare_forms(x):
    print(f"1. A training step of the lecture's model, {BATCH_SIZE} real beats, median of {STEPS}")
    batches = torch.cat([x, x]).split(BATCH_SIZE)[: STEPS + WARM_UP]
    times, losses = take_turns([training_step(copies) for copies in FORMS.values()], batches)
    slow, fast = (median(spent[WARM_UP:]) for spent in times)
    big, small = (peak_memory(training_step(copies), batches[0]) for copies in FORMS.values())
    first, second = FORMS
    rows = [(first, slow, big / 2**20), (second, fast, small / 2**20)]
    table(["form", "s per step", "peak MiB"], [*rows, ("ratio", slow / fast, big / small)])
    apart = max(abs(a - b) / a for a, b in zip(*losses, strict=True))
    print(f"the two loss curves, {len(batches)} steps: largest relative difference {apart:.1e}")
    print("peak: the most bytes that a first step holds at once, beside the model and the batch,")
    print("by torch.profiler's record of every allocation (scratch space of a kernel not seen)\n")


def take_turns(steps, batches):
    """Every step function on every batch, in turns, so that a busy machine slows all alike.

    Returns for each function the seconds and the loss of every step.
    """
    timed = [[seconds(step, batch) for step in steps] for batch in batches]
    by_function = zip(*timed, strict=True)
    return zip(*(zip(*results, strict=True) for results in by_function), strict=True)


def training_step(copies):
    """A fresh model's forward, backward and Adam, as a function of the batch."""
    torch.manual_seed(0)
    model = LectureAutoencoder(450, copies)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step(x):
        optimizer.zero_grad()
        loss = reconstruction_loss(model, x)["loss"]
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def peak_memory(step, x):
    """The largest running sum of the bytes that one step allocates and frees."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        step(x)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.json"
        recorded.export_chrome_trace(str(path))
        events = json.loads(path.read_text())["traceEvents"]
    changes = [(e["ts"], e["args"]["Bytes"]) for e in events if e["name"] == "[memory]"]
    alive = peak = 0
    for _, change in sorted(changes, key=lambda c: c[0]):
        alive += change
        peak = max(peak, alive)
    return peak


# 2. The models on real beats


def compare_models(train, test):
    print(f"2. Test error on record 208, last 20 % of the time, {len(test)} beats, in mV^2")
    runs = [train_one(lambda: Autoencoder(450), seed, train, test) for seed in range(SEEDS)]
    lecture_s, lecture_error = train_one(lambda: LectureAutoencoder(450, 2), 0, train, test)
    parts = train[:, 0].numpy(), test[:, 0].numpy()
    times, errors = (sorted(column) for column in zip(*runs, strict=True))
    rows = [
        ("mean beat", pca_error(0, *parts), "-"),
        ("lecture's model, 2 copies, one seed", lecture_error, lecture_s),
        *((f"PCA, {k} components", pca_error(k, *parts), "-") for k in (2, 4)),
        ("Autoencoder, best", errors[0], "-"),
        (f"Autoencoder, median of {SEEDS} seeds", median(errors), median(times)),
        ("Autoencoder, worst", errors[-1], "-"),
    ]
    table(["model", "test MSE", "training s"], rows)
    good, very_good = (sum(error <= limit for error in errors) for limit in (0.0065, 0.0050))
    print(f"Autoencoder: {good} of {SEEDS} seeds at most 0.0065, {very_good} at most 0.0050")
    print(f"each trained in {min(times):.1f} to {max(times):.1f} s\n")


def train_one(make, seed, train, test):
    """Training seconds and test error of `fit` with its defaults."""
    torch.manual_seed(seed)
    model = make()
    spent, _ = seconds(lambda: fit(model, train, seed=seed))
    return spent, test_error(model, test)


def test_error(model, test):
    with torch.no_grad():
        return mse_loss(model(test)[0], test).item()


# 3. The data


def time_data():
    print("3. Data, median of 5")
    rows = [
        ("record_208(), 499 real beats", record_208),
        ("synthetic(5000)", lambda: synthetic(5000)),
    ]
    rows = [(name, median(seconds(make)[0] for _ in range(5))) for name, make in rows]
    table(["beats", "s"], rows)


def time_sizes():
    print(f"Training from a mapped file, CPU time of an epoch per beat; in memory {SIZES[0]} beats")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "beats.f32"
        with path.open("wb") as file:
            for _ in range(SIZES[-1] // 5000):
                synthetic(5000)[0].x.numpy().tofile(file)
        beats = torch.from_file(str(path), size=SIZES[-1] * 450).view(-1, 1, 450)
        rows = [(f"mapped, {n}", time_beat(TensorDataset(beats[:n]))) for n in SIZES]
        rows.append((f"in memory, {SIZES[0]}", time_beat(beats[: SIZES[0]].clone())))
    table(["beats", "ms per beat"], rows)


def time_beat(data):
    """CPU milliseconds of an epoch per beat, of as many epochs as see 10,000 beats."""
    epochs = max(1, 10_000 // len(data))
    spent, _ = seconds(lambda: fit(Autoencoder(450), data, epochs=epochs), clock=process_time)
    return 1000 * spent / epochs / len(data)


if __name__ == "__main__":
    main()
