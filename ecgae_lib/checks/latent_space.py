"""Checks of notebook 9: places of the latent plane."""

import torch

from ecgae_lib.checks.exercise import Mistake, exercise, numbers
from ecgae_lib.checks.walks import MS, heights


def point(answer, most):
    """The answer as a place of the plane, (1, 2), at most `most` from the origin, or a Mistake."""
    z = numbers(answer)
    if z is None or z.size != 2:
        given = "something else" if z is None else f"{z.size} of them"
        raise Mistake(f"a point is asked for, two numbers (z1, z2); you give {given}")
    z = torch.tensor(z, dtype=torch.float32).reshape(1, 2)
    if not z.isfinite().all():
        raise Mistake("a point has two finite numbers: one of yours is none")
    if z.norm() > most:
        raise Mistake(f"this is {z.norm():.2f} from the origin, {most:g} are allowed")
    return z


@exercise(
    "Most of what lies there is wide: 80 of 83 wide training beats have their T wave turned "
    "over, and 28 of 314 narrow ones. How deep can it become where the QRS is still narrow?"
)
def negative_t(z, model):
    """A point at most 3 from the origin whose beat has a T wave of -0.2 mV or less."""
    with torch.no_grad():
        height = heights(model.decode(point(z, 3))[0].numpy(), MS)[0]
    if height > 0:
        told = f"the T wave there stands upright, {height:.2f} mV"
        return told, told + ". Let the map show the sign of the T wave"
    if height > -0.2:
        told = f"the T wave there is turned over, but only by {-height:.2f} mV"
        return told, told + ". Walk on in the direction in which it sank"


def coverage(z, model, x):
    """How many times as dense the clouds of all beats together are at z as the prior is."""
    with torch.no_grad():
        mu, logvar = (v.double() for v in model.encode(x))
    log_q = -0.5 * ((z - mu) ** 2 / logvar.exp() + logvar).sum(dim=1)
    return float(log_q.exp().mean() / (-0.5 * z.square().sum()).exp())


@exercise(
    "Of the codes that the prior draws one in four falls into such a hole: nobody taught the "
    "decoder what to draw there. Which beta of section 9.6 has the smallest holes?"
)
def hole_by_hand(z, model, x):
    """A point at most 1.5 from the origin with a tenth of the prior's density or less."""
    times = coverage(point(z, 1.5), model, x)
    far = "; the pad says *extrapolating* where even the nearest beat is far"
    if times >= 0.5:
        told = f"there the clouds are {times:.1f} times as dense as the prior: beats are near"
        return told, told + far
    if times > 0.1:
        told = f"there the clouds have {100 * times:.0f} % of the prior's density, at most 10 are"
        told += " allowed: you stand at the edge of a hole"
        return told, told + far


LETTERS = {  # what is told to whoever forgets a letter, or gives one too many
    "a": "the decoder gets each code back as it was: what does it draw of a beat?",
    "b": "the clouds and the prior are turned together; a prior that is round does not notice",
    "c": "the decoder turns (1, 0) back before it draws: where was that place?",
    "d": "what was told by the first axis is now told by the second",
    "e": "whoever was near on the old map is near on the new one",
}


@exercise(
    "So no training prefers one of the two maps, and what the first axis means is chance. An "
    "eighth of a turn would be another matter: which clouds can this encoder not lay aslant?"
)
def turned_plane(letters):
    """Which of five things change when the latent plane is turned by a quarter."""
    if not isinstance(letters, str | list | tuple | set) or not all(
        isinstance(letter, str) for letter in letters
    ):
        return "letters are asked for, as a text in quotes"
    given = {letter for letter in "".join(letters).lower() if letter not in " ,;"}
    if not given <= set(LETTERS):
        return "only the letters a to e are asked for"
    if given != set("cd"):
        wrong = sorted(given ^ set("cd"))
        return [f"think again about {letter}: {LETTERS[letter]}" for letter in wrong]
