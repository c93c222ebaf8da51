"""Activation functions of neural networks, entry by entry on NumPy arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from .lookup import lookup

Activation = Callable[[Any], Any]


def tanh(x: Any) -> Any:
    """Tanh x.

    Examples
    --------
    >>> float(tanh(0.0))
    0.0
    """
    return np.tanh(x)


def sigmoid(x: Any) -> Any:
    """1/(1 + exp(−x)).

    Examples
    --------
    >>> float(sigmoid(0.0))
    0.5
    """
    from scipy.special import expit

    return expit(x)


def softplus(x: Any) -> Any:
    """log(1 + exp x), without overflow; smooth, and close to relu away from 0.

    References
    ----------
    C. Dugas, Y. Bengio, F. Bélisle, C. Nadeau, R. Garcia, *Incorporating second-order functional knowledge for better
    option pricing*, NIPS 2000.

    Examples
    --------
    >>> float(softplus(1000.0))
    1000.0
    """
    return np.logaddexp(x, 0.0)


def gelu(x: Any) -> Any:
    """x·Φ(x) with the distribution function Φ of the standard normal distribution; exact, not the approximation by tanh.

    References
    ----------
    D. Hendrycks, K. Gimpel, *Gaussian error linear units (GELUs)*, arXiv 1606.08415.

    Examples
    --------
    >>> round(float(gelu(1.0)), 6)  # Φ(1)
    0.841345
    """
    from scipy.special import erf

    return 0.5 * x * (1.0 + erf(x * (1.0 / math.sqrt(2.0))))


def relu(x: Any) -> Any:
    """max(x, 0), with a kink at 0: series in the step size hold as long as no sample crosses it.

    References
    ----------
    V. Nair, G. E. Hinton, *Rectified linear units improve restricted Boltzmann machines*, ICML 2010.

    Examples
    --------
    >>> relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    return np.maximum(x, 0.0)


def identity(x: Any) -> Any:
    """X itself: the network is linear in its inputs.

    Examples
    --------
    >>> identity(2.0)
    2.0
    """
    return x


ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {"tanh": tanh, "sigmoid": sigmoid, "softplus": softplus, "gelu": gelu, "relu": relu, "identity": identity}
)
"""The activations by name."""


def activation(choice: str | Activation) -> Activation:
    """Return an activation by its name, or the user's own function after a trial on an array.

    Parameters
    ----------
    choice
        A name of `ACTIVATIONS`, or a function of NumPy arrays that works entry by entry.

    Raises
    ------
    TypeError, ValueError
        If the name is unknown, or the function cannot work on arrays or changes their shape.

    Examples
    --------
    >>> activation("relu")(np.array([-1.0, 2.0]))
    array([0., 2.])
    >>> activation(np.sin)
    <ufunc 'sin'>
    """
    if not callable(choice):
        return lookup(ACTIVATIONS, choice, "activation")
    name = activation_name(choice)
    trial = np.array([[-0.5, 0.25, 0.75], [-0.25, 0.5, 1.0]])
    try:
        with np.errstate(all="ignore"):  # outside its domain the value may be NaN; only the shape counts here
            shape = np.shape(choice(trial))
    except Exception as error:
        raise ValueError(
            f"the activation {name} must work on arrays, entry by entry, but raised {type(error).__name__}: {error}; "
            "write it with NumPy functions, such as lambda x: x * np.tanh(x)"
        ) from error
    if shape != trial.shape:
        raise ValueError(f"the activation {name} must keep the shape of its argument, but made {shape} of {trial.shape}")
    return choice


def activation_name(choice: str | Activation) -> str:
    """Return what a loss's name calls an activation.

    Examples
    --------
    >>> activation_name(np.sin), activation_name(lambda x: x**3)
    ('sin', 'custom')
    """
    name = choice.strip().lower().replace("_", "-") if isinstance(choice, str) else getattr(choice, "__name__", "custom")
    return "custom" if name == "<lambda>" else name
