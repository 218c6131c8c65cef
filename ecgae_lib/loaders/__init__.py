"""Your own ECG as Beats: from arrays, WFDB records, tables of numbers, NumPy and UCR files."""

from ecgae_lib.loaders.annotations import AAMI
from ecgae_lib.loaders.records import DS1, DS2, from_wfdb
from ecgae_lib.loaders.signals import from_signal
from ecgae_lib.loaders.tables import from_csv, from_npz, from_ucr
