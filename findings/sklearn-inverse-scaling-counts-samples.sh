#!/usr/bin/env bash
# scikit-learn: the inverse scaling of MLP counts samples, so after the first epoch the rate is 30 times smaller
#
# Software: scikit-learn 1.9.1 (MLPRegressor, MLPClassifier)
#
# Expected: learning_rate="invscaling" with power_t=0.5 "gradually decreases the learning rate at each time step t:
#           effective_learning_rate = learning_rate_init / pow(t, power_t)": 0.1, 0.071, 0.058, 0.05 in the first
#           four updates.
#
# Happens:  t is 1 plus the number of samples seen, and the rate is set at the end of an epoch. With 1,000 samples all
#           updates of the first epoch, one or a hundred, have the rate 0.1, and all of the second 0.1/√1001 = 0.0032,
#           whatever the size of the batches; full-batch descent on four times as many samples has half the rates.
#           The rates of 1,000 full-batch steps add up to 3 steps of 0.1 instead of 62. That t_ counts samples is
#           said of the attribute, not of the argument.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   1000 samples in batches of 1000: rates in epochs 1 to 5: 0.00316, 0.00224, 0.00183, 0.00158
#   1000 samples in batches of 100: rates in epochs 1 to 5: 0.00316, 0.00224, 0.00183, 0.00158
#   1000 samples in batches of 10: rates in epochs 1 to 5: 0.00316, 0.00224, 0.00183, 0.00158
#   4000 samples in batches of 4000: rates in epochs 1 to 5: 0.00158, 0.00112, 0.00091, 0.00079
#   1000 full-batch steps add up to 3.0 steps of 0.1; with t the step to 61.8
#
# modeq:    A schedule is a function of the step in iterate: pass h = 0.1 / sqrt(1 + samples seen), and that only
#           between epochs, to follow such a run.
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


def rates_by_epoch(samples, batch, epochs):
    """The learning rates, as the distance of the bias from a constant target shrinks by (1 - rate) in each update."""
    x, y = np.zeros((samples, 1)), np.full(samples, 1e6)
    model = MLPRegressor(hidden_layer_sizes=(), solver="sgd", learning_rate="invscaling", power_t=0.5, learning_rate_init=0.1,
                         momentum=0, nesterovs_momentum=False, alpha=0, batch_size=batch, shuffle=False, random_state=0,
                         warm_start=True, max_iter=1)
    rates, before = [], 0.0  # the start is of the order of 1
    for epoch in range(epochs):
        model.partial_fit(x, y) if epoch else model.fit(x, y)
        left = (1e6 - model.intercepts_[0][0]) / (1e6 - before)  # (1 - rate)^(updates in an epoch)
        rates.append(1 - left ** (batch / samples))
        before = model.intercepts_[0][0]
    return rates


for samples, batch in ((1000, 1000), (1000, 100), (1000, 10), (4000, 4000)):
    rates = rates_by_epoch(samples, batch, 5)
    print(f"{samples} samples in batches of {batch}: rates in epochs 1 to 5: " + ", ".join(f"{rate:.5f}" for rate in rates))
    assert np.allclose(rates, [0.1 / np.sqrt(1 + n * samples) for n in range(5)], rtol=1e-3)
far = sum(0.1 / np.sqrt(1 + n * 1000) for n in range(1000))
print(f"1000 full-batch steps add up to {far / 0.1:.1f} steps of 0.1; with t the step to {sum(1 / np.sqrt(n) for n in range(1, 1001)):.1f}")
PYTHON
