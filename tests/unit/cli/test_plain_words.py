"""Words that are plain are read as the library of the command line reads them."""

import inspect

import pytest

from modeq.cli import main
from modeq.cli.app import answer
from modeq.cli.derivation import print_derivation
from modeq.cli.derive import derive
from modeq.cli.plain_words import plain_words

PLAIN = [
    ["gd"],
    ["gd", "--order", "4"],
    ["--latex", "heavy-ball", "--order", "2"],
    ["heavy-ball", "--beta", "0.9", "--notation", "trees", "--principal"],
    ["adam", "--order", "1", "--beta1", "0.9"],
]


@pytest.mark.parametrize("words", PLAIN, ids=" ".join)
def test_both_readers_print_the_same(words, capsys):
    assert plain_words(print_derivation, words) is not None
    assert main(["derive", *words]) == 0
    plain = capsys.readouterr()
    assert answer(["derive", *words]) == 0
    assert plain.out == capsys.readouterr().out
    assert plain.out


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["gd", "gd"],
        ["gd", "--help"],
        ["gd", "-h"],
        ["gd", "--order"],
        ["gd", "--order", "three"],
        ["gd", "--order", "-1"],
        ["gd", "--order=3"],
        ["gd", "--ordre", "3"],
        ["gd", "--order", "3", "--order", "4"],
        ["gd", "--beta", "--latex"],
        ["--", "gd"],
    ],
    ids=" ".join,
)
def test_what_is_not_plain_is_left_to_the_library(words):
    assert plain_words(print_derivation, words) is None


def test_both_readers_know_the_same_options_and_defaults():
    def defaults(function):
        return {name: parameter.default for name, parameter in inspect.signature(function).parameters.items()}

    assert defaults(derive) == defaults(print_derivation)
