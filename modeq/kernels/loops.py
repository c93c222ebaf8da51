"""One step of a general linear method in numbers, and the loops that run it, in the subset of Python that Numba compiles.

`combination` is all of a step but the field: a row of A and U gives a stage, a row of B and V a new state. It serves the loops, Taylor
arithmetic through steps (`map_taylor`), and on whole arrays what runs without a compiler (`whole_arrays`); over any other algebra
`methods.GeneralLinearMethod.step` is the same.

The code generator copies these functions into the module of a field; ``field(colour, y, par, out)`` and
``jacobian(colour, y, par, out)`` are globals there and arguments here.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from .injected import Injected
from .layout import PAR

Method: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""A, U, B, V and c of a method, and the colour of each stage."""


def combination(i: int, U: np.ndarray, state: np.ndarray, A: np.ndarray, h: float, F: np.ndarray, count: int, out: np.ndarray) -> None:
    """Write Σ_j U_ij y_j + h Σ_j A_ij F_j, the latter over the first `count` slopes: stage i, or new state i with V and B."""
    for k in range(len(out)):
        value = U[i, 0] * state[0, k]
        for j in range(1, U.shape[1]):
            value += U[i, j] * state[j, k]
        for j in range(count):
            value += A[i, j] * h * F[j, k]
        out[k] = value


def all_finite(values: np.ndarray) -> bool:
    """Tell whether no entry is infinite or NaN."""
    for i in range(values.shape[0]):
        for k in range(values.shape[1]):
            if not np.isfinite(values[i, k]):
                return False
    return True


def accept(new: np.ndarray, c: np.ndarray, state: np.ndarray, output: np.ndarray) -> None:
    """Take the new state, and write its output cᵀy."""
    for k in range(len(output)):
        output[k] = 0.0
        for i in range(len(new)):
            state[i, k] = new[i, k]
            output[k] += c[i] * state[i, k]


def advance(
    h: float, B: np.ndarray, V: np.ndarray, c: np.ndarray, F: np.ndarray, state: np.ndarray, new: np.ndarray, output: np.ndarray
) -> bool:
    """Put B·hF + V·y into `state` and its output cᵀy into `output`; False, and nothing done, if it is not finite."""
    for i in range(len(new)):
        combination(i, V, state, B, h, F, len(F), new[i])
    if not all_finite(new):
        return False
    accept(new, c, state, output)
    return True


def run_explicit(
    field: Injected,
    state: np.ndarray,
    method: Method,
    par: np.ndarray,
    path: np.ndarray,
) -> int:
    """Fill path[1:] with the outputs of an explicit method; return how many steps stayed finite."""
    A, U, B, V, c, colours = method
    h = par[PAR.step]
    s, r = U.shape
    d = state.shape[1]
    F = np.zeros((s, d), state.dtype)
    point = np.zeros(d, state.dtype)
    new = np.zeros((r, d), state.dtype)
    for n in range(1, path.shape[0]):
        for i in range(s):
            combination(i, U, state, A, h, F, i, point)
            field(colours[i], point, par, F[i])
        if not advance(h, B, V, c, F, state, new, path[n]):
            return n - 1
    return path.shape[0] - 1


def run_explicit_paths(
    field: Injected,
    states: np.ndarray,
    method: Method,
    par: np.ndarray,
    paths: np.ndarray,
    done: np.ndarray,
    first: np.ndarray,
) -> None:
    """Do `run_explicit` for many states, shape (k, r, d), from number first[0] on, which it moves on; `done` counts the steps of each."""
    while first[0] < len(states):
        k = first[0]
        done[k] = run_explicit(field, states[k], method, par, paths[k])
        first[0] = k + 1


def solve_linear(matrix: np.ndarray, vector: np.ndarray) -> complex:
    """Solve in place by Gaussian elimination with partial pivoting.

    Return the determinant divided by its modulus; 0 if the matrix is singular or not finite.
    """
    size = len(vector)
    phase = complex(1.0, 0.0)
    for column in range(size):
        pivot = column
        for row in range(column + 1, size):
            if abs(matrix[row, column]) > abs(matrix[pivot, column]):
                pivot = row
        if not abs(matrix[pivot, column]) > 0.0:
            return complex(0.0, 0.0)
        phase *= matrix[pivot, column] / abs(matrix[pivot, column])
        if pivot != column:
            phase = -phase
        for k in range(column, size):
            matrix[column, k], matrix[pivot, k] = matrix[pivot, k], matrix[column, k]
        vector[column], vector[pivot] = vector[pivot], vector[column]
        for row in range(column + 1, size):
            factor = matrix[row, column] / matrix[column, column]
            for k in range(column, size):
                matrix[row, k] -= factor * matrix[column, k]
            vector[row] -= factor * vector[column]
    for row in range(size - 1, -1, -1):
        for k in range(row + 1, size):
            vector[row] -= matrix[row, k] * vector[k]
        vector[row] /= matrix[row, row]
    return phase


def run_implicit(
    field: Injected,
    jacobian: Injected,
    state: np.ndarray,
    method: Method,
    par: np.ndarray,
    path: np.ndarray,
) -> int:
    """The same for implicit methods; −n if step n had no solution that continues from h = 0.

    Newton's method on all stages may find another root, such as a maximum for a proximal step. So the root is followed from h = 0, where
    it is the known part: a fraction of h is accepted where the second correction is at most a quarter of the first, the region in which
    Newton's method belongs to one root, and where the determinant of I − hAf′ is positive, as it is at h = 0 and stays up to the end of the
    root; else a smaller fraction comes first. At ordinary step sizes the first attempt is the whole h.

    Reference: P. Deuflhard, *Newton Methods for Nonlinear Problems* (2004), section 5.1.
    """
    A, U, B, V, c, colours = method
    h = par[PAR.step]
    s, r = U.shape
    d = state.shape[1]
    size = s * d
    F = np.zeros((s, d), state.dtype)
    Y = np.zeros((s, d), state.dtype)
    safe = np.zeros((s, d), state.dtype)
    J = np.zeros((d, d), state.dtype)
    known = np.zeros((s, d), state.dtype)
    new = np.zeros((r, d), state.dtype)
    matrix = np.zeros((size, size), state.dtype)
    residual = np.zeros(size, state.dtype)
    for n in range(1, path.shape[0]):
        for i in range(s):
            combination(i, U, state, A, h, F, 0, known[i])
        Y[:] = known
        reached = 0.0
        stride = 1.0
        while reached < 1.0:
            fraction = min(1.0, reached + stride)
            safe[:] = Y
            solved = False
            first = np.inf
            previous = np.inf
            for iteration in range(60):
                for j in range(s):
                    field(colours[j], Y[j], par, F[j])
                    jacobian(colours[j], Y[j], par, J)
                    for i in range(s):
                        for k in range(d):
                            for m in range(d):
                                matrix[i * d + k, j * d + m] = -A[i, j] * fraction * h * J[k, m]
                for i in range(s):
                    for k in range(d):
                        matrix[i * d + k, i * d + k] += 1.0
                        value = known[i, k] - Y[i, k]
                        for j in range(s):
                            value += A[i, j] * fraction * h * F[j, k]
                        residual[i * d + k] = value
                phase = solve_linear(matrix, residual)
                if phase == 0.0:
                    break
                change = 0.0
                scale = 0.0
                for i in range(s):
                    for k in range(d):
                        Y[i, k] += residual[i * d + k]
                        change = max(change, abs(residual[i * d + k]))
                        scale = max(scale, abs(Y[i, k]), abs(known[i, k]))
                if not np.isfinite(change):
                    break
                # quadratic convergence ends in rounding errors, where a correction no longer shrinks
                if change <= 1e-15 * scale or (change <= 1e-11 * scale and change >= previous):
                    solved = phase.real > 0.0 or abs(phase.imag) > 1e-9
                    break
                if iteration == 0:
                    first = change
                if iteration == 1 and change > 0.25 * first:
                    break
                previous = change
            if solved:
                reached = fraction
                stride *= 2.0
            else:
                Y[:] = safe
                stride *= 0.25
                if stride < 1e-6:
                    return -n
        for j in range(s):
            field(colours[j], Y[j], par, F[j])
        if not advance(h, B, V, c, F, state, new, path[n]):
            return n - 1
    return path.shape[0] - 1


INLINED = frozenset({combination, all_finite, accept})  # a call costs as much as they do for two coordinates
