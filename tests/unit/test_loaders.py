"""Your own ECG: positions, units, classes, files of every kind, and files that are damaged."""

import os
import re
import socket
from pathlib import Path

import numpy as np
import pytest
import torch
import wfdb
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from ecgae_lib import beats as beats_module
from ecgae_lib import loaders
from ecgae_lib.beats import Beats, split
from ecgae_lib.generator import synthetic
from ecgae_lib.loaders import from_csv, from_npz, from_signal, from_ucr, from_wfdb, signals
from ecgae_lib.loaders.detector import usual
from tests.unit.damage import damaged

ROOT = Path(__file__).parents[2]
MITDB = os.environ.get("ECGAE_MITDB")
REAL = [106, 114, 115, 207, 208, 223, 233]
needs_mitdb = pytest.mark.skipif(not MITDB, reason="ECGAE_MITDB names no folder with records")


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("the network was asked")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)


def heart(n=60, fs=250, seed=0):
    """An ECG of n synthetic beats, 0.8 s apart: (T,) in mV, R peaks in samples, wide or not."""
    beats, _ = synthetic(n, seed=seed, signal_length=round(0.7 * fs))
    gap = np.zeros((n, round(0.8 * fs) - round(0.7 * fs)), dtype=np.float32)
    r = np.arange(n) * round(0.8 * fs) + round(0.25 * fs)
    return np.hstack([beats.x[:, 0].numpy(), gap]).ravel(), r, beats.y.numpy()


def write(folder, name="rec", fs=250, units=("mV", "mV"), scale=1.0, seed=0, n=60, **options):
    """A WFDB record by wfdb's own writer: V1 and, upside down, MLII; beats N and V, a rhythm."""
    ecg, r, y = heart(n=n, fs=fs, seed=seed)
    options = dict(fmt=["16", "16"]) | options
    voltages = scale * np.stack([-ecg, ecg], axis=1)
    wfdb.wrsamp(name, fs, list(units), ["V1", "MLII"], voltages, write_dir=str(folder), **options)
    symbols = np.r_[["+"], np.array(["N", "V"])[y]]
    wfdb.wrann(name, "atr", np.r_[r[0] - 20, r], symbols, fs=fs, write_dir=str(folder))
    return ecg, r, y


def edit(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


# from a signal


@given(
    fs=st.sampled_from([100, 128, 250, 257, 360, 500, 1000]),
    sign=st.sampled_from([1, -1]),
    jitter=st.floats(0, 0.02),
    signal_length=st.sampled_from([450, 90]),
)
@settings(max_examples=15)
def test_every_rate_and_sign_is_cut_at_its_exact_peaks(fs, sign, jitter, signal_length):
    ecg, r, y = heart(fs=fs)
    near = r + np.random.default_rng(0).integers(-round(jitter * fs), round(jitter * fs) + 1, 60)
    beats = from_signal(
        sign * ecg, fs, near, y, class_names=("n", "w"), signal_length=signal_length
    )
    kept = np.searchsorted(r, np.round(beats.t * fs - 0.03 * fs))
    assert np.abs(np.round(beats.t * fs) - r[kept]).max() <= max(1, 0.006 * fs)
    assert beats.fs == pytest.approx(signal_length * fs / round(0.7 * fs), rel=1e-12)
    assert len(beats) >= 57 and np.array_equal(beats.y, y[kept])
    peak = beats.ms[(sign * beats.x[:, 0]).argmax(dim=1)]
    assert np.abs(peak).max() <= 1000 / beats.fs + 1000 / fs


@pytest.mark.parametrize("n", [1, 2, 14, 15, 16, 30, 31, 54, 99])
def test_what_is_usual_is_the_upper_quartile_of_a_minute_however_short(n):
    energy = np.random.default_rng(n).random(n)
    quartile = ndimage.generic_filter(energy, lambda cells: np.sort(cells)[23], 31, mode="nearest")
    assert np.array_equal(usual(energy, cell=1), quartile)


@given(
    seed=st.integers(0, 5), scale=st.floats(0.05, 3), sign=st.sampled_from([1, -1]),
    fs=st.sampled_from([100, 250, 360]),
)  # fmt: skip
@settings(max_examples=8)
def test_the_detector_finds_the_beats_of_any_lead(seed, scale, sign, fs):
    ecg, r, _ = heart(200, fs, seed)
    ecg = ecg + 0.02 * np.random.default_rng(seed).standard_normal(len(ecg))
    t = from_signal(sign * scale * ecg, fs).t
    assert sensitivity(r[1:-1] / fs, t) > 0.98 and sensitivity(t, r / fs) > 0.98


def sensitivity(truth, found):
    """Share of the true times with a found one within 100 ms."""
    return np.mean([np.abs(found - t).min() < 0.1 for t in truth])


def test_upside_down_gives_the_same_beats_upside_down():
    ecg, *_ = heart()
    up, down = from_signal(ecg, 250), from_signal(-ecg, 250)
    assert np.array_equal(up.t, down.t) and torch.equal(up.x, -down.x)


@pytest.mark.parametrize("unit", ["uV", "µV", "V"])
def test_other_units_become_millivolts(unit):
    ecg, *_ = heart()
    factor = 0.001 if unit == "V" else 1000
    other, plain = from_signal(ecg * factor, 250, unit=unit), from_signal(ecg, 250)
    assert other.unit == "mV" and torch.allclose(other.x, plain.x, atol=1e-5)


def test_names_as_classes_and_a_patient():
    ecg, r, y = heart()
    beats = from_signal(ecg, 250, r, np.array(["narrow", "wide"])[y], patient="Ada")
    assert beats.class_names == ("narrow", "wide") and set(beats.patient) == {"Ada"}
    assert beats.y.tolist() == y[np.searchsorted(r, beats.t * 250 - 10)].tolist()


@pytest.mark.parametrize(("annotator", "block"), [("atr", 3), (None, 15)])
def test_blocks_give_the_beats_of_one_piece(tmp_path, monkeypatch, annotator, block):
    write(tmp_path, n=150)
    whole = from_wfdb(tmp_path / "rec", annotator=annotator)
    asked, rdrecord = [], wfdb.rdrecord

    def counted(*args, **part):
        asked.append(part["sampto"] - part["sampfrom"])
        return rdrecord(*args, **part)

    monkeypatch.setattr(wfdb, "rdrecord", counted)
    monkeypatch.setattr(signals, "BLOCK", block)
    beats = from_wfdb(tmp_path / "rec", annotator=annotator)
    assert np.array_equal(beats.t, whole.t) and torch.allclose(beats.x, whole.x, atol=1e-6)
    assert len(asked) > 5 and max(asked) <= (block + 2 * signals.MARGIN) * 2 * 250


ECG, R, Y = heart()
INVALID = ECG.copy()
INVALID[5000:5250] = np.nan


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (dict(ecg=ECG[:, None]), ValueError, r"shape \(12000, 1\): expected one lead.*ecg\[:, 0\]"),
        (dict(ecg="ecg.csv"), TypeError, "give an array of numbers"),
        (dict(ecg=ECG.astype(complex)), TypeError, "ecg holds complex"),
        (dict(ecg=INVALID), ValueError, r"from 20\.000 s to 21\.000 s"),
        (dict(ecg=ECG + np.inf), ValueError, "invalid"),
        (dict(ecg=ECG[:100]), ValueError, r"lasts 0\.40 s: one beat needs 0\.7 s"),
        (dict(ecg=ECG[:0]), ValueError, r"lasts 0\.00 s"),
        (dict(ecg=0 * ECG), ValueError, "no heartbeat found in 48.0 s"),
        (dict(ecg=200 * ECG), ValueError, r'is unit="mV" right.* unit="uV"; steps'),
        (dict(ecg=ECG / 1000), ValueError, 'is unit="mV" right'),
        (dict(fs=0), ValueError, "fs=0: expected 50 to 10000"),
        (dict(fs=np.nan), ValueError, "fs=nan: expected"),
        (dict(fs="250"), TypeError, "fs='250': expected a number"),
        (dict(unit="adu"), ValueError, "'adu': expected mV, uV or V.*zero and divide by its gain"),
        (dict(signal_length=0), ValueError, "signal_length=0"),
        (dict(r=R / 250), TypeError, r"whole samples, np.round\(t \* fs\)"),
        (dict(r=[]), ValueError, "expected whole numbers"),
        (dict(r=R + 12000), ValueError, "samples 0 to 11999"),
        (dict(r=[3, 11999]), ValueError, "beats: 2, all so near to an edge"),
        (dict(y=Y, class_names="ab"), ValueError, r"y has shape \(60,\), r \(\)"),
        (dict(r=R, y=Y[:3], class_names="ab"), ValueError, r"y has shape \(3,\), r \(60,\)"),
        (dict(r=R, y=Y), ValueError, "name the classes"),
        (dict(r=R, y=Y, class_names=("n",)), ValueError, r"y holds \[1\], but the classes are"),
        (dict(r=R, y=Y / 2, class_names="ab"), TypeError, "y holds float64"),
        (dict(r=R, y=["x"] * 60, class_names=("n",)), ValueError, r"y holds \['x'\]"),
    ],
)
def test_a_signal_that_does_not_fit_says_why(changes, error, message):
    with pytest.raises(error, match=message):
        from_signal(**(dict(ecg=ECG, fs=250) | changes))


# WFDB records


def test_a_record_is_its_signal_with_its_classes(tmp_path):
    ecg, r, y = write(tmp_path)
    beats = from_wfdb(tmp_path / "rec.hea")
    plain = from_signal(ecg, 250, r, y, class_names=("N", "V"))
    assert torch.allclose(beats.x, plain.x, atol=1e-3) and np.array_equal(beats.t, plain.t)
    assert beats.class_names == ("N", "S", "V", "F", "Q") == loaders.AAMI
    assert torch.equal(beats.y, 2 * plain.y) and set(beats.patient) == {"rec"}
    assert "lead MLII" in beats.source and beats.unit == "mV"
    for lead in ("V1", 0):
        assert torch.allclose(from_wfdb(tmp_path / "rec", lead).x, -plain.x, atol=1e-3)


@pytest.mark.parametrize(("unit", "scale"), [("uV", 1000.0), ("V", 0.001)])
@pytest.mark.parametrize("fmt", ["16", "212", "24"])
def test_units_and_formats_of_a_record(tmp_path, unit, scale, fmt):
    ecg, r, _ = write(tmp_path, units=(unit, unit), scale=scale, fmt=[fmt, fmt])
    x = from_signal(ecg, 250, r).x
    assert torch.allclose(from_wfdb(tmp_path / "rec").x, x, atol=5e-3)


def test_a_part_of_a_record_keeps_the_time_of_the_record(tmp_path):
    write(tmp_path)
    whole, part = (from_wfdb(tmp_path / "rec", **o) for o in ({}, dict(start=10, stop=30.5)))
    inside = (whole.t > 10.3) & (whole.t < 30)
    assert np.isin(whole.t[inside], part.t).all() and part.t.min() > 10 and part.t.max() < 30.5
    same = np.isin(part.t, whole.t[inside]).nonzero()[0][3:-3]
    assert torch.equal(part.y[same], whole.y[inside][3:-3])


EC57 = {  # from table 1 of de Chazal et al. 2004; the other beat symbols of WFDB after them
    "N": "NLRej" + "nB", "S": "AaJS", "V": "VE" + "r", "F": "F", "Q": "/fQ" + "?",
}  # fmt: skip


def test_every_symbol_has_its_class_and_what_is_no_beat_is_dropped(tmp_path):
    write(tmp_path)
    asked = [(symbol, name) for name, symbols in EC57.items() for symbol in symbols]
    others = [s for s in wfdb.io.annotation.ann_label_table.symbol if s not in dict(asked)]
    symbols = [s for s, _ in asked] + [s for s in others if s.strip()]
    wfdb.wrann("rec", "all", R[1 : len(symbols) + 1], symbols, fs=250, write_dir=str(tmp_path))
    beats = from_wfdb(tmp_path / "rec", annotator="all")
    assert [beats.class_names[label] for label in beats.y] == [name for _, name in asked]


def test_annotations_at_another_rate(tmp_path):
    _, r, y = write(tmp_path)
    symbols = np.array(["N", "V"])[y]
    wfdb.wrann("rec", "fine", 4 * r, symbols, fs=1000, write_dir=str(tmp_path))
    fine, plain = (from_wfdb(tmp_path / "rec", annotator=a) for a in ("fine", "atr"))
    assert np.array_equal(fine.t, plain.t) and torch.equal(fine.x, plain.x)


def test_several_records_keep_their_patients_apart(tmp_path):
    for seed, name in enumerate(("100", "201", "202")):
        write(tmp_path, name, seed=seed)
    beats = from_wfdb([tmp_path / name for name in ("100", "201", "202")])
    counts = dict(zip(*np.unique(beats.patient, return_counts=True), strict=True))
    assert set(counts) == {"100", "201"} and counts["201"] > 115  # 201 and 202 are one patient
    train, test = split(beats, by="patient")
    assert not set(train.patient) & set(test.patient)
    named = from_wfdb(tmp_path / "202", patient="a man")
    assert set(named.patient) == {"a man"}


def test_de_chazals_sets_are_two_halves_of_the_database():
    assert len(loaders.DS1) == len(loaders.DS2) == 22 and not set(loaders.DS1) & set(loaders.DS2)
    paced = {"102", "104", "107", "217"}  # which they left out
    numbers = {str(n) for n in [*range(100, 125), *range(200, 235)]}
    missing = {"110", "120", "204", "206", "211", "216", "218", "224", "225", "226", "227", "229"}
    assert {*loaders.DS1, *loaders.DS2} == numbers - missing - paced


def missing(suffix):
    return lambda folder: (folder / f"rec.{suffix}").unlink()


def cut_off(suffix, n):
    def spoil(folder):
        file = folder / f"rec.{suffix}"
        file.write_bytes(file.read_bytes()[:-n])

    return spoil


def header(old, new):
    return lambda folder: edit(folder / "rec.hea", old, new)


def annotate(symbols, samples):
    return lambda folder: wfdb.wrann(
        "rec", "atr", np.array(samples), symbols, fs=250, write_dir=str(folder)
    )


def nothing(folder):
    pass


def doubled(folder):
    """Its first note stands there twice, which would hold wfdb 4.3 for ever."""
    file = folder / "rec.atr"
    file.write_bytes(2 * file.read_bytes()[:30] + file.read_bytes()[30:])


def segments(folder):
    (folder / "rec.hea").write_text("rec/2 2 250 12000\npart1 6000\npart2 6000\n")


def gap(folder):
    ecg, *_ = heart()
    ecg = np.stack([ecg, ecg], axis=1)
    ecg[3000:3500] = np.nan
    wfdb.wrsamp("rec", 250, ["mV"] * 2, ["V1", "MLII"], ecg, fmt=["16"] * 2, write_dir=str(folder))


@pytest.mark.parametrize(
    ("spoil", "options", "error", "message"),
    [
        (missing("hea"), {}, FileNotFoundError, r"no header .*rec\.hea.*records in .*: none"),
        (missing("dat"), {}, FileNotFoundError, r"no signals .*rec\.dat"),
        (missing("atr"), {}, FileNotFoundError, r"no annotations .*rec\.atr.*annotator=None"),
        (cut_off("hea", 60), {}, ValueError, "rec.hea (is damaged|cannot be read, it is damaged)"),
        (cut_off("dat", 4000), {}, ValueError, r"holds 11000 samples .* says 12000"),
        (cut_off("atr", 2), {}, ValueError, "rec.atr is cut off"),
        (doubled, {}, ValueError, "rec.atr is damaged: its notes are .*time resolution"),
        (header("rec 2 250 12000", "rec 2 250 9" + 20 * "0"), {}, ValueError, "is cut off"),
        (header("rec 2 250 12000", "rec 2 250"), {}, ValueError, r"number of samples, 12000"),
        (header("rec 2 250", "rec 2 0"), {}, ValueError, "fs=0"),
        (header("rec 2 250", "rec 7 250"), {}, ValueError, "does not describe all"),
        (segments, {}, ValueError, r"in 2 segments: give their paths .*'part1', 'part2'"),
        (header("mV", "adu"), {}, ValueError, "channel 1 of rec .* 'adu': .* converter"),
        (header("mV", "mmHg"), {}, ValueError, "mmHg"),
        (gap, {}, ValueError, r"invalid \(NaN\) from 12\.000 s to 14\.000 s"),
        (nothing, dict(lead="II"), ValueError, r"no lead 'II' .* leads are \['V1', 'MLII'\]"),
        (nothing, dict(lead=2), ValueError, "number, 0 to 1"),
        (nothing, dict(start=99), ValueError, r"start=99, .* lasts 48\.0 s"),
        (nothing, dict(start=5, stop=5), ValueError, "expected 0 <= start < stop"),
        (nothing, dict(annotator="qrs"), FileNotFoundError, r"no annotations .*rec\.qrs"),
        (annotate(["+", "~"], [5, 9]), {}, ValueError, "2 annotations, none of them a beat"),
        (annotate(["N", "N"], [5, 99999]), {}, ValueError, "1 of them outside of the record"),
    ],
)
def test_a_bad_record_says_why(tmp_path, spoil, options, error, message):
    write(tmp_path)
    spoil(tmp_path)
    with pytest.raises(error, match=message):
        from_wfdb(tmp_path / "rec", **options)


def test_a_number_is_no_path():
    with pytest.raises(TypeError, match="path is int: expected a path"):
        from_wfdb(106)


@pytest.mark.parametrize("line", ["rec.dat 16 0(0)/mV", "rec.dat 16 (0)/mV", "rec.dat 16"])
def test_a_header_without_a_gain_is_refused(tmp_path, line):
    write(tmp_path)
    lines = (tmp_path / "rec.hea").read_text().splitlines()
    tail = " 16 0 0 0 0 MLII" if "/" in line else ""
    (tmp_path / "rec.hea").write_text("\n".join([*lines[:2], line + tail]))
    with pytest.raises(ValueError, match=r"gain 0\.0 per 'mV': it is in units of the converter"):
        from_wfdb(tmp_path / "rec", 1)


def test_a_micro_sign_is_not_lost(tmp_path):
    """wfdb reads headers as ASCII without what is not, and takes µV for V."""
    ecg, r, _ = write(tmp_path, units=("uV", "uV"), scale=1000.0)
    file = tmp_path / "rec.hea"
    file.write_text(file.read_text().replace("uV", "µV"), encoding="utf-8")
    x = from_signal(ecg, 250, r).x
    assert torch.allclose(from_wfdb(tmp_path / "rec").x, x, atol=5e-3)


# tables


def test_files_of_numbers_give_what_the_signal_gives(tmp_path):
    ecg, r, y = heart()
    x = from_signal(ecg, 250).x
    table = np.stack([np.arange(len(ecg)), ecg], axis=1)
    for i, (head, sep) in enumerate([("n, ecg", ","), ("", ";"), ("n\tecg", "\t")]):
        file = tmp_path / f"{i}.csv"
        np.savetxt(file, table, delimiter=sep, header=head, comments="", fmt="%.6f")
        file.write_text(file.read_text().lstrip("\n"))
        if sep == ";":
            file.write_text(file.read_text().replace(".", ","))
        beats = from_csv(file, 250, "ecg" if head else 1, decimal="," if sep == ";" else ".")
        assert torch.allclose(beats.x, x, atol=1e-4) and beats.source == file.name
    names = np.array(["N", "V"])
    np.savez(tmp_path / "a.npz", ecg=ecg, fs=250, r=r, y=y, class_names=names, patient="p")
    beats = from_npz(tmp_path / "a.npz")
    assert beats.class_names == ("N", "V") and set(beats.patient) == {"p"}
    assert torch.equal(beats.x, from_signal(ecg, 250, r, y, class_names=("N", "V")).x)


@pytest.mark.parametrize("sep", ["\t", ",", "  ", "ts"])
def test_ucr_series(tmp_path, sep):
    series, labels = np.random.default_rng(0).normal(size=(12, 30)), [10, 2, -1] * 4
    values = [("," if sep == "ts" else sep).join(f"{v:.7e}" for v in row) for row in series]
    if sep == "ts":
        rows = [f"{row}:{label}" for row, label in zip(values, labels, strict=True)]
        rows = ["# words", "@data", *rows]
    else:
        rows = [f"{label:.7e}{sep}{row}" for row, label in zip(values, labels, strict=True)]
    (tmp_path / "a.txt").write_text("\n".join(rows) + "\n")
    beats = from_ucr(tmp_path / "a.txt")
    assert np.allclose(beats.x[:, 0], series, atol=1e-6)
    assert beats.class_names == ("-1", "2", "10") and beats.y.tolist() == [2, 1, 0] * 4
    assert (beats.unit, beats.origin, beats.ms[0]) == ("", "start of the series", 0)
    assert beats.t.tolist() == list(range(12)) and " mV" not in repr(beats)
    train, test = split(beats, 0.2)
    assert len(train) >= 6 and len(test) >= 2


CLOCK = "".join(f"{1000 * n / 360:.0f},{n % 7}\n" for n in range(200))


@pytest.mark.parametrize("tick", [1 / 250, 4, 4000, 1])
def test_a_time_column_may_have_any_unit_or_count_the_samples(tmp_path, tick):
    ecg, r, _ = write(tmp_path)
    np.savetxt(tmp_path / "a.csv", np.c_[tick * np.arange(len(ecg)), ecg], delimiter=",")
    assert torch.equal(from_csv(tmp_path / "a.csv", 250, 1, r=r).x, from_signal(ecg, 250, r).x)


@pytest.mark.parametrize(
    ("load", "text", "message"),
    [
        (from_ucr, "1 0.5 0.6\n2 0.5 x\n", "row 2 of a.txt: 'x' is no number"),
        (from_ucr, "1 0.5 0.6\n2 0.5\n", "row 2 of a.txt has 1 samples, the first series 2"),
        (from_ucr, "0.5 0.6 0.7\n", "row 1 of a.txt has the label 0.5: expected a whole number"),
        (from_ucr, "1 0.5 nan\n", "row 1 of a.txt holds NaN"),
        (from_ucr, "1\n2\n", "row 1 of a.txt has 0 samples"),
        (from_ucr, "\n@data\n", "holds no series"),
        (from_ucr, "\0\xff\xfe", "no number|no text|samples"),
        (lambda p: from_csv(p, 250), "0.5\n0.6\nword\n", "row 3 of a.txt: 'word' is no number"),
        (lambda p: from_csv(p, 250), "t,ecg\n1,2\n3\n", "row 3 of a.txt has 1 columns, row 1 2"),
        (lambda p: from_csv(p, 250, "x"), "t,ecg\n1,2\n", r"no column 'x' .* \['t', 'ecg'\]"),
        (lambda p: from_csv(p, 250, 5), "t,ecg\n1,2\n", "no column 5"),
        (lambda p: from_csv(p, 250), "", "no column 0"),
        (lambda p: from_csv(p, 250, "ecg"), "Ms X\nt,ecg\n0,2\n", "delete what stands above"),
        (lambda p: from_csv(p, 250), "t,ecg\n0,2\n4,2\n8,3\n", r"rises .* as time .*'t', 'ecg'"),
        (lambda p: from_csv(p, 250), "0.5\n\"-0,25\"\n", r"row 2 .* read with decimal=\",\""),
        (lambda p: from_csv(p, 250), "ecg\n-0,25\n", r"row 2 .* 0,25 are read with decimal=\",\""),
        (lambda p: from_csv(p, 250), "0,31\n-0,25\n", r"written -0,25; say decimal=\",\""),
        (lambda p: from_csv(p, 250, 1), "t,ecg\n0,2\n4,\n", "row 3 .* '' is no number: .* missing"),
        (lambda p: from_csv(p, 250, 1), CLOCK, "rises by 2.778 a row, .* fs=250 says by 0.004 s"),
        (lambda p: from_csv(p, 250), "ECG [\xb5V]\n2\n", 'save it as "CSV UTF-8"'),
        (lambda p: from_csv(p, 250), "0\n" * 500, "no heartbeat found in 2.0 s"),
        (lambda p: from_csv(p, 250, delimiter="."), "0.5\n", "delimiter='.': expected"),
        (lambda p: from_csv(p, 250, delimiter="ab"), "0.5\n", "delimiter='ab': expected"),
        (lambda p: from_csv(p, 250, decimal="1"), "0.5\n", "decimal='1', .*: expected"),
        (from_npz, "words", "cannot be read"),
    ],
)  # fmt: skip
def test_a_bad_table_says_why_and_in_which_row(tmp_path, load, text, message):
    (tmp_path / "a.txt").write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match=message):
        load(tmp_path / "a.txt")
    with pytest.raises(FileNotFoundError, match=r"no file .*b\.txt"):
        load(tmp_path / "b.txt")


class Boom:
    def __reduce__(self):
        return os.system, ("touch boom",)


@pytest.mark.parametrize(
    ("arrays", "error", "message"),
    [
        (dict(ecg=np.array([Boom()], dtype=object), fs=250), ValueError, "allow_pickle"),
        (dict(ecg=ECG), ValueError, r"holds \['ecg'\]: expected ecg and fs"),
        (dict(ecg=ECG, fs=250, rate=3), ValueError, "expected ecg and fs"),
        (dict(ecg=ECG, fs=[250, 360]), ValueError, r"fs in a.npz has shape \(2,\)"),
        (dict(ecg=ECG, fs="fast"), TypeError, "fs='fast'"),
        (dict(ecg=ECG.reshape(2, -1), fs=250), ValueError, r"\(2, 6000\): expected one lead"),
        (dict(ecg=ECG.astype(str), fs=250), TypeError, "give an array of numbers"),
        (dict(ecg=ECG, fs=250, unit="adu"), ValueError, "'adu'"),
    ],
)
def test_a_bad_archive_says_why_and_nothing_of_it_runs(
    tmp_path, monkeypatch, arrays, error, message
):
    monkeypatch.chdir(tmp_path)
    np.savez("a.npz", **arrays)
    with pytest.raises(error, match=message):
        from_npz("a.npz")
    assert not Path("boom").exists()


def test_one_array_is_no_archive(tmp_path):
    np.save(tmp_path / "a.npy", ECG)
    with pytest.raises(ValueError, match=r"give from_signal\(np.load\(path\), fs\)"):
        from_npz(tmp_path / "a.npy")


# damaged files


@pytest.mark.filterwarnings("error::RuntimeWarning", "error::ResourceWarning")
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")  # a file left open
@pytest.mark.parametrize("name", ["rec.hea", "rec.dat", "rec.atr", "a.csv", "a.npz", "a.tsv"])
def test_a_damaged_file_gives_beats_or_one_error_of_ours(tmp_path, name):
    ecg, r, y = write(tmp_path, n=20, fmt=["212", "212"])
    np.savetxt(tmp_path / "a.csv", ecg, fmt="%.3f")
    np.savez(tmp_path / "a.npz", ecg=ecg, fs=250, r=r, y=np.array(["N", "V"])[y])
    np.savetxt(tmp_path / "a.tsv", np.c_[y, ecg.reshape(20, -1)[:, ::4]], fmt="%.3f")
    load = {
        "rec": lambda: from_wfdb(tmp_path / "rec"), "a.csv": lambda: from_csv(tmp_path / name, 250),
        "a.npz": lambda: from_npz(tmp_path / name), "a.tsv": lambda: from_ucr(tmp_path / name),
    }["rec" if name.startswith("rec") else name]  # fmt: skip
    good, outcomes = (tmp_path / name).read_bytes(), set()
    for seed in range(25):
        (tmp_path / name).write_bytes(bad := damaged(good, seed))
        before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
        try:
            outcomes.add(type(load()))
        except (ValueError, TypeError, FileNotFoundError) as error:
            where = error.__traceback__
            while where.tb_next:
                where = where.tb_next
            assert Path(where.tb_frame.f_code.co_filename).is_relative_to(ROOT / "ecgae_lib"), error
            outcomes.add(type(error))
        assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before, bad
    assert ValueError in outcomes


# the README, and real records


def test_the_readmes_own_record_becomes_a_pad(tmp_path, monkeypatch):
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("### Your own record")[1]
    code = re.search("```python\n(.*?)```", section, re.S)[1]
    assert len([line for line in code.splitlines() if line]) <= 6
    (tmp_path / "mitdb").mkdir()
    write(tmp_path / "mitdb", "106")
    monkeypatch.chdir(tmp_path)
    *lines, last = code.strip().splitlines()
    names = {}
    exec("\n".join(lines), names)
    pad = eval(last, names)
    assert "5 classes" in pad.summary() and isinstance(names["beats"], Beats)


@needs_mitdb
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("record", REAL)
def test_the_detector_on_real_records(record, sign):
    """Both rates at least 0.99 within 100 ms, flutter waves left out."""
    record = str(Path(MITDB) / str(record))
    signal, fields = wfdb.rdsamp(record, channel_names=["MLII"])
    marks = wfdb.rdann(record, "atr")
    flutter = marks.sample[np.array(marks.symbol) == "!"] / fields["fs"]
    truth = marks.sample[np.isin(marks.symbol, list("".join(EC57.values())))] / fields["fs"]
    found = from_signal(0.2 * sign * signal[:, 0], fields["fs"]).t
    found = found[[not (np.abs(flutter - t) < 0.3).any() for t in found]]
    inside = truth[(truth > 0.5) & (truth < len(signal) / fields["fs"] - 0.7)]
    assert sensitivity(inside, found) > 0.99 and sensitivity(found, truth) > 0.99


@needs_mitdb
@pytest.mark.parametrize("record", REAL)
def test_real_records_lie_on_their_peaks(record):
    """The class N of every record, inverted leads too: its mean beat is largest at 0 ms."""
    beats = from_wfdb(Path(MITDB) / str(record))
    mean = beats.x[beats.y == 0, 0].mean(dim=0)
    assert abs(beats.ms[mean.abs().argmax()]) < 4
    assert len(beats) > 1800 and set(beats.patient) == {str(record)}
    assert beats.before == beats_module.BEFORE
