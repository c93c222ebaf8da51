#!/usr/bin/env bash
# numpy, numba: log1p of a small complex number has lost its real part
#
# Software: numpy 2.4.6, numba 0.68.1, against jax 0.10.2
#
# Expected: np.log1p(z) of a tiny complex z is z to rounding, part by part: that is what log1p is for, and np.expm1
#           keeps both parts.
#
# Happens:  The real part is log|1 + z| and has an absolute error of 1e-16: np.log1p(1e-20) is 1e-20, np.log1p(1e-20 +
#           0j) is 0. numba copies it. jax is right to rounding.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   log1p((1e-20+0j)) by numpy: 0j, relative error of the real part 1e+00
#   log1p((1e-20+0j)) by numba: 0j, relative error of the real part 1e+00
#   log1p((1e-20+0j)) by jax: (1e-20+0j), relative error of the real part 0e+00
#   log1p((1e-10+1e-10j)) by numpy: (1.000000082690371e-10+9.999999999e-11j), relative error of the real part 8e-08
#   log1p((1e-10+1e-10j)) by numba: (1.000000082690371e-10+9.999999999e-11j), relative error of the real part 8e-08
#   log1p((1e-10+1e-10j)) by jax: (1e-10+9.999999999e-11j), relative error of the real part 0e+00
#   np.log1p(1e-20) = 1e-20  np.expm1(1e-20+0j) = (1e-20+0j)
#
# modeq:    log(1 - hλ)/(hλ) needs it where eigenvalues are complex; modeq computes the real part as log1p(x(2 + x) +
#           y²)/2 (series/branches.py).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check numpy==2.4.6 numba==0.68.1 jax==0.10.2 jaxlib==0.10.2

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp
import numba
import numpy as np

jax.config.update("jax_enable_x64", True)
compiled = numba.njit(lambda z: np.log1p(z))
rows = {}
for z in (1e-20 + 0j, 1e-10 + 1e-10j):
    rows[z] = {
        "numpy": complex(np.log1p(z)),
        "numba": complex(compiled(z)),
        "jax": complex(jnp.log1p(z)),
    }
    true = z - z * z / 2
    for name, value in rows[z].items():
        error = abs(value.real - true.real) / true.real
        print(f"log1p({z}) by {name}: {value}, relative error of the real part {error:.0e}")
print("np.log1p(1e-20) =", np.log1p(1e-20), " np.expm1(1e-20+0j) =", np.expm1(1e-20 + 0j))
tiny, small = rows.values()
assert tiny["numpy"] == 0 and tiny["numba"] == 0
assert tiny["jax"] == 1e-20
assert abs(small["numpy"].real / 1e-10 - 1) > 1e-8 and abs(small["jax"].real / 1e-10 - 1) < 1e-9
assert np.log1p(1e-20) == 1e-20 and np.expm1(1e-20 + 0j) == 1e-20
PYTHON
