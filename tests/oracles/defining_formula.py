"""The coefficients of degrees 2 and 3 as defined: sums over the exponentials that drive a linear recursion, at 130 digits."""

from __future__ import annotations

import itertools
from typing import Any

import mpmath as mp
import numpy as np
import sympy

from modeq.exact import to_sympy
from modeq.kernels.branches import psi_from_increment
from modeq.methods import Method
from modeq.series.modes import modes


class DefiningFormula:
    """The coefficients in mpmath's precision: every ζ is moved by some 1e-16, so that no removable singularity is hit."""

    SHIFT = mp.mpf(10) ** -16

    def __init__(self, method: Method) -> None:
        def number(entry: Any) -> Any:
            return mp.mpf(str(sympy.N(to_sympy(entry), 140)))

        A, B, U, V = ([[number(entry) for entry in row] for row in matrix] for matrix in (method.A, method.B, method.U, method.V))
        self.A, self.B, self.U, self.V = map(mp.matrix, (A, B, U, V))
        self.c = mp.matrix([[number(entry) for entry in method.output]])
        self.increment = modes(method, True).increment
        self.stages = method.stages
        self.modes: dict[Any, dict[str, Any]] = {}

    def mode(self, z: complex, shift: float) -> dict[str, Any]:
        """Return what the coefficients need to know about an eigenvalue, computed once."""
        key = (complex(z), shift, mp.mp.prec)
        if key not in self.modes:
            self.modes[key] = self._mode(z, shift)
        return self.modes[key]

    def _mode(self, z: complex, shift: float) -> dict[str, Any]:
        w = self.increment(z)
        z_moved = mp.mpc(z) + self.SHIFT * shift
        inverse = mp.inverse(mp.eye(self.stages) - z_moved * self.A)
        M = self.V + z_moved * self.B * inverse * self.U
        R = mp.mpc(1 + z * w)
        identity = mp.eye(len(M))
        q = self.c.T
        for _ in range(8 if len(M) > 1 else 0):  # inverse iteration with the quotient of the outputs
            q = mp.lu_solve(M - (R + mp.mpf(10) ** -120) * identity, q)
            q /= (self.c * q)[0]
            R = (self.c * (M * q))[0]
        if len(M) == 1:
            R, q = M[0], mp.matrix([1 / self.c[0]])
        assert abs(complex(R) - (1 + z * w)) < 1e-9 * abs(R)
        log = mp.log(R)
        log += 2j * mp.pi * round(((z * psi_from_increment(w, z, True)).imag - float(log.imag)) / (2 * np.pi))
        return {"z": z_moved, "R": R, "log": log, "s": list(inverse * (self.U * q)), "M": M, "inverse": inverse}

    def answer(self, i: dict[str, Any], mu: Any, drive: list[Any]) -> tuple[Any, list[Any]]:
        """Return the output and the stages that answer a drive at the stages that grows like μⁿ."""
        phi = mp.matrix(drive)
        y = mp.lu_solve(mu * mp.eye(len(i["M"])) - i["M"], self.B * (i["inverse"] * phi))
        return (self.c * y)[0], list(i["inverse"] * (self.A * phi + self.U * y))

    def products(self, *modes: dict[str, Any]) -> Any:
        for kept in itertools.product((0, 1), repeat=len(modes)):
            chosen = [mode for keep, mode in zip(kept, modes, strict=True) if keep]
            drive = [mp.fprod(mode["s"][stage] for mode in chosen) for stage in range(self.stages)]
            yield (-1) ** (len(modes) - sum(kept)), mp.fprod(m["R"] for m in chosen), mp.fsum(m["log"] for m in chosen), drive

    def psi(self, value: complex) -> complex:
        i = self.mode(value, 1)
        return complex(i["log"] / i["z"])

    def pair(self, *values: complex) -> complex:
        i, j, k = map(self.mode, values, (-2, 1, 1.37))
        total = sum(sign * (log - i["log"]) * self.answer(i, mu, drive)[0] for sign, mu, log, drive in self.products(j, k))
        return complex(total / (j["z"] * k["z"]))

    def star(self, *values: complex) -> complex:
        i, j, k, l = map(self.mode, values, (-2, 1, 1.37, 2.11))
        total = sum(sign * (log - i["log"]) * self.answer(i, mu, drive)[0] for sign, mu, log, drive in self.products(j, k, l))
        return complex(total / (j["z"] * k["z"] * l["z"]))

    def nested(self, *values: complex) -> complex:
        i, m, j, k, l = map(self.mode, values, (-2, -1.21, 1, 1.37, 2.11))
        exponentials = []
        homogeneous = mp.mpf(0)
        for sign, mu, log, drive in self.products(j, k):
            output, stages = self.answer(m, mu, drive)
            exponentials.append((mu, log, [sign * entry for entry in stages]))
            homogeneous += sign * output
        exponentials.append((m["R"], m["log"], [-homogeneous * entry for entry in m["s"]]))
        total = mp.mpf(0)
        for mu, log, drive in exponentials:
            with_l = [a * b for a, b in zip(drive, l["s"], strict=True)]
            total += (log + l["log"] - i["log"]) * self.answer(i, mu * l["R"], with_l)[0] - (log - i["log"]) * self.answer(i, mu, drive)[0]
        return complex(total / (j["z"] * k["z"] * l["z"]))
