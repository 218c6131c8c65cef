"""Where the beats of a WFDB record are and what they are, from its annotation file."""

import re

import numpy as np
import wfdb

from ecgae_lib.loaders.validation import readable

AAMI = ("N", "S", "V", "F", "Q")
CLASS_OF = dict(zip("NLRBejnAaJSVErF/fQ?", "NNNNNNNSSSSVVVFQQQQ", strict=True))
NOTE = re.compile(rb"(.)[\xfc-\xff](?=## )", re.DOTALL)  # length and mark of a note on the file
KINDS = {  # of such notes, the rate and the begin and end of a list, in an order that wfdb reads
    "r": r"## time resolution: \d.*", "b": "## annotation type definitions",
    "e": "## end of definitions",
}  # fmt: skip


def annotations(path, header, annotator, first, last):
    """Positions of the beats after sample `first`, (N,), and their AAMI classes, (N,) str."""
    file = path.parent / f"{path.name}.{annotator}"
    if not file.is_file():
        raise FileNotFoundError(
            f"no annotations {file}: name another annotator, or let a detector find the beats "
            "with annotator=None"
        )
    check_file(file)
    with readable(file.name):
        found = wfdb.rdann(str(path), annotator)
        sample = np.round(found.sample * (header.fs / (found.fs or header.fs))).astype(int)
        beat = np.isin(found.symbol, list(CLASS_OF))
    check_samples(file.name, sample[beat], header.sig_len)
    beat &= (sample >= first) & (sample < last)
    if not beat.any():
        raise ValueError(
            f"{file.name} holds {len(sample)} annotations, none of them a beat between "
            f"{first / header.fs:.1f} s and {last / header.fs:.1f} s: read another part, or let "
            "a detector find the beats with annotator=None"
        )
    symbols = np.array(found.symbol)[beat]
    return sample[beat] - first, np.array([CLASS_OF[symbol] for symbol in symbols])


def check_file(file):
    """Raise ValueError where the file is cut off, or where its notes would hold wfdb for ever."""
    data = file.read_bytes()
    if data[-2:] != b"\0\0":
        raise ValueError(f"{file.name} is cut off: its end mark is missing. Fetch it anew")
    notes = [data[m.end() : m.end() + m[1][0]].decode("latin-1") for m in NOTE.finditer(data)]
    kinds = [[k for k, form in KINDS.items() if re.fullmatch(form, n)] or ["?"] for n in notes]
    if "".join(k for (k,) in kinds) not in ("", "r", "be", "rbe", "ber"):
        raise ValueError(f"{file.name} is damaged: its notes are {notes[:5]}")


def check_samples(name, sample, length):
    """Raise ValueError unless the beats are in the record, one after the other."""
    outside = ((sample < 0) | (sample >= length)).sum()
    backwards = (np.diff(sample) < 0).sum()
    if outside or backwards:
        raise ValueError(
            f"{name} is damaged or belongs to another record: {len(sample)} beats, "
            f"{outside} of them outside of the record, {backwards} before their predecessor"
        )
