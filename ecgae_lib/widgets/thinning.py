"""Which of very many beats a map shows, so that its page stays small and its marks apart."""

import numpy as np

MOST_SHOWN = 3000  # beats: about 2 MB of a page


def thinned(maps, y=None, keep=()):
    """Which beats are shown, and how many of all each of them stands for.

    maps: (N, 2) positions of all beats on each map, in sides of the map.  y: labels (N,) or None.
    keep: indices of beats that are shown in any case.
    Returns index (M,), rising, and counts (M,), which add up to N.  Up to `MOST_SHOWN` beats all
    are shown.  Of more every class gets the same room; a class that needs less is shown whole.
    Nothing is drawn by lot.
    """
    n = len(maps[0])
    if n <= MOST_SHOWN:
        return np.arange(n), np.ones(n, int)
    places = np.hstack(maps).astype("f4")
    classes = [np.arange(n)] if y is None else [np.flatnonzero(y == c) for c in np.unique(y)]
    room = shares([len(members) for members in classes], MOST_SHOWN)
    counts = np.zeros(n, int)
    for members, most in zip(classes, room, strict=True):
        first = np.flatnonzero(np.isin(members, keep))
        chosen, stand_for = farthest_first(places[members], most, first)
        counts[members[chosen]] = stand_for
    return np.flatnonzero(counts), counts[counts > 0]


def shares(sizes, most):
    """Room for `most` among classes of these sizes: the small ones whole, the others evenly."""
    room = [0] * len(sizes)
    for done, c in enumerate(np.argsort(sizes, kind="stable")):
        room[c] = min(sizes[c], (most - sum(room)) // (len(sizes) - done))
    return room


def farthest_first(points, most, first=()):
    """Start with `first`, then always take the point that is farthest from all taken ones.

    So outliers come first, and where many points lie close together few are taken.  No point that
    is left out is farther from a taken one than those are from each other; at most twice as far as
    the best choice of as many would leave it (Gonzalez 1985, doi:10.1016/0304-3975(85)90224-5).
    points: (N, D).  Returns the indices taken (M,), and of how many points each is the nearest.
    """
    taken, nearest = [], np.zeros(len(points), int)
    apart = np.full(len(points), np.inf)
    columns = points.T.copy()  # one after the other in memory: this takes all the time there is
    while len(taken) < max(most, len(first)):
        new = first[len(taken)] if len(taken) < len(first) else apart.argmax()
        if apart[new] == 0:  # all that is left lies on a taken one
            break
        squares = sum((column - column[new]) ** 2 for column in columns)
        nearest[squares < apart] = len(taken)
        np.minimum(apart, squares, out=apart)
        taken.append(new)
    return np.array(taken), np.bincount(nearest, minlength=len(taken))
