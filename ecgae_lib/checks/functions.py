"""Answers that are functions: called under guard, and compared with a slow and obvious one."""

import contextlib
import ctypes
import dis
import io
import pickle
import threading
import traceback
from copy import deepcopy

import numpy as np
import torch
from torch import nn

from ecgae_lib.checks.exercise import Mistake, Unanswered, agrees, numbers, recognised, values

SECONDS = 5  # that one call of an answer may take


class TimeUp(BaseException):
    """A call took too long; not an Exception, since an answer may catch every Exception."""


def call(function, *arguments, none_is_fine=False, patience=1):
    """Return function(*arguments), called as an answer is: on copies, and not for ever.

    patience: how many times SECONDS it may take.
    Raises Unanswered for an empty body, and Mistake for whatever else keeps it from a result.
    """
    if not callable(function):
        raise Mistake(f"a function is asked for, this is of the type {type(function).__name__}")
    copies = [a if isinstance(a, nn.Module) else deepcopy(a) for a in arguments]
    before, printed = pickle.dumps(copies), io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), at_most(patience * SECONDS):
            result = function(*copies)
    except BaseException as error:  # an answer may raise whatever it likes: the kernel lives
        raise Mistake(what_happened(error)) from None
    if result is ... or (result is None and is_empty(function)):
        raise Unanswered
    if result is None and not none_is_fine:
        raise Mistake(NOT_RETURNED[bool(printed.getvalue())])
    if pickle.dumps(copies) != before:
        raise Mistake("your function changes what it is given: work on a copy")
    return result


NOT_RETURNED = {
    True: "your function prints its result, the check needs it back: write `return`, not `print`",
    False: "your function gives nothing back: every way through it has to end with a `return`",
}


def is_empty(function):
    """Whether the body of a function is `...`, `pass`, or a docstring alone."""
    try:
        steps = {step.opname for step in dis.get_instructions(function)}
    except TypeError:  # a builtin
        return False
    return steps <= {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}


def what_happened(error):
    """One sentence about what an answer raised."""
    if isinstance(error, TimeUp):
        return "your function has not ended in time: does its loop ever stop?"
    if isinstance(error, SystemExit):
        return "your function ends the program: let it `return` its result instead"
    if isinstance(error, KeyboardInterrupt):
        return "the check was interrupted before your function ended"
    at = [frame.line for frame in traceback.extract_tb(error.__traceback__)][1:2]
    said, *_ = [*str(error).splitlines(), ""]  # torch's go on for many lines
    if "dtype" in said and "Double" in said:
        said += ": numpy computes in double precision, models in single; z.float() is single"
    return f"your function raised {type(error).__name__}: {said} (at `{' '.join(at)}`)"


@contextlib.contextmanager
def at_most(seconds):
    """Raise TimeUp in this thread if the block takes longer; signals would not do on Windows."""
    thread, lock, running = threading.get_ident(), threading.Lock(), [True]

    def stop():
        with lock:
            if running:
                raise_in(ctypes.c_ulong(thread), ctypes.py_object(TimeUp))

    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    timer = threading.Timer(seconds, stop)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        with lock:
            running.clear()


def compare(answer, reference, cases, what, mistakes, rtol=1e-4):
    """Raise the Mistake that tells `answer` from `reference`, on whichever case it shows.

    reference: a slow and obvious function; cases: lists of arguments; what: a sentence that says
    what is asked for; mistakes: {hint or hints: a function that makes this mistake}.
    """
    given = [call(answer, *case) for case in cases]

    def is_of(function):
        made = (result_of(function, case) for case in cases)
        return all(agrees(g, m, rtol) for g, m in zip(given, made, strict=True))

    if is_of(reference):
        return
    recognised(is_of, mistakes)
    for g, case in zip(given, cases, strict=True):
        right = result_of(reference, case)
        got = values(g, right.shape, what)
        if not agrees(got, right, rtol):
            raise Mistake(*difference(f"{what}. For {shown(case)}", got, right, rtol))


def difference(told, got, right, rtol):
    """Two hints: what is returned, and what is right; of a large array at one place that is not."""
    if right.size > 6:
        at = tuple(int(i) for i in np.argwhere(~np.isclose(got, right, rtol=rtol, atol=1e-8))[0])
        told, got, right = f"{told} your result is not right at the index {at}", got[at], right[at]
        return told, f"{told}: it is {got:.4g}, where {right:.4g} is right"
    told = f"{told} you return {brief(got)}"
    return told, f"{told}, where {brief(right)} is right"


def result_of(function, case):
    """What a function of ours, right or wrong, makes of a case; None where it can make nothing."""
    try:
        return numbers(function(*deepcopy(case)))
    except (TypeError, ValueError, IndexError, RuntimeError, ArithmeticError):
        return None


def shown(case):
    """The arguments of a case, short enough for a sentence."""
    return ", ".join(brief(argument) for argument in case)


def brief(value):
    """A number or a short list as it is, anything longer by its shape, a model as one."""
    if isinstance(value, nn.Module):
        return "a model"
    if isinstance(value, torch.Tensor):
        value = value.detach().numpy()
    if np.size(value) > 6:
        return f"an array of shape {np.shape(value)}"
    return f"{value:.4g}" if isinstance(value, float) else str(np.round(value, 4).tolist())
