"""WFDB records, the format of PhysioNet's databases."""

import os
from pathlib import Path

import numpy as np
import wfdb

from ecgae_lib.beats import SIGNAL_LENGTH, join
from ecgae_lib.loaders.signals import Recording, beats_of

AAMI = ("N", "S", "V", "F", "Q")
CLASS_OF = dict(zip("NLRBejnAaJSVErF/fQ?", "NNNNNNNSSSSVVVFQQQQ", strict=True))
DS1 = tuple(map(str, [
    101, 106, 108, 109, 112, 114, 115, 116, 118, 119, 122,
    124, 201, 203, 205, 207, 208, 209, 215, 220, 223, 230,
]))  # fmt: skip
DS2 = tuple(map(str, [
    100, 103, 105, 111, 113, 117, 121, 123, 200, 202, 210,
    212, 213, 214, 219, 221, 222, 228, 231, 232, 233, 234,
]))  # fmt: skip
SAME_PATIENT = {"202": "201"}


def from_wfdb(
    path, lead="MLII", *, start=0.0, stop=None, annotator="atr", patient=None,
    signal_length=SIGNAL_LENGTH,
):  # fmt: skip
    """Beats of one lead of a WFDB record, or of several records, in mV.

    path: of the record, with or without .hea, or a list of paths.
    lead: name of the channel.
    start, stop: the part to read, in s; None: to the end.
    annotator: suffix of the file that says where the beats are and of which of the five AAMI
    classes; None: a detector finds them, and they have no classes.
    patient: None takes the record's name.
    Returns Beats, x (M, 1, signal_length), t in s after the start of the record.
    """
    options = dict(lead=lead, start=start, stop=stop, annotator=annotator, patient=patient,
                   signal_length=signal_length)  # fmt: skip
    if isinstance(path, str | os.PathLike):
        return one_record(Path(path), **options)
    return join([one_record(Path(p), **options) for p in path])


def one_record(path, lead, start, stop, annotator, patient, signal_length):
    """`from_wfdb` of one record."""
    path = path.with_suffix("") if path.suffix == ".hea" else path
    header = wfdb.rdheader(str(path))
    if lead not in header.sig_name:
        raise ValueError(f"no lead {lead!r} in record {path.name}: it has {header.sig_name}")
    channel = header.sig_name.index(lead)
    fs = header.fs
    first = round(start * fs)
    last = header.sig_len if stop is None else min(round(stop * fs), header.sig_len)

    def read(a, b):
        record = wfdb.rdrecord(str(path), sampfrom=first + a, sampto=first + b, channels=[channel])
        return record.p_signal[:, 0]

    recording = Recording(read, last - first, fs, header.units[channel], first)
    r = y = None
    if annotator is not None:
        annotation = wfdb.rdann(str(path), annotator)
        beats = [(s, CLASS_OF[c]) for s, c in zip(annotation.sample, annotation.symbol, strict=True)
                 if c in CLASS_OF and first <= s < last]  # fmt: skip
        r = np.array([s for s, _ in beats]) - first
        y = np.array([c for _, c in beats])
    return beats_of(
        recording, r, y, AAMI, patient=patient or SAME_PATIENT.get(path.name, path.name),
        source=f"record {path.name}, lead {lead}", signal_length=signal_length,
    )  # fmt: skip
