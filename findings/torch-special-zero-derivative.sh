#!/usr/bin/env bash
# torch.special: the derivative of a Bessel function or of an orthogonal polynomial is 0, without a word
#
# Software: torch 2.13.0
#
# Expected: torch.func.grad of chebyshev_polynomial_t, hermite_polynomial_h, bessel_j0, … gives the derivative, or an
#           error that there is none, as forward mode says it of zeta and gammainc.
#
# Happens:  All 19 functions tried have no derivative and cut the graph: torch.func.grad, torch.func.jvp and
#           torch.func.hessian return 0. In a sum with anything differentiable there is no error from backward()
#           either, the term is a constant. i0, i1, i0e, i1e, erfcx, ndtri, log_ndtr are fine.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   chebyshev_polynomial_t: by differences 2.8800, torch.func.grad 0.0, torch.func.jvp 0.0
#   bessel_j0: by differences -0.3290, torch.func.grad 0.0, torch.func.jvp 0.0
#   19 of 19 functions have derivative 0
#   gradient of (T3(w) - 1)^2 + 0.01 w^2 at 0.7: 0.0140, true -9.9393
#
# modeq:    A loss that comes from PyTorch with one of these has wrong gradients before modeq sees it; write the
#           polynomial out, or give it as a formula.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import torch

torch.set_default_dtype(torch.float64)
special = torch.special
x = torch.tensor(0.7)
three = torch.tensor(3)
polynomials = ["chebyshev_polynomial_t", "chebyshev_polynomial_u", "hermite_polynomial_h", "hermite_polynomial_he",
               "laguerre_polynomial_l", "legendre_polynomial_p", "shifted_chebyshev_polynomial_t"]
bessel = ["bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "modified_bessel_i0", "modified_bessel_i1", "modified_bessel_k0",
          "modified_bessel_k1", "scaled_modified_bessel_k0", "scaled_modified_bessel_k1", "spherical_bessel_j0", "airy_ai"]
functions = {name: (lambda t, f=getattr(special, name): f(t, three)) for name in polynomials}
functions |= {name: getattr(special, name) for name in bessel}
wrong = []
for name, f in functions.items():
    difference = (f(x + 1e-6) - f(x - 1e-6)).item() / 2e-6
    reverse = torch.func.grad(f)(x).item()
    forward = torch.func.jvp(f, (x,), (torch.tensor(1.0),))[1].item()
    if abs(difference) > 0.1 and reverse == 0 and forward == 0:
        wrong.append(name)
    if name in ("chebyshev_polynomial_t", "bessel_j0"):
        print(f"{name}: by differences {difference:.4f}, torch.func.grad {reverse}, torch.func.jvp {forward}")
print(len(wrong), "of", len(functions), "functions have derivative 0")

w = torch.tensor(0.7, requires_grad=True)
loss = (special.chebyshev_polynomial_t(w, three) - 1) ** 2 + 0.01 * w**2
loss.backward()
true = 2 * (4 * 0.7**3 - 3 * 0.7 - 1) * (12 * 0.7**2 - 3) + 0.02 * 0.7
print(f"gradient of (T3(w) - 1)^2 + 0.01 w^2 at 0.7: {w.grad.item():.4f}, true {true:.4f}")
assert len(wrong) == len(functions), wrong
assert abs(w.grad.item() - 0.014) < 1e-12
i0 = torch.func.grad(special.i0)(x)
assert abs(i0.item() - special.i1(x).item()) < 1e-12  # the older one is right
PYTHON
