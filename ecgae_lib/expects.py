"""What a function expects of its arguments, checked at its door before any work is done.

`@takes(length=whole(1))` above a function checks the argument `length` of every call.  A check
takes name and value, and returns the value as it is used, or raises TypeError or ValueError with
what was given, what is expected and what to do.
"""

import inspect
import os
from functools import wraps
from itertools import dropwhile
from math import inf
from numbers import Integral, Real

import numpy as np


def takes(**checks):
    """Check these arguments of every call of the function below, and its arguments' number.

    An axis that several of them name, such as "L" or "...", has to be equally long in all.
    """

    def decorate(function):
        signature = inspect.signature(function)

        @wraps(function)
        def checked(*args, **kwargs):
            given, lengths = signature.bind(*args, **kwargs), {}
            for name in [name for name in given.arguments if name in checks]:
                value = given.arguments[name]
                plain = value.item() if getattr(value, "ndim", None) == 0 else value  # a number
                given.arguments[name] = checks[name](name, plain, lengths)
            return function(*given.args, **given.kwargs)

        return checked

    return decorate


def whole(least, most=inf):
    """A whole number from `least` to `most`: an int, or what numpy or torch has for one."""
    return number(Integral, f"a whole number, such as {max(least, 1)}", least, most, -inf)


def real(least=-inf, most=inf, above=-inf):
    """A finite number from `least` to `most`, or above a bound; a float of Python, numpy, torch."""
    return number(Real, "a number", least, most, above)


def number(kind, words, least, most, above):
    """A check of a finite number of this kind."""
    bounds = f"at least {least}" if most == inf else f"{least} to {most}"
    bounds = f"more than {above}" if above > -inf else words if least == -inf else bounds

    def check(name, value, *_):
        if isinstance(value, bool) or not isinstance(value, kind):
            raise TypeError(f"{name}={value!r}: expected {words}")
        if not (least <= value <= most and value > above and abs(value) < inf):
            raise ValueError(f"{name}={value}: expected {bounds}" + ", and finite" * (kind is Real))
        return value

    return check


RATE = real(1, 100_000)  # Hz: without a bound, resampling would not end


def instance(types, words):
    """What is of one of these types."""

    def check(name, value, *_):
        if not isinstance(value, types):
            raise TypeError(f"{name} is {type(value).__name__}: expected {words}")
        return value

    return check


PATH = instance((str, os.PathLike), 'a path, such as "ecg.csv"')


def optional(check):
    """None, or what `check` takes."""
    return lambda name, value, *known: None if value is None else check(name, value, *known)


def array(*axes, integers=False, shortest=1):
    """A finite array with these axes, such as "N", "L"; a list or a tensor becomes one.

    An axis that is named by a number, "2", has this length; "..." stands for any others before, of
    which 1s in front do not count.  None that is named is shorter than `shortest`.
    """
    kind = "whole numbers" if integers else "numbers"

    def taken(name, value):
        try:
            value = value.detach().cpu().numpy() if hasattr(value, "detach") else np.asarray(value)
        except (TypeError, ValueError, RuntimeError) as error:  # rows of different lengths
            raise TypeError(f"{name} is no array, {error}: expected {kind}") from None
        value = value if value.size else value.astype(int)  # of no kind: its shape is refused
        if value.dtype.kind not in ("iu" if integers else "iuf"):
            raise TypeError(f"{name} holds {value.dtype}: expected {kind}")
        if not np.isfinite(value).all():
            raise ValueError(f"{name} holds NaN or infinity: leave it out or repair it first")
        return value

    return shaped(axes, kind, taken, shortest)


def tensor(*axes, bits=64):
    """A tensor of floats with these axes, as in `array`; its values are not looked at."""

    def taken(name, value):
        dtype = value.dtype if hasattr(value, "is_floating_point") else type(value).__name__
        if not getattr(dtype, "is_floating_point", False) or 8 * dtype.itemsize > bits:
            wanted = f"a float tensor of up to {bits} bits, such as beats.x or x.float()"
            raise TypeError(f"{name} is {dtype}: expected {wanted}")
        return value

    return shaped(axes, "a float tensor", taken)


def shaped(axes, kind, taken, shortest=1):
    """A check of the axes of what taken(name, value) makes of a value."""
    named, most = [axis for axis in axes if axis != "..."], inf if "..." in axes else 0
    fixed = {axis: (int(axis),) for axis in named if axis.isdigit()}

    def check(name, value, lengths=None):  # of axes, as other arguments have them
        value, lengths = taken(name, value), {} if lengths is None else lengths
        known, shape, spare = lengths | fixed, tuple(value.shape), value.ndim - len(named)
        found = {axis: (n,) for axis, n in zip(named, shape[max(spare, 0) :], strict=False)}
        found |= {"...": tuple(dropwhile(lambda n: n == 1, shape[:spare]))} if most else {}
        right = 0 not in shape and 0 <= spare <= most
        if not right or min(shape[spare:]) < shortest or found | known != known | found:
            wanted = ", ".join(str(n) for axis in axes for n in known.get(axis, [axis]))
            words = f"{kind} in the shape ({wanted}), each axis of {shortest} or more"
            raise ValueError(f"{name} has shape {shape}: expected {words}")
        lengths.update(found)
        return value

    return check
