"""Training steps of the lecture's model on 32 real beats (forward, backward, Adam), both forms in
turns: the median of 20; the peak is what a first step holds at once beside model and batch."""

import json
import os
import tempfile
from pathlib import Path
from statistics import median

import torch
from torch.profiler import ProfilerActivity, profile

from ecgae_lib.beats import record_208, split
from ecgae_lib.losses import reconstruction_loss
from ecgae_lib.models import LectureAutoencoder
from tools.bench.rows import Row, seconds

STEPS, WARM_UP, BATCH_SIZE = 20, 2, 32
FORMS = (2, 225)


def rows():
    x = split(record_208())[0].x
    batches = torch.cat([x, x]).split(BATCH_SIZE)[: STEPS + WARM_UP]
    steps = [training_step(copies) for copies in FORMS]
    turns = [[seconds(step, batch)[0] for step in steps] for batch in batches]
    ms = [1000 * median(spent[WARM_UP:]) for spent in zip(*turns, strict=True)]
    peaks = [peak_memory(training_step(copies), batches[0]) / 2**20 for copies in FORMS]
    return [
        Row("a training step, 2 copies", *ms, "ms", "225 copies, the lecture"),
        Row("peak memory of a step, 2 copies", *peaks, "MiB", "225 copies, the lecture"),
    ]


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

    return step


def peak_memory(step, x):
    """The largest running sum of the bytes that one step allocates and frees."""
    os.environ["KINETO_LOG_LEVEL"] = "99"  # the profiler talks to itself otherwise
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        step(x)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.json"
        recorded.export_chrome_trace(str(path))
        events = json.loads(path.read_text())["traceEvents"]
    changes = [(e["ts"], e["args"]["Bytes"]) for e in events if e["name"] == "[memory]"]
    alive = torch.tensor([change for _, change in sorted(changes, key=lambda c: c[0])]).cumsum(0)
    return alive.max().item()
