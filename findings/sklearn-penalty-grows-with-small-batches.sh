#!/usr/bin/env bash
# scikit-learn: the L2 penalty of MLP is divided by the size of the batch, so the minimum depends on it
#
# Software: scikit-learn 1.9.1 (MLPRegressor, MLPClassifier)
#
# Expected: "alpha: the L2 regularization term is divided by the sample size when added to the loss": the loss of n
#           samples is mean(residual²)/2 + alpha |W|²/(2n), whatever the solver; batches are noisy gradients of it.
#
# Happens:  The sample size is that of the batch: with batches of B the gradients are those of a loss with alpha/(2B).
#           On 1,000 samples of y = x₁ + 2x₂ - x₃ with alpha = 10, L-BFGS and full batches shrink the weights by 1 %,
#           batches of 100 by 9 %, batches of 10 to half. Smaller steps do not help: it is no noise. What looks like an
#           effect of small batches on the minimum is a stronger penalty; the default is min(200, n).
#
# Seen:     2026-11-28, Python 3.11, CPU
#   lbfgs: [ 0.985  1.984 -0.987]; minimum with alpha/1000: [ 0.985  1.984 -0.987]
#   sgd, batches of 1000, rate 0.02: [ 0.985  1.984 -0.987]; minimum with alpha/1000: [ 0.985  1.984 -0.987]
#   sgd, batches of 100, rate 0.005: [ 0.902  1.812 -0.913]; minimum with alpha/100: [ 0.902  1.812 -0.913]
#   sgd, batches of 10, rate 0.002: [ 0.49   0.971 -0.519]; minimum with alpha/10: [ 0.489  0.969 -0.519]
#   sgd, batches of 10, rate 0.0005: [ 0.49   0.969 -0.519]; minimum with alpha/10: [ 0.489  0.969 -0.519]
#
# modeq:    E.minibatches keeps the penalty of the whole loss in every batch; divide alpha by the size of the batch to
#           follow a run of scikit-learn.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

warnings.simplefilter("ignore", ConvergenceWarning)
draws = np.random.default_rng(0)
x = draws.normal(size=(1000, 3))
y = x @ [1.0, 2.0, -1.0] + 0.1 * draws.normal(size=1000)
x, y = x - x.mean(0), y - y.mean()
alpha = 10.0


def ridge(samples):
    """The minimum of mean(residual²)/2 + alpha |w|²/(2 samples)."""
    return np.linalg.solve(x.T @ x / len(x) + alpha / samples * np.eye(3), x.T @ y / len(x))


def fitted(**options):
    model = MLPRegressor(hidden_layer_sizes=(), alpha=alpha, random_state=0, tol=0, n_iter_no_change=10**6, **options)
    return model.fit(x, y).coefs_[0][:, 0]


def show(name, weights, samples):
    print(f"{name}: {np.round(weights, 3)}; minimum with alpha/{samples}: {np.round(ridge(samples), 3)}")
    assert np.abs(weights - ridge(samples)).max() < 0.04


show("lbfgs", fitted(solver="lbfgs", max_iter=1000), 1000)
for batch, rate, epochs in ((1000, 0.02, 2000), (100, 0.005, 1000), (10, 0.002, 300), (10, 0.0005, 600)):
    show(f"sgd, batches of {batch}, rate {rate}",
         fitted(solver="sgd", batch_size=batch, learning_rate_init=rate, momentum=0, nesterovs_momentum=False, max_iter=epochs), batch)
PYTHON
