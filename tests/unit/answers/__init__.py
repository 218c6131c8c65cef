"""What students answer, one table a lesson."""

from dataclasses import dataclass

UNNAMED = ""  # in place of a hint's words: a mistake that nobody has foreseen


@dataclass
class Answers:
    """right: answers; wrong: pairs (answer, words of the hint); given: what the check takes too."""

    right: list
    wrong: list
    given: tuple = ()
