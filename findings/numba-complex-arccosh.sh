#!/usr/bin/env bash
# numba: np.arccosh of complex numbers has a negative real part below the cut, and no small real part
#
# Software: numba 0.68.1, against numpy 2.4.6
#
# Expected: arccosh(z) has Re ≥ 0 and takes the side of the cut that the sign of the zero names: arccosh(-2 - 0i) =
#           1.317 - 3.142i, as in NumPy, the C library and torch.acosh. The other inverse functions (arcsin, arccos,
#           arctan, arcsinh, arctanh) do so in compiled code.
#
# Happens:  Compiled: -1.317 + 3.142i, a value that arccosh never takes. And arccosh(1e-20 + 1e-20i) has real part 0
#           instead of 1e-20.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   arccosh((-2+0j)): numba 1.31696+3.14159j, numpy 1.31696+3.14159j
#   arccosh((-2-0j)): numba -1.31696+3.14159j, numpy 1.31696-3.14159j
#   arccosh((1e-20+1e-20j)): numba 0+1.5708j, numpy 1e-20+1.5708j
#
# modeq:    Formulas with acosh on complex states are compiled to this function; its derivative is taken from square
#           roots and is right.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check numba==0.68.1 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import numba
import numpy as np


@numba.njit
def arccosh(z):
    return np.arccosh(z)


@numba.njit
def others(z):
    return np.arcsin(z), np.arccos(z), np.arctan(z), np.arcsinh(z), np.arctanh(z)


for z in (complex(-2.0, 0.0), complex(-2.0, -0.0), 1e-20 + 1e-20j):
    mine, theirs = arccosh(z), complex(np.arccosh(z))
    print(f"arccosh({z}): numba {mine:.6g}, numpy {theirs:.6g}")
    names = (np.arcsin, np.arccos, np.arctan, np.arcsinh, np.arctanh)
    assert all(abs(a - complex(f(z))) < 1e-12 for a, f in zip(others(z), names))
below = arccosh(complex(-2.0, -0.0))
assert below.real < -1.3 and below.imag > 3 and complex(np.arccosh(complex(-2.0, -0.0))).real > 1.3
assert arccosh(1e-20 + 1e-20j).real == 0 and abs(complex(np.arccosh(1e-20 + 1e-20j)).real / 1e-20 - 1) < 1e-6
PYTHON
