#!/usr/bin/env bash
# numba: np.sum of float32 stops at 16,777,216, and the mean of twenty million ones is 0.84
#
# Software: numba 0.68.1, against numpy 2.4.6
#
# Expected: np.sum and np.mean in compiled code give what NumPy gives: pairwise summation, exact for 2·10⁷ ones in
#           float32. The documentation lists both as supported.
#
# Happens:  The compiled sum is one loop with one accumulator of the type of the array. In float32 it cannot count
#           beyond 2²⁴: sum 16777216, mean 0.84, standard deviation 0.16. Three million times 0.1 gives 290,774. In
#           float64 the same loop loses digits in proportion to n.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   2e7 ones: numba sum 16777216, mean 0.8389, std 0.1611; numpy sum 20000000, mean 1.0000, std 0.0000
#   3e6 times 0.1: numba sum 290775, mean 0.0969, std 0.0031; numpy sum 300000, mean 0.1000, std 0.0000
#
# modeq:    Compiled losses work in float64 only, where a sum over 10⁶ samples keeps 10 digits.
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
def statistics(a):
    return np.sum(a), a.mean(), np.std(a)


ones = np.ones(20_000_000, np.float32)
tenths = np.full(3_000_000, 0.1, np.float32)
for name, a in (("2e7 ones", ones), ("3e6 times 0.1", tenths)):
    total, mean, spread = statistics(a)
    print(f"{name}: numba sum {total:.0f}, mean {mean:.4f}, std {spread:.4f}; numpy sum {a.sum():.0f}, mean {a.mean():.4f}, std {a.std():.4f}")
total, mean, spread = statistics(ones)
assert total == 2**24 and mean < 0.85 and spread > 0.15 and ones.sum() == 2e7
total, mean, _ = statistics(tenths)
assert total < 2.95e5 and abs(tenths.sum() - 3e5) < 1
PYTHON
