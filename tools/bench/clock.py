"""What every part of the bench uses: a clock and a table."""

import time


def table(header, rows):
    """Print rows of text and numbers under a header, columns aligned."""
    lines = [header, *([v if isinstance(v, str) else f"{v:.4g}" for v in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(map(str.ljust, line, widths)).rstrip())
    print()


def seconds(function, *arguments, clock=time.perf_counter):
    """How long one call takes, and what it returns."""
    start = clock()
    result = function(*arguments)
    return clock() - start, result
