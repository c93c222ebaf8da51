#!/usr/bin/env bash
# numba: the median of values with a NaN among them depends on where it stands
#
# Software: numba 0.68.1, against numpy 2.4.6
#
# Expected: np.median gives NaN if there is one, as NumPy does and as np.max and np.mean do in compiled code.
#
# Happens:  Compiled, [nan, 1, 2] has median 2 and [1, nan, 2] has median NaN; [3, nan, 1, 2, 0] gives a number that
#           is no median of the rest either way. np.max, np.min and np.mean are NaN as they should be.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   (nan, 1.0, 2.0) -> numba 2.0  numpy nan  max by numba nan
#   (nan, 2.0, 1.0) -> numba 2.0  numpy nan  max by numba nan
#   (1.0, nan, 2.0) -> numba nan  numpy nan  max by numba nan
#   (1.0, 2.0, nan) -> numba 2.0  numpy nan  max by numba nan
#   (2.0, nan, 1.0) -> numba nan  numpy nan  max by numba nan
#   (2.0, 1.0, nan) -> numba 2.0  numpy nan  max by numba nan
#
# modeq:    Order statistics are refused in losses from NumPy code.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check numba==0.68.1 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import itertools

import numba
import numpy as np


@numba.njit
def median(a):
    return np.median(a)


@numba.njit
def largest(a):
    return np.max(a)


seen = {}
for order in itertools.permutations([float("nan"), 1.0, 2.0]):
    a = np.array(order)
    seen[order] = median(a)
    print(order, "-> numba", seen[order], " numpy", np.median(a), " max by numba", largest(a))
    assert np.isnan(np.median(a)) and np.isnan(largest(a))
values = [str(value) for value in seen.values()]
assert "nan" in values and any(value != "nan" for value in values)
PYTHON
