"""What a WFDB header says, and whether it can be true."""

import re
from fractions import Fraction
from pathlib import Path

import wfdb

from ecgae_lib.expects import PATH
from ecgae_lib.loaders.signals import TO_MILLIVOLTS
from ecgae_lib.loaders.validation import readable

BYTES = {  # that one sample takes in each format; 8 holds differences: no part of it can be read
    "16": 2, "24": 3, "32": 4, "61": 2, "80": 1, "160": 2,
    "212": Fraction(3, 2), "310": Fraction(4, 3), "311": Fraction(4, 3),
}  # fmt: skip
COMPRESSED = ("508", "516", "524")
GAIN = re.compile(r"(?P<gain>[-+.\deE]*)(\((-?\d+)\))?(/(?P<unit>\S+))?")


def record_path(path):
    """The record's absolute path without a suffix.  Raises FileNotFoundError without a header."""
    path = Path(PATH("path", path)).absolute()
    if path.suffix in (".hea", ".dat", ".atr"):
        path = path.with_suffix("")
    if not path.with_name(f"{path.name}.hea").is_file():
        folder = path if path.is_dir() else path.parent
        there = sorted(file.stem for file in folder.glob("*.hea"))[:10]
        raise FileNotFoundError(
            f"no header {path}.hea, expected a .hea and a .dat file side by side: correct the name "
            f"or the folder; records in {folder}: {', '.join(there) or 'none'}"
        )
    return path


def rdheader(path):
    """The header, as wfdb.Record.  Raises ValueError if it is damaged or of several segments."""
    with readable(f"{path.name}.hea"):
        header = wfdb.rdheader(str(path))
        names = getattr(header, "seg_name", None)
        consistent = names or (header.n_sig == len(header.file_name) and header.n_sig > 0)
    if names:
        raise ValueError(
            f"{path.name} is in {len(names)} segments: give their paths as a list: {names[:5]}"
        )
    if not consistent:
        raise ValueError(f"{path.name}.hea is damaged: it does not describe all of its channels")
    return header


def channel_of(path, header, lead):
    """Number from 0, name, unit and length in samples of the channel of that name or number.

    Raises ValueError if it cannot be read in mV.
    """
    number = number_of(path, header.sig_name, lead)
    gain, unit = calibration(path, number)
    if not gain or unit not in TO_MILLIVOLTS:
        raise ValueError(
            f"channel {number} of {path.name} has gain {gain} per {unit!r}: it is in units of the "
            "converter, not mV, uV or V; correct the header, or read it with wfdb.rdrecord and "
            "give from_signal the voltages"
        )
    return number, header.sig_name[number] or str(number), unit, length_of(path, header, number)


def number_of(path, names, lead):
    """Which channel is meant.  Raises ValueError, with the names, if that is not clear."""
    if isinstance(lead, int) and 0 <= lead < len(names):
        return lead
    if names.count(lead) != 1:
        raise ValueError(
            f"no lead {lead!r} in {path.name}, or several: its leads are {names}; give the name "
            f"of one, or its number, 0 to {len(names) - 1}"
        )
    return names.index(lead)


def calibration(path, number):
    """Gain and unit as the header spells them; 0 where it is silent, which wfdb takes for 200."""
    text = path.with_name(f"{path.name}.hea").read_bytes().decode(errors="replace")
    lines = [line.split() for line in text.splitlines() if line.strip()]
    fields = [line for line in lines if not line[0].startswith("#")][1 + number]
    found = GAIN.match(fields[2]) if len(fields) > 2 else None
    with readable(f"{path.name}.hea"):
        return float(found["gain"] or 0) if found else 0.0, (found and found["unit"]) or "mV"


def length_of(path, header, number):
    """Samples of the channel.  Raises FileNotFoundError or ValueError unless all are there."""
    name, fmt = header.file_name[number], header.fmt[number]
    file = path.with_name(name)
    if not file.is_file():
        raise FileNotFoundError(f"no signals {file}: {path.name}.hea says that they are there")
    if fmt in COMPRESSED:
        return header.sig_len
    if fmt not in BYTES:
        raise ValueError(f"{path.name}.hea: format {fmt}, expected one of {[*BYTES, *COMPRESSED]}")
    together = [i for i, other in enumerate(header.file_name) if other == name]
    per_frame = sum(header.samps_per_frame[i] or 1 for i in together)
    size = file.stat().st_size - (header.byte_offset[number] or 0)
    there = int(size / (BYTES[fmt] * per_frame))
    if not header.sig_len:
        raise ValueError(
            f"{path.name}.hea does not say how long the record is: write the number of samples, "
            f"{there}, after the sampling rate in its first line"
        )
    if there < header.sig_len:
        raise ValueError(
            f"{name} is cut off: it holds {max(there, 0)} samples of each channel, the header "
            f"says {header.sig_len}. Fetch it anew"
        )
    if max(header.skew[i] or 0 for i in together) > header.fs:
        raise ValueError(f"{path.name}.hea is damaged: a channel is skewed by more than a second")
    return header.sig_len
