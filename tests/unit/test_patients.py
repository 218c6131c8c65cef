"""Patients who never lived: files that wfdb reads, beats where they say, hearts that differ."""

import os
from pathlib import Path

import nbformat
import numpy as np
import pytest
import wfdb
from nbclient import NotebookClient
from wfdb import processing

from ecgae_lib import loaders
from ecgae_lib.loaders.patients import write_patients

LESSON = Path(__file__).parents[2] / "notebooks/11_your_own_ecg.ipynb"


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    return write_patients(tmp_path_factory.mktemp("patients"), n=8, seed=3, seconds=40)


def test_wfdb_reads_what_is_promised(paths):
    assert [path.name for path in paths] == [f"p{number:02d}" for number in range(1, 9)]
    for path in paths:
        record, beats = wfdb.rdrecord(str(path)), wfdb.rdann(str(path), "atr")
        assert (record.fs, record.sig_name, record.units) == (360, ["MLII", "V1"], ["mV", "mV"])
        assert record.p_signal.shape == (40 * 360, 2) and np.isfinite(record.p_signal).all()
        assert set(beats.symbol) <= {"N", "V"} and "N" in beats.symbol
        assert 30 < beats.sample.size * 60 / 40 < 110  # beats a minute


def test_annotations_lie_on_the_beats(paths):
    """A detector that is not ours finds most of them, and little else."""
    shares = []
    for path in paths:
        ecg, truth = wfdb.rdrecord(str(path)).p_signal[:, 0], wfdb.rdann(str(path), "atr").sample
        near = np.abs(truth[:, None] - processing.xqrs_detect(ecg, 360, verbose=False)) <= 36
        shares.append([near.any(axis=1).mean(), near.any(axis=0).mean()])
    assert np.min(shares) > 0.7 and np.median(shares, axis=0).min() > 0.9


def test_hearts_differ_more_than_their_beats(paths):
    beats = loaders.from_wfdb(paths)
    normal = [beats.x[(beats.patient == p.name) & (beats.y.numpy() == 0), 0] for p in paths]
    middles = [x.mean(dim=0) for x in normal]
    within = [float((x - m).square().mean()) for x, m in zip(normal, middles, strict=True)]
    for i, middle in enumerate(middles):
        between = [float((middle - m).square().mean()) for j, m in enumerate(middles) if j != i]
        assert np.median(between) > 2 * within[i]
    assert min(within) > 1e-5  # and no two beats are alike


def test_a_seed_gives_the_same_files_and_another_one_others(paths, tmp_path):
    again = write_patients(tmp_path, n=1, seed=3, seconds=40)
    suffixes = (".dat", ".hea", ".atr")
    assert all(Path(f"{again[0]}{s}").read_bytes() == Path(f"{paths[0]}{s}").read_bytes()
               for s in suffixes)  # fmt: skip
    other = write_patients(tmp_path, n=1, seed=4, seconds=40)
    assert Path(f"{other[0]}.dat").read_bytes() != Path(f"{paths[0]}.dat").read_bytes()


@pytest.mark.skipif("ECGAE_MITDB" not in os.environ, reason="ECGAE_MITDB names no folder")
def test_the_lesson_runs_on_real_records():
    notebook = nbformat.read(LESSON, as_version=4)
    (told,) = [cell for cell in notebook.cells if cell.source.startswith("own_folder = None")]
    folder = f"own_folder = {os.environ['ECGAE_MITDB']!r}"
    told.source = told.source.replace("own_folder = None", folder)
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
