"""Muon: momentum, orthogonalised matrix by matrix.

Reference: K. Jordan et al., Muon: an optimizer for hidden layers in neural networks (2024), kellerjordan.github.io/posts/muon.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exact import ScalarLike
from .method import Method
from .ranges import check_memory
from .update import method, renamed

_CONVENTION = (
    "the momentum is βm + (1−β)g and Nesterov's, as in Jordan's code; torch.optim.Muon and optax.contrib.muon "
    "scale the step of an (r, c) matrix besides, by √max(1, r/c) or 0.2√max(r, c), and leave "
    "vectors to Adam. Here a vector is a matrix with one column"
)


@method(memory=("m",), per_array=True)
def _muon(theta: Any, m: Any, h: Any, f: Any, *, beta: Any, iterations: Any, eps: Any, a: Any, b: Any, c: Any) -> Any:
    g = -f(theta)
    m = beta * m + (1 - beta) * g
    x = beta * m + (1 - beta) * g
    x = x / np.sqrt(np.sum(x * x) + eps)
    for _ in range(iterations):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return theta - h * x, m


def Muon(beta: ScalarLike = 0.95, *, iterations: int = 5, eps: ScalarLike = 1e-14) -> Method:
    """Muon: θ⁺ = θ − h NS(βm⁺ + (1−β)g), m⁺ = βm + (1−β)g, matrix by matrix.

    NS is the quintic X → aX + (bXXᵀ + c(XXᵀ)²)X, iterated from X/√(‖X‖² + ε), that moves all singular values near 1, with the coefficients
    of practice: (3.4445, −4.7750, 2.0315).

    Parameters
    ----------
    beta
        Momentum, 0 ≤ β < 1: a number, or a name that stays symbolic.
    iterations
        How often NS is applied.
    eps
        ε > 0.

    Returns
    -------
    Method
        A `SmoothUpdate` with the memory m, applied to each parameter array on its own.

    References
    ----------
    K. Jordan et al., Muon: an optimizer for hidden layers in neural networks (2024), kellerjordan.github.io/posts/muon.

    Examples
    --------
    >>> Muon().per_array
    True
    """
    check_memory(beta=beta)
    made = _muon(beta=beta, iterations=iterations, eps=eps, a=3.4445, b=-4.7750, c=2.0315)
    return renamed(made, "Muon", _CONVENTION)
