#!/usr/bin/env bash
# jax: a polynomial by its powers x**arange(n) has no second derivative at 0, its Vandermonde matrix not even a first
#
# Software: jax 0.10.2
#
# Expected: Powers with whole exponents ≥ 0 are polynomials, so their derivatives at 0 are finite: x**3 with a Python
#           number as exponent has all of them, and the first one of x**jnp.arange(n) is right, at 0 too.
#
# Happens:  For an array of integers the first derivative takes care of the exponent 0 and computes the rest with
#           exponents that are floats by then: the second derivative of x**1, the third of x**1 and x**2, and so on,
#           are 0 · 0**(-1) = NaN. jnp.vander has float exponents from the start: NaN in the first derivative, from
#           its column of ones. Both modes. Away from 0 all is well, and jnp.polyval, which is Horner's rule, is right
#           everywhere. Reported: jax-ml/jax issues 14397 (first derivative, repaired) and 20574 (second).
#
# Seen:     2026-11-28, Python 3.11, CPU
#   at 0.0, x**arange      : value and derivatives [1.0, 2.0, nan, nan]
#   at 0.0, vander         : value and derivatives [1.0, nan, nan, nan]
#   at 0.0, polyval        : value and derivatives [1.0, 2.0, 6.0, 24.0]
#   at 0.0, x**0, ..., x**3: value and derivatives [1.0, 2.0, 6.0, 24.0]
#   at 0.5, x**arange      : value and derivatives [3.25, 8.0, 18.0, 24.0]
#   at 0.5, vander         : value and derivatives [3.25, 8.0, 18.0, 24.0]
#   at 0.5, polyval        : value and derivatives [3.25, 8.0, 18.0, 24.0]
#   at 0.5, x**0, ..., x**3: value and derivatives [3.25, 8.0, 18.0, 24.0]
#   d/dx x**arange(4), twice, at 0: [ 0. nan  2.  0.]
#
# modeq:    Starts at 0 are common. `Loss.from_jax` takes powers with constant whole exponents as such: 1, 2, 6, 24 for both.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
coefficients = jnp.arange(1.0, 5.0)
forms = {
    "x**arange": lambda x: coefficients @ x ** jnp.arange(4),
    "vander": lambda x: coefficients @ jnp.vander(x[None], 4, increasing=True)[0],
    "polyval": lambda x: jnp.polyval(coefficients[::-1], x),
    "x**0, ..., x**3": lambda x: sum(coefficients[k] * x**k for k in range(4)),
}


def derivatives(f, x, once):
    out = [float(f(x))]
    for _ in range(3):
        f = once(f)
        out.append(float(f(x)))
    return out


def forward(f):
    return lambda x: jax.jvp(f, (x,), (jnp.ones_like(x),))[1]


true = {0.0: [1, 2, 6, 24], 0.5: [3.25, 8, 18, 24]}  # of 1 + 2x + 3x² + 4x³
first_wrong = {"x**arange": 2, "vander": 1}
for at, right in true.items():
    for name, f in forms.items():
        values = derivatives(f, jnp.float64(at), jax.grad)
        print(f"at {at}, {name:15}: value and derivatives {values}")
        again = derivatives(f, jnp.float64(at), forward)
        known = first_wrong.get(name, 4) if at == 0 else 4
        for list_ in (values, again):
            assert all(abs(a - b) < 1e-12 for a, b in zip(list_[:known], right)), (at, name, list_)
            assert all(a != a for a in list_[known:]), (at, name, list_)
print("d/dx x**arange(4), twice, at 0:", forward(forward(lambda x: x ** jnp.arange(4)))(jnp.float64(0.0)))
PYTHON
