"""Deriving the principal flow of a method, by degree."""

from __future__ import annotations

from ..methods.method import Method, linear_method
from .principal import BRANCHES, DEGREES, HESSIANS, PrincipalFlow
from .stability import stability_function
from .time_polynomials import check_order


def principal_flow(
    method: Method,
    *,
    degree: int = 1,
    order: int | None = None,
    branch: str = "rotated",
    hessian: str | int = "auto",
) -> PrincipalFlow:
    r"""Derive the principal flow of a method; `whole_state_flow` is that of its steps as maps.

    Parameters
    ----------
    method
        Any method with one field; parameters may stay symbolic.
    degree
        Largest number of leaves of the trees that are summed to all orders: 1 is the flow of the paper, linear in the gradient for
        a fixed Hessian; 2 sums everything that is quadratic in the gradient ("principal2"), 3 what is cubic ("principal3", for
        losses on symbols with few variables).
    order
        Add the trees with more leaves, up to this number of nodes ("principal+3" is order 3, "principal2+5" degree 2, order 5).
    branch
        ``"rotated"`` (default) or ``"principal"``, the cut of the logarithm; ``"continued"`` follows the logarithms along the
        path of `integrate` instead, for degree 1 with the whole Hessian.
    hessian
        For losses on arrays: ``"dense"`` takes all eigenvectors of the Hessian, ``"lanczos"`` a Krylov space from products
        with vectors, converged to 1e-10; ``"auto"`` (default) is dense up to 100 parameters. An integer k is the top-k
        flow: α acts on the k eigenvalues of largest modulus, equal ones counting once, all other directions follow α(0)∇E.

    Returns
    -------
    PrincipalFlow
        Put it on a loss by ``.on(loss)``.

    Raises
    ------
    TypeError, ValueError
        If `method` is no method, evaluates several fields, or `degree`, `order`, `branch` or `hessian` are not as described.

    References
    ----------
    Rosca, Wu, Qin, Dherin, TMLR 2023, arXiv 2302.01952.

    Examples
    --------
    >>> from modeq.methods import GradientDescent
    >>> principal_flow(GradientDescent()).symbol
    log(1 - z)/z
    """
    linear = linear_method(method, "a principal flow")
    if isinstance(degree, bool) or not isinstance(degree, int) or degree not in DEGREES:
        raise ValueError(f"degree must be one of {', '.join(map(repr, DEGREES))}, got {degree!r}")
    if order is not None:
        check_order(order)
    if branch not in BRANCHES:
        raise ValueError(f"branch must be one of {', '.join(map(repr, BRANCHES))}, got {branch!r}")
    if isinstance(hessian, bool) or not (hessian in HESSIANS or (isinstance(hessian, int) and hessian >= 1)):
        raise ValueError(f"hessian must be one of {', '.join(map(repr, HESSIANS))}, or a number of eigenvalues ≥ 1, got {hessian!r}")
    if branch == "continued" and not (degree == 1 and order is None and hessian in {"auto", "dense"}):
        raise ValueError(
            "branch='continued' follows the logarithms of the principal flow of degree 1, without completion, with the whole Hessian; "
            "leave out degree, order and hessian, or take branch='rotated'"
        )
    stability_function(linear)  # refuses several fields
    return PrincipalFlow(linear, order, branch, hessian, degree)
