"""Mean squared error on the last 20 % of each record's time, learnt from the rest: Autoencoder(450)
with 2 latents by `fit`, in as many epochs as show it 24,000 beats (60 for five minutes,
some 15 for half an hour), the median of 3 seeds, against PCA with 2 components."""

import os
from functools import partial
from pathlib import Path
from statistics import median

import torch
from torch.nn.functional import mse_loss

from ecgae_lib.beats import record_208, split
from ecgae_lib.loaders import from_wfdb
from ecgae_lib.models import Autoencoder, LectureAutoencoder
from ecgae_lib.scores import pca_error
from ecgae_lib.training import fit
from tools.bench.rows import Row

SEEDS, SHOWN = range(3), 24_000


def rows():
    splits = {name: [part.x for part in split(beats)] for name, beats in records().items()}
    found = [against_pca(name, *parts) for name, parts in splits.items()]
    name, ours, *_ = found[0]
    lecture = error(partial(LectureAutoencoder, copies=2), 0, *splits[name])
    return [*found, Row(name, ours, lecture, "mV²", "lecture's model, one seed")]


def against_pca(name, train, test):
    ours = median(error(Autoencoder, seed, train, test) for seed in SEEDS)
    theirs = pca_error(2, train[:, 0].numpy(), test[:, 0].numpy())
    return Row(name, ours, theirs, "mV²", "PCA, 2 components")


def records():
    """{what it is: Beats}: five minutes that come with the course, and what ECGAE_MITDB holds."""
    folder = os.environ.get("ECGAE_MITDB")
    paths = sorted(Path(folder).glob("*.hea")) if folder else []
    known = "208, 5 min" if paths else "208, 5 min (ECGAE_MITDB is not set)"
    return {known: record_208()} | {f"{p.stem}, whole": from_wfdb(p) for p in paths}


def error(make, seed, train, test):
    """Mean squared error in mV^2 on the test beats."""
    torch.manual_seed(seed)
    model = make(train.shape[-1])
    fit(model, train, seed=seed, epochs=max(1, SHOWN // len(train)))
    with torch.no_grad():
        return mse_loss(model(test)[0], test).item()
