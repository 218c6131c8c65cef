"""ECG in text files and NumPy archives, and the series of the UCR archive."""

import array
import csv
import re
from contextlib import contextmanager
from math import isfinite
from pathlib import Path

import numpy as np
import torch

from ecgae_lib.beats import SIGNAL_LENGTH, Beats
from ecgae_lib.expects import PATH, optional, real, takes
from ecgae_lib.loaders.signals import from_signal
from ecgae_lib.loaders.validation import ECG_RATE, NAME, TEXT, readable

LOOK_AT = 10_000  # rows that tell whether a column is a time
TICKS = np.array([1, 1e3, 1e6])  # in a second: s, ms, µs
NPZ_KEYS = ("ecg", "fs", "r", "y", "class_names", "patient", "unit")


@takes(
    path=PATH, fs=ECG_RATE, column=NAME, decimal=TEXT,
    delimiter=optional(TEXT), source=optional(TEXT),
)  # fmt: skip
def from_csv(path, fs, column=0, *, delimiter=None, decimal=".", source=None, **options):
    """Beats of one column of a text file with one sample a row: see `from_signal`.

    fs: sampling rate in Hz.
    column: its number, from 0, or its name in the first row.
    delimiter: None takes the first of tab, ";" and "," that stands in the first row.
    decimal: "," where the numbers are written 0,25; then no comma is a delimiter.
    options: r, y, class_names, patient, unit and signal_length of `from_signal`.
    Raises FileNotFoundError; ValueError, with the row, where something is no number or missing,
    where the column holds times, not voltages, and where the first one holds times and fs is wrong.
    """
    path = existing(path)
    if decimal not in (".", ",") or len(delimiter or " ") != 1 or delimiter == decimal:
        raise ValueError(f'{decimal=}, {delimiter=}: expected "." or ",", and one other sign')
    with opened(path) as lines:
        ecg, clock = column_of(path.name, lines, column, delimiter, decimal)
    check_clock(path.name, clock, fs)
    return from_signal(ecg, fs, source=source or path.name, **options)


@takes(path=PATH, source=optional(TEXT))
def from_npz(path, *, source=None, signal_length=SIGNAL_LENGTH):
    """Beats of the arrays in an .npz file, that is numpy.savez(path, ecg=ecg, fs=fs, ...).

    Its keys are `ecg` (T,) and `fs`, and, if you like, `r`, `y`, `class_names`, `patient` and
    `unit`: see `from_signal`.  Pickled objects are refused, so that nothing in a file can run.
    Raises FileNotFoundError; ValueError for anything but such a file.
    """
    path = existing(path)
    fields = npz_arrays(path)
    for name in {"fs", "patient", "unit"} & set(fields):
        if fields[name].ndim:
            raise ValueError(f"{name} in {path.name} has shape {fields[name].shape}: expected one")
        fields[name] = fields[name].item()
    if "class_names" in fields:
        fields["class_names"] = tuple(fields["class_names"].astype(str).ravel().tolist())
    return from_signal(**fields, source=source or path.name, signal_length=signal_length)


@takes(path=PATH, fs=optional(real(above=0)), source=optional(TEXT))
def from_ucr(path, *, fs=None, source=None):
    """The series of a file of the UCR archive as Beats, without a unit: they are standardised.

    Each row is a label and then the samples, with tabs, commas or spaces between; the .ts
    format, label last after a colon, is read too.
    fs: sampling rate in Hz, which the files do not say; None lets a series last one second.
    Returns Beats, x (N, 1, L), t the number of each series, t = 0 of a series its first sample.
    Raises FileNotFoundError; ValueError, with the row, where something is no number or missing.
    """
    path = existing(path)
    with opened(path) as lines:
        x, labels = series_of(path.name, lines)
    names = sorted(set(labels), key=by_number)
    return Beats(
        x=torch.tensor(x, dtype=torch.float32)[:, None],
        y=torch.tensor([names.index(label) for label in labels]),
        class_names=tuple(names),
        t=np.arange(len(x), dtype=float),
        fs=len(x[0]) if fs is None else fs,
        source=source or path.name,
        unit="",
        origin="start of the series",
        before=0,
    )


def existing(path):
    """The path of a file.  Raises FileNotFoundError."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no file {path.absolute()}: give the path of one that is there")
    return path


@contextmanager
def opened(path):
    """Its lines.  Raises ValueError where it is no text."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield lines
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(
            f'{path.name} is no text file with numbers: save it as "CSV UTF-8" ({error})'
        ) from None


def is_number(text):
    """Whether `float` understands it."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def number(name, row, text, decimal="."):
    """The number that stands in that row of the file.  Raises ValueError, with what to do."""
    try:
        return float(text.replace(decimal, "."))
    except ValueError:
        advice = "names may stand in row 1 alone; where samples are missing, cut the file there"
        advice = 'a decimal comma is read with decimal=","' if "," in text else advice
        raise ValueError(f"row {row} of {name}: {text[:40]!r} is no number: {advice}") from None


def column_of(name, lines, column, delimiter, decimal):
    """The numbers of one column, (T,), and what stands in the first one beside it, as texts.

    Raises ValueError, with the row, if one is missing.
    """
    head = lines.readline()
    signs = "\t;," if decimal == "." else "\t;"
    delimiter = delimiter or next((sign for sign in signs if sign in head), signs[-1])
    names = [text.strip(" '") for text in next(csv.reader([head], delimiter=delimiter), [])]
    column = names.index(column) if column in names else column
    if not isinstance(column, int) or not 0 <= column < len(names):
        raise ValueError(
            f"no column {column!r} in {name}: its first row is {names[:20]}; give a name that "
            "stands there or its number, from 0, and delete what stands above the names"
        )
    first = names[column].replace(decimal, ".")
    values, clock = array.array("d", [float(first)] if is_number(first) else []), []
    for row, fields in enumerate(csv.reader(lines, delimiter=delimiter), 2):
        if fields and len(fields) != len(names):
            raise ValueError(
                f"row {row} of {name} has {len(fields)} columns, row 1 {len(names)}: columns end "
                f'at {delimiter!r}; numbers written 0,25 are read with decimal=","'
            )
        if fields:
            values.append(number(name, row, fields[column], decimal))
        if fields and column and len(clock) < LOOK_AT:
            clock.append(fields[0].replace(decimal, "."))
    check_column(name, names, column, np.frombuffer(values))
    return np.frombuffer(values), clock


def check_column(name, names, column, ecg):
    """Raise ValueError where a column is no voltage: it only rises, or a comma has cut it."""
    ecg = ecg[:LOOK_AT]
    if len(ecg) > 2 and (np.diff(ecg) > 0).all():
        raise ValueError(
            f"column {column} of {name} rises with every row, as time does: say which column "
            f"holds the voltage, column=...; the first row is {names[:20]}"
        )
    if len(names) == 2 and is_number(names[0]) and (np.signbit(ecg) & (ecg == 0)).any():
        raise ValueError(
            f'{name} holds -0 before a comma: its numbers seem to be written -0,25; say decimal=","'
        )


def check_clock(name, clock, fs):
    """Raise ValueError where the first column rises as time does, but not fs times a second.

    It may be in s, ms or µs, or count the samples; 100 rows tell a rate, however it is rounded.
    """
    if len(clock) < 100 or not all(map(is_number, clock)):
        return
    steps = np.diff(np.array(clock, dtype=float))
    if (steps > 0).all() and not np.isclose(steps.mean(), [1, *TICKS / fs], rtol=0.02).any():
        raise ValueError(
            f"the first column of {name} rises by {steps.mean():.4g} a row, as time does, and "
            f"fs={fs} says by {1 / fs:.4g} s: correct fs, or delete that column"
        )


def npz_arrays(path):
    """The arrays of an .npz file by name.  Raises ValueError for another file, or other names."""
    with path.open("rb") as file:  # np.load would leave a damaged one open
        with readable(path.name):
            archive = np.load(file, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ValueError(f"{path.name} is one array: give from_signal(np.load(path), fs)")
        if not {"ecg", "fs"} <= set(archive.files) <= set(NPZ_KEYS):
            raise ValueError(
                f"{path.name} holds {archive.files[:20]}: expected ecg and fs, and of "
                f"{', '.join(NPZ_KEYS[2:])} those that you know"
            )
        with readable(path.name):
            return {name: np.asarray(archive[name]) for name in archive.files}


def series_of(name, lines):
    """The samples of all rows (N, L), and their labels."""
    x, labels = [], []
    for row, line in enumerate(lines, 1):
        if line.strip() and line[0] not in "@#":
            label, fields = label_and_samples(line.strip())
            x.append([number(name, row, field) for field in fields])
            labels.append(label_name(name, row, label))
            check_series(name, row, x)
    if not x:
        raise ValueError(f"{name} holds no series")
    return x, labels


def label_and_samples(line):
    """What a row says: label and samples, first or, in .ts after a colon, last."""
    samples, colon, label = line.rpartition(":")
    if colon:
        return label, samples.split(",")
    label, *samples = re.split(r"[\s,]+", line)
    return label, samples


def label_name(name, row, label):
    """ "1" for 1.0000000e+00, words as they are.  Raises ValueError for a number such as 0.37."""
    if not is_number(label):
        return label
    if not float(label).is_integer():
        raise ValueError(
            f"row {row} of {name} has the label {label}: expected a whole number or a word, then "
            "the samples"
        )
    return str(int(float(label)))


def by_number(label):
    """Sorts -1, 2, 10 before words."""
    return (0, float(label), "") if is_number(label) else (1, 0.0, label)


def check_series(name, row, x):
    """Raise ValueError unless the last of x is as long as the first, and finite."""
    if len(x[-1]) != len(x[0]) or len(x[0]) < 2:
        raise ValueError(
            f"row {row} of {name} has {len(x[-1])} samples, the first series {len(x[0])}: "
            "expected as many in each, two at least"
        )
    if not all(map(isfinite, x[-1])):
        raise ValueError(f"row {row} of {name} holds NaN or infinity")
