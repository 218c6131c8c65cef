"""WFDB records, the format of PhysioNet's databases, read from files, never from the network."""

from collections.abc import Iterator

import wfdb

from ecgae_lib.beats import SIGNAL_LENGTH, join
from ecgae_lib.expects import optional, real, takes
from ecgae_lib.loaders.annotations import AAMI, annotations
from ecgae_lib.loaders.headers import channel_of, rdheader, record_path
from ecgae_lib.loaders.signals import Recording, beats_of
from ecgae_lib.loaders.validation import ECG_RATE, NAME, TEXT, readable

DS1 = tuple(map(str, [
    101, 106, 108, 109, 112, 114, 115, 116, 118, 119, 122,
    124, 201, 203, 205, 207, 208, 209, 215, 220, 223, 230,
]))  # fmt: skip
DS2 = tuple(map(str, [
    100, 103, 105, 111, 113, 117, 121, 123, 200, 202, 210,
    212, 213, 214, 219, 221, 222, 228, 231, 232, 233, 234,
]))  # fmt: skip
SAME_PATIENT = {"202": "201"}  # two records of one man: DS1 holds one of them, DS2 the other


@takes(
    lead=NAME, start=real(0), stop=optional(real()), annotator=optional(TEXT),
    patient=optional(NAME),
)  # fmt: skip
def from_wfdb(
    path, lead="MLII", *, start=0.0, stop=None, annotator="atr", patient=None,
    signal_length=SIGNAL_LENGTH,
):  # fmt: skip
    """Beats of one lead of a WFDB record, or of several records, in mV.

    path: of the record, with or without a suffix, "mitdb/106" or "mitdb/106.hea"; or a list.
    lead: name of the channel; its number, from 0, where names are missing or double.
    start, stop: the part to read, in s after the start of the record; None: to its end.
    annotator: suffix of the file that says where the beats are and of which class; what is no
    beat is dropped.  None: a detector finds the beats, and they have no classes.
    patient: whose heart it is; None takes the name of the record (201 for 202: one patient).
    Returns Beats as `from_signal` does; t in s after the start of the record; class_names are
    the five of ANSI/AAMI EC57 as grouped by de Chazal et al. 2004, doi:10.1109/TBME.2004.827359:
    N (normal, bundle branch block, escape), S (supraventricular ectopic), V (ventricular
    ectopic), F (fusion of both), Q (paced or unknown).  DS1 and DS2 are their two sets of records.
    The record is read in blocks, no file is changed, and nothing is downloaded.
    Raises FileNotFoundError for a missing file, ValueError for a damaged one, for a lead that is
    not there, a unit other than mV, uV or V, a missing gain, NaN, and where there is no beat.
    """
    if isinstance(path, list | tuple | Iterator):
        options = dict(start=start, stop=stop, annotator=annotator, patient=patient)
        return join([from_wfdb(p, lead, **options, signal_length=signal_length) for p in path])
    path = record_path(path)
    header = rdheader(path)
    number, name, unit, length = channel_of(path, header, lead)
    first, last = part(header, start, stop, length)

    def read(start, stop):
        part = dict(sampfrom=first + start, sampto=first + stop, channels=[number])
        with readable(f"{path.name}.dat"):
            return wfdb.rdrecord(str(path), **part).p_signal[:, 0]

    r, y = (None, None) if annotator is None else annotations(path, header, annotator, first, last)
    return beats_of(
        Recording(read, last - first, header.fs, unit, first),
        r, y, None if annotator is None else AAMI,
        patient=patient or SAME_PATIENT.get(path.name, path.name),
        source=f"record {path.name}, lead {name}", signal_length=signal_length,
    )  # fmt: skip


def part(header, start, stop, length):
    """The samples between start and stop, both in s.  Raises ValueError unless there are some."""
    ECG_RATE("fs", header.fs)
    seconds = length / header.fs
    end = seconds if stop is None else stop
    if not 0 <= start < min(end, seconds):
        raise ValueError(
            f"start={start}, stop={stop}: expected 0 <= start < stop, in s; the record lasts "
            f"{seconds:.1f} s"
        )
    return round(start * header.fs), min(round(end * header.fs), length)
