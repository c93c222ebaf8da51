"""Scaling of deep networks at their start against closed forms."""

import numpy as np
import pytest

from modeq.depth import scaling


@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_independent_weights_grow_as_the_closed_form_says(activation):
    found = scaling((16, 64), beta=0.5, width=8, draws=400, activation=activation)
    assert (np.abs(found.mean - found.closed) < 1.5 * found.half_width).all()


def test_beyond_the_critical_exponent_layers_do_nothing():
    found = scaling((16, 256), beta=1.0, width=8, draws=20)
    assert found.regime.startswith("identity")
    assert found.mean[1] < 0.2 * found.mean[0]


@pytest.mark.parametrize(("weights", "beta"), [("smooth", 1.0), ("correlated", 0.75)])
def test_weights_with_correlation_have_a_larger_critical_exponent(weights, beta):
    found = scaling((16, 64), beta=beta, width=8, draws=100, weights=weights, amplitude=0.1, seed=1)
    assert found.regime.startswith("critical")
    assert (np.abs(found.mean - found.closed) < 2 * found.half_width).all()


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="unknown weights 'iid'; known: independent, correlated, smooth"):
        scaling(beta=1.0, weights="iid")
    with pytest.raises(ValueError, match="'relu' and 'identity', got 'tanh'"):
        scaling(beta=1.0, activation="tanh")
