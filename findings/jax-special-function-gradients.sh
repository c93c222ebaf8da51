#!/usr/bin/env bash
# jax: gradients of smooth special functions are wrong on ordinary arguments: boxcox at λ = 0, i0 at 0, spence on (1, 2]
#
# Software: jax 0.10.2 (jax.scipy.special), against scipy 1.17.1
#
# Expected: ∂boxcox(x, λ)/∂λ is log²x/2 at λ = 0, I₀'(0) = 0 and spence'(x) = log(x)/(1 - x): functions without a
#           singularity there. sinc and xlogy, of the same kind, have rules of their own and right slopes, and reverse
#           mode gives what forward mode gives.
#
# Happens:  boxcox and boxcox1p are log x at λ = 0 also for the derivative by λ, which is 0; from there, the usual
#           start, the likelihood of λ has a gradient of the wrong sign. i0 is exp(|x|) i0e(x) and has slope 1 at its
#           minimum (jnp.i0, the same function, has 0, and second derivative 0 instead of 1/2). jax.grad of spence is
#           NaN for all x in (1, 2], where jax.jvp is right, and both are 0 at 1 instead of -1. i0 is reported and
#           repaired since (jax-ml/jax issues 40627, 40628).
#
# Seen:     2026-11-28, Python 3.11, CPU
#   boxcox(2, λ) by λ at 0: grad 0.00000, jvp 0.00000, by differences of SciPy 0.24023
#   boxcox(2, λ) by λ at 0.0001: grad 0.24024, jvp 0.24024, by differences of SciPy 0.24024
#   boxcox1p(1, λ) by λ at 0: grad 0.00000, jvp 0.00000, by differences of SciPy 0.24023
#   boxcox1p(1, λ) by λ at 0.0001: grad 0.24024, jvp 0.24024, by differences of SciPy 0.24024
#   i0 at 0: grad 1.00000, jvp 1.00000, by differences of SciPy 0.00000
#   i0 at 0.0001: grad 0.00005, jvp 0.00005, by differences of SciPy 0.00005
#   spence at 0.9: grad -1.05361, jvp -1.05361, by differences of SciPy -1.05361
#   spence at 1: grad 0.00000, jvp 0.00000, by differences of SciPy -1.00000
#   spence at 1.001: grad nan, jvp -0.99950, by differences of SciPy -0.99950
#   spence at 1.4: grad nan, jvp -0.84118, by differences of SciPy -0.84118
#   spence at 1.6: grad nan, jvp -0.78334, by differences of SciPy -0.78334
#   spence at 2: grad nan, jvp -0.69315, by differences of SciPy -0.69315
#   spence at 2.1: grad -0.67449, jvp -0.67449, by differences of SciPy -0.67449
#   second derivatives at 0: special.i0 1.5  jnp.i0 0.0  true 0.5
#   gradient of the likelihood of λ at 0: -1.406, at 0.001: 0.066
#
# modeq:    The factor log(1 - z)/z of the principal flow is minus the derivative of the dilogarithm spence(1 - z): who
#           takes it by jax.grad has NaN for all negative curvatures down to -1/h. modeq has it in closed form.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 scipy==1.17.1 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp
import numpy as np
import scipy.special
from jax.scipy import special

jax.config.update("jax_enable_x64", True)
rows = (
    ("boxcox(2, λ) by λ", lambda t: special.boxcox(2.0, t), lambda t: scipy.special.boxcox(2.0, t), (0.0, 1e-4), (True, False)),
    ("boxcox1p(1, λ) by λ", lambda t: special.boxcox1p(1.0, t), lambda t: scipy.special.boxcox1p(1.0, t), (0.0, 1e-4), (True, False)),
    ("i0", special.i0, scipy.special.i0, (0.0, 1e-4), (True, False)),
    ("spence", special.spence, scipy.special.spence, (0.9, 1.0, 1.001, 1.4, 1.6, 2.0, 2.1), (False, True, True, True, True, True, False)),
)
for name, function, value, points, wrong in rows:
    for point, flag in zip(points, wrong):
        backward, forward = float(jax.grad(function)(point)), float(jax.jvp(function, (point,), (1.0,))[1])
        true = (value(point + 1e-5) - value(point - 1e-5)) / 2e-5
        assert abs(float(function(point)) - value(point)) < 1e-12
        print(f"{name} at {point:g}: grad {backward:.5f}, jvp {forward:.5f}, by differences of SciPy {true:.5f}")
        assert (not abs(backward - true) < 1e-4) == flag
print("second derivatives at 0: special.i0", jax.grad(jax.grad(special.i0))(0.0), " jnp.i0", jax.grad(jax.grad(jnp.i0))(0.0), " true 0.5")

data = jnp.array(np.random.default_rng(0).lognormal(size=500) ** 0.5 + 3)


def misfit(power):
    """Minus the logarithm of the likelihood of λ (Box and Cox 1964), by sample."""
    return 0.5 * jnp.log(jnp.var(special.boxcox(data, power))) - (power - 1) * jnp.mean(jnp.log(data))


at, beside = float(jax.grad(misfit)(0.0)), float(jax.grad(misfit)(1e-3))
print(f"gradient of the likelihood of λ at 0: {at:.3f}, at 0.001: {beside:.3f}")
assert at < -1 and beside > 0.03
PYTHON
