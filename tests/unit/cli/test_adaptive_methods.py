"""Adaptive methods on the command line."""

import pytest

import modeq as mq
from modeq.cli.methods import named_method, numeric_method


def test_parameters_that_are_not_given_stay_symbolic():
    assert named_method("adam", beta1="0.9").parameters == ("beta2", "epsilon")


def test_a_run_takes_the_usual_numbers_for_what_is_not_given():
    assert numeric_method("adam", None, beta2="0.99") == mq.Adam(0.9, 0.99, 1e-8)


def test_a_parameter_of_another_method_is_refused():
    with pytest.raises(ValueError, match="RMSProp has no parameter beta1; leave out --beta1"):
        named_method("rmsprop", beta1="0.9")
