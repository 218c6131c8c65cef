"""The exercises' checks: right answers pass, and each mistake is told by its name.

What students answer stands in `answers`, one table a lesson.
"""

import importlib
import pkgutil
import sys

import numpy as np
import pytest
import torch
from torch import nn

from ecgae_lib.checks import exercise, functions
from tests.unit import answers

TABLE = {}
for lesson in pkgutil.iter_modules(answers.__path__):
    TABLE |= importlib.import_module(f"{answers.__name__}.{lesson.name}").ANSWERS
RIGHT = [(check, a, of.given) for check, of in TABLE.items() for a in of.right]


def called(of):
    """Whether an exercise asks for a function."""
    return callable(of.right[0]) and not isinstance(of.right[0], nn.Module)


def named(check):
    return check.__name__


every_exercise = pytest.mark.parametrize("check, of", TABLE.items(), ids=map(named, TABLE))


@pytest.fixture
def reply(capsys):
    """Call a check as if for the first time; what it prints.  Nothing else may come out of it."""

    def told(check, answer, given=()):
        check.pressed.clear()
        assert check(answer, *given) is None
        return capsys.readouterr().out

    return told


@pytest.mark.parametrize("check, answer, given", RIGHT)
def test_right_answers_are_told_what_they_mean(check, answer, given, reply):
    told = reply(check, answer, given)
    assert told.startswith("Right. ") and len(told) > 50


@every_exercise
def test_wrong_answers_are_told_which_mistake_it_was(check, of, reply, monkeypatch):
    """Those of the answers, and all that stand in the tables against which these are held."""
    known, recognised = {}, exercise.recognised

    def spy(is_of, mistakes):
        known.update(mistakes)
        recognised(is_of, mistakes)

    for module in (exercise, functions, sys.modules[check.__module__]):
        monkeypatch.setattr(module, "recognised", spy, raising=False)
    for answer, words in of.wrong:
        told = reply(check, answer, of.given)
        assert told.startswith("Not yet: ") and words in told, (answer, told)
        assert "cannot read" not in told
    for hints, answer in list(known.items()):
        fraction = isinstance(answer, float) and not answer.is_integer()
        for form in [answer, float(f"{answer:.4g}")] if fraction else [answer]:
            assert reply(check, form, of.given) == f"Not yet: {exercise.hints_of(hints)[0]}\n"
    unnamed = sum(words == answers.UNNAMED for _, words in of.wrong)
    mistakes = len(known) + len(of.wrong)
    assert mistakes >= 12 and unnamed <= mistakes / 10


@every_exercise
def test_unanswered_exercises_are_no_mistakes(check, of, reply):
    def only_documented(*given):
        """What is to be done."""
        ...

    nothing = [..., *[lambda *given: ..., lambda *given: None, only_documented] * called(of)]
    for answer in nothing:
        assert reply(check, answer, of.given).startswith("Not answered yet")


def endless(*given):
    while True:
        pass


def prints(*given):
    print(42)


def forgets(*given):
    forgotten = 42  # noqa: F841, a student's


def changes(first, *given):
    functions.call(len, [])
    first += 1
    return first


HOSTILE = {
    endless: "not ended",
    prints: "`return`, not `print`",
    forgets: "gives nothing back",
    lambda *given: sys.exit(): "ends the program",
    lambda *given: [][1]: "IndexError",
    lambda *given: exec("raise KeyboardInterrupt"): "interrupted",
    lambda *given: exec("raise GeneratorExit"): "GeneratorExit",
    lambda *given: np.nan: "",
    lambda *given: float("inf"): "",
    lambda *given: "42": "",
    lambda *given: object(): "",
    lambda: 42: "TypeError",
    42: "a function",
    "42": "a function",
}


@pytest.mark.parametrize("answer, words", HOSTILE.items())
def test_no_function_breaks_a_check(answer, words, reply, monkeypatch):
    if answer is endless:  # a busy machine may well take that long for any of the others
        monkeypatch.setattr(functions, "SECONDS", 0.01)
    for check, of in TABLE.items():
        if called(of):
            told = reply(check, answer, of.given)
            assert told.startswith("Not yet: ") and words in told, check.__name__
            assert "cannot read" not in told, check.__name__


NONSENSE = [np.nan, np.inf, -1e300, "text", None, object(), {}, [], [[1, 2], 3], {1}, b"", 1j, len]
NONSENSE += [np.full(3, np.nan), torch.tensor([1.0, 2.0]), nn.Linear(1, 1), lambda: 1, True]


@every_exercise
def test_no_answer_breaks_a_check(check, of, reply):
    for answer in NONSENSE:
        assert reply(check, answer, of.given).startswith("Not yet: ")


def test_an_answer_that_changes_its_input_is_told_so_and_spoils_nothing(reply):
    for check, of in TABLE.items():
        if called(of):
            right = of.right[0]

            def in_place(first, *given, right=right):
                result = right(first, *given)
                if isinstance(first, np.ndarray | torch.Tensor):
                    first -= 1
                return result

            told = reply(check, in_place, of.given)
            assert told.startswith("Right. ") or "changes what it is given" in told
            assert reply(check, right, of.given).startswith("Right. ")


def test_a_second_press_gives_a_stronger_hint(capsys):
    @exercise.exercise("Well done.")
    def four(answer):
        if answer != 4:
            return ("not 4", "2 + 2") if answer == 5 else "far off"

    for answer in (5, 5, 5, 9, 9, 4):
        four(answer)
    hints = ["not 4", "2 + 2", "2 + 2", "far off", "far off"]
    said = [*(f"Not yet: {hint}" for hint in hints), "Right. Well done."]
    assert capsys.readouterr().out.splitlines() == said


def test_a_long_result_is_told_where_it_differs_and_then_how():
    at_4 = np.arange(9) == 4
    with pytest.raises(exercise.Mistake) as told:
        functions.compare(lambda x: x, lambda x: x + at_4, [(np.zeros(9),)], "Nine, please", {})
    gentle, strong = told.value.args
    assert gentle.endswith("(4,)") and strong == f"{gentle}: it is 0, where 1 is right"
