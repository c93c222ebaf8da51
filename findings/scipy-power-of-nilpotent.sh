#!/usr/bin/env bash
# scipy: fractional_matrix_power of a nilpotent matrix is 0 instead of an error
#
# Software: scipy 1.17.1
#
# Expected: [[0, 1], [0, 0]] has no square root at all, so fractional_matrix_power(N, 0.5) raises, warns or returns
#           NaN. sqrtm gives inf.
#
# Happens:  It returns the zero matrix, finite and without a warning, for every power between 0 and 1. Its square is
#           not N. The same block inside a larger matrix is treated so too: the power of diag(4, N) is diag(2, 0, 0).
#
# Seen:     2026-11-28, Python 3.11, CPU
#   warnings: 0
#   N^0.1 = [[0.0, 0.0], [0.0, 0.0]]
#   N^0.5 = [[0.0, 0.0], [0.0, 0.0]]
#   N^0.9 = [[0.0, 0.0], [0.0, 0.0]]
#   diag(4, N)^0.5 = [[2.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
#   its square - diag(4, N): largest entry 1.0
#   sqrtm(N) = [[0.0, inf], [0.0, 0.0]]
#
# modeq:    Where h λ = 1 the factor 1 - hλ of a defective Jacobian is such a block: modeq says that the symbol is
#           singular there, and takes no matrix power.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check scipy==1.17.1 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import warnings

import numpy as np
from scipy.linalg import block_diag, fractional_matrix_power, sqrtm

nilpotent = np.array([[0.0, 1.0], [0.0, 0.0]])
larger = block_diag(4.0, nilpotent)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    powers = {p: fractional_matrix_power(nilpotent, p) for p in (0.1, 0.5, 0.9)}
    of_larger = fractional_matrix_power(larger, 0.5)
print("warnings:", len(caught))
for p, value in powers.items():
    print(f"N^{p} = {value.tolist()}")
print("diag(4, N)^0.5 =", of_larger.tolist())
print("its square - diag(4, N): largest entry", np.abs(of_larger @ of_larger - larger).max())
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    print("sqrtm(N) =", sqrtm(nilpotent).tolist())
    assert not np.isfinite(sqrtm(nilpotent)).all()
assert not caught and all((value == 0).all() for value in powers.values())
assert np.isfinite(of_larger).all() and np.abs(of_larger @ of_larger - larger).max() == 1
PYTHON
