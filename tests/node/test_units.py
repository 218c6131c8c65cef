"""How the pages write the numbers of a signal."""

import pytest

from tests.node.run import in_node, needs_node

pytestmark = needs_node
MINUS = "\u2212"
# unit, origin, range, last ms -> labels of time and signal, of a curve of errors, and numbers
UNITS = {
    ("mV", "R peak", 3.0, 450): (
        "time after R peak [ms]", "voltage [mV]", "error [10⁻³ mV²]", "1.23 mV", "0.0012 mV²",
        "46 ms", 1.23456,
    ),
    ("", "start of the series", 5.0, 139_000): (
        "time after start of the series [s]", "signal", "error", "1.23", "0.0012", "0.0 s",
        0.00123456,
    ),
    ("µV", "R peak", 3000.0, 450): (
        "time after R peak [ms]", "voltage [µV]", "error [µV²]", "1 µV", "0 µV²", "46 ms",
        0.00123456,
    ),
    ("V", "R peak", 0.003, 450): (
        "time after R peak [ms]", "voltage [V]", "error [V²]", "1.23456 V", "0.0012345600 V²",
        "46 ms", 0.00123456,
    ),
    ("m/s", "start", 5.0, 450): (
        "time after start [ms]", "signal [m/s]", "error [(m/s)²]", "1.23 m/s", "0.0012 (m/s)²",
        "46 ms", 0.00123456,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("unit", "origin", "height", "last"), UNITS)
def test_a_signal_is_written_in_its_unit(unit, origin, height, last):
    beats = dict(unit=unit, origin=origin, ms=[0, 1, last], range=[0, height])
    *texts, on_curve = UNITS[unit, origin, height, last]
    assert in_node("units.mjs", dict(beats=beats, value=1.23456, error=0.00123456)) == [
        *texts,
        pytest.approx(on_curve),
    ]
