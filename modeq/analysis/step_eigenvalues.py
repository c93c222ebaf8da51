"""Stability of adaptive runs: the eigenvalues of one step of the method on its whole state, along a run.

A step is the map Φ_n of (θ, memory). Small deviations from a run are multiplied by DΦ_n from step to step; where an eigenvalue leaves the
unit circle they grow. For gradient descent the eigenvalues are 1 − hλ, and this is sharpness against 2/h. For Adam with β₁ = 0.9 and a
memory v that rests the threshold is 38/h for the eigenvalues of the preconditioned Hessian.

Reference: J. M. Cohen et al., Adaptive gradient methods at the edge of stability, arXiv 2207.14484.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from ..flows.update_maps import UpdateFlow
from ..integration.trajectory import Trajectory
from ..methods.method import Method
from ..records.aligned import aligned
from ..series.map_flow import UpdateMapFlow

_ROUNDING = 1e-6  # memory of length 1/(1 − β) has eigenvalues β; 1 itself belongs to directions in which the loss is flat


@final
@dataclass(frozen=True, eq=False)
class StepEigenvalues:
    """The eigenvalues of DΦ_n at points of a run.

    Attributes
    ----------
    n
        Numbers of the steps, shape (points,).
    values
        Eigenvalues by decreasing modulus, complex, shape (points, r·d).
    title
        What was run on what.

    Examples
    --------
    >>> import modeq as mq
    >>> E, method = mq.losses.quadratic([[39]]), mq.Adam(0.9, 0.999, 1.0, bias_correction=False)  # the threshold is 38
    >>> print(mq.step_eigenvalues(method, mq.iterate(method, E, [1e-9], h=1.0, steps=2)))
    Adam on quadratic
    n  largest modulus  deviations
    ─  ───────────────  ──────────
    0            1.316  grow
    1            1.316  grow
    """

    n: NDArray[np.int64]
    values: NDArray[np.complex128]
    title: str

    @property
    def largest(self) -> NDArray[np.float64]:
        """The largest modulus at each point, shape (points,)."""
        return np.abs(self.values[:, 0])

    @property
    def stable(self) -> NDArray[np.bool_]:
        """Whether no deviation grows, shape (points,)."""
        return self.largest <= 1 + _ROUNDING

    def __str__(self) -> str:
        rows = [
            (str(n), f"{size:.4g}", "shrink" if calm else "grow") for n, size, calm in zip(self.n, self.largest, self.stable, strict=True)
        ]
        return "\n".join([self.title, *aligned([("n", "largest modulus", "deviations"), *rows])])


def step_eigenvalues(method: Method, path: Trajectory, *, every: int = 1) -> StepEigenvalues:
    """Compute the eigenvalues of the method's steps along a run of `iterate`.

    Parameters
    ----------
    method
        The method that was run: any smooth update, such as ``mq.Adam()``.
    path
        Its run; the memory is read from ``path.state``.
    every
        Look at every so many points.

    Returns
    -------
    StepEigenvalues
        At the start of steps 0, every, 2·every, …

    Raises
    ------
    ValueError
        If the path is no run of such a method, or `every` is no integer ≥ 1.

    References
    ----------
    J. M. Cohen et al., Adaptive gradient methods at the edge of stability, arXiv 2207.14484.

    Examples
    --------
    >>> import modeq as mq
    >>> E, method = mq.losses.quadratic([[1]]), mq.Adam()
    >>> run = mq.iterate(method, E, [0.5], h=0.1, steps=100)
    >>> step_eigenvalues(method, run, every=50).stable  # deviations grow while v is still small
    array([False,  True])
    """
    if method.linear is not None:
        raise ValueError(
            f"{method.name} is linear: its eigenvalues are known in closed form, see edge_of_stability and stability_coefficients"
        )
    if isinstance(every, bool) or not isinstance(every, int) or every < 1:
        raise ValueError(f"every must be an integer ≥ 1, got {every!r}")
    missing = [name for name in method.state_names if name not in path.state]
    if missing or not len(path.step_sizes):
        raise ValueError(
            f"the path does not have the memory {', '.join(missing) or 'of a run'}; pass a run of mq.iterate({method.name}, …)"
        )
    flow = UpdateFlow(UpdateMapFlow(method, 1), path.field)
    numbers = np.arange(0, len(path.step_sizes), every)
    values = []
    for n in numbers.tolist():
        state = np.concatenate([path.state[name][n] for name in method.state_names])
        matrix = flow.step_matrix(state, float(path.step_sizes[n]), n)
        found = np.linalg.eigvals(matrix) if np.isfinite(matrix).all() else np.full(len(matrix), np.nan)
        values.append(found[np.argsort(-np.abs(found))])
    return StepEigenvalues(numbers, np.array(values, complex), f"{method.name} on {path.field.name}")
