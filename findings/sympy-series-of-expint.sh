#!/usr/bin/env bash
# sympy: the series of the real function expint(2, x) at 0 has an imaginary term -iπx
#
# Software: sympy 1.14.0
#
# Expected: E₂(x) = 1 + (log x + γ - 1) x - x²/2 + x³/12 + …, for x > 0 real, as mpmath evaluates it and as series
#           gives it for E₁.
#
# Happens:  series(expint(2, x), x, 0, 4) = 1 + x(log x - 1 + γ - iπ) - …, for a positive symbol too; the same in
#           expint(3, x). Numbers from it are off by π x in the imaginary part.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   E1: -EulerGamma - log(x) + x - x**2/4 + x**3/18 + O(x**4)
#       at 0.01: by the series 4.03792958+0.00000000j, by evalf 4.03792958+0.00000000j
#   E2: 1 + x*(log(x) - 1 + EulerGamma - I*pi) - x**2/2 + x**3/12 + O(x**4)
#       at 0.01: by the series 0.94967054-0.03141593j, by evalf 0.94967054+0.00000000j
#   E3: 1/2 - x + x**2*(-log(x)/2 - EulerGamma/2 + 3/4 + I*pi/2) + x**3/6 + O(x**4)
#       at 0.01: by the series 0.49027656+0.00015708j, by evalf 0.49027656+0.00000000j
#
# modeq:    modeq expands by Taylor arithmetic at a point, never by series; expint is none of its functions.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check sympy==1.14.0 mpmath==1.3.0

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import sympy
from sympy import Symbol, expint, series

x = Symbol("x", positive=True)
for order in (1, 2, 3):
    f = expint(order, x)
    s = series(f, x, 0, 4)
    at = sympy.Rational(1, 100)
    value, true = complex(s.removeO().subs(x, at).evalf()), complex(f.subs(x, at).evalf())
    print(f"E{order}: {s}")
    print(f"    at 0.01: by the series {value:.8f}, by evalf {true:.8f}")
    assert abs(true.imag) < 1e-12 and abs(value.real - true.real) < 1e-7
    if order == 1:
        assert abs(value.imag) < 1e-12
    if order == 2:
        assert abs(value.imag + 3.14159265 * 0.01) < 1e-6
PYTHON
