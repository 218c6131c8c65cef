"""What every part of the bench gives: rows, each with a rival measured in the same run."""

import time
from typing import NamedTuple


class Row(NamedTuple):
    what: str
    ours: float
    theirs: float
    unit: str
    rival: str

    @property
    def ratio(self):
        """How many times as good ours is: of redraws more is better, of all else less."""
        return self.ours / self.theirs if self.unit == "per s" else self.theirs / self.ours


def table(parts):
    """{part: rows} as one Markdown table, columns aligned."""
    lines = [("part", "what", "ours", "rival's", "ratio", "unit", "rival")]
    for part, rows in parts.items():
        for name, row in zip([part, *[""] * len(rows)], rows, strict=False):
            numbers = map(short, (row.ours, row.theirs, row.ratio))
            lines.append((name, row.what, *numbers, row.unit, row.rival))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(map(str.ljust, line, widths))} |" for line in lines)


def short(value):
    """Three digits, and no power of ten where a whole number will do."""
    return f"{value:.0f}" if 1000 <= value < 1e6 else f"{value:.3g}"


def seconds(function, *arguments, clock=time.perf_counter):
    """How long one call takes, and what it returns."""
    start = clock()
    result = function(*arguments)
    return clock() - start, result
