#!/usr/bin/env bash
# loss-landscapes: random directions have no negative entry: any two of them are 41 degrees apart
#
# Software: loss-landscapes 3.0.6, torch 2.13.0
#
# Expected: "A randomly sampled direction", filter-normalised as in Li et al. (2018), who draw Gaussian directions: half
#           of the entries are negative, two directions of a model with n parameters have a cosine of about 1/√n, and
#           the mean curvature along them is trace(H)/n.
#
# Happens:  Entries are uniform on [0, 1]. The cosine with (1, …, 1) is 0.87, two lines have a cosine of 0.75
#           whatever n, and sampling more of them does not explore the space. On the loss (Σ wᵢ)²/2, flat in all
#           directions but one, every line sees a curvature of 0.75 n instead of 1; on Σ (wᵢ - mean)²/2, curved in all
#           directions but one, it sees a quarter. Its random_plane draws in the same way before it orthogonalises.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   n =   110, filter: negative entries 0, cosine with (1, …, 1) 0.86, of two lines 0.78 (1/sqrt(n) = 0.10), curvature of (sum w)^2/2 0.74 n, of the rest 0.26
#   n =   110, None: negative entries 0, cosine with (1, …, 1) 0.86, of two lines 0.74 (1/sqrt(n) = 0.10), curvature of (sum w)^2/2 0.74 n, of the rest 0.26
#   n =   930, filter: negative entries 0, cosine with (1, …, 1) 0.87, of two lines 0.76 (1/sqrt(n) = 0.03), curvature of (sum w)^2/2 0.75 n, of the rest 0.25
#   n =   930, None: negative entries 0, cosine with (1, …, 1) 0.87, of two lines 0.75 (1/sqrt(n) = 0.03), curvature of (sum w)^2/2 0.75 n, of the rest 0.25
#   n = 10100, filter: negative entries 0, cosine with (1, …, 1) 0.87, of two lines 0.75 (1/sqrt(n) = 0.01), curvature of (sum w)^2/2 0.75 n, of the rest 0.25
#   n = 10100, None: negative entries 0, cosine with (1, …, 1) 0.87, of two lines 0.75 (1/sqrt(n) = 0.01), curvature of (sum w)^2/2 0.75 n, of the rest 0.25
#
# modeq:    E.sharpness and the spectra of modeq come from the Hessian, not from directions drawn at random.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check loss-landscapes==3.0.6 torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import loss_landscapes
import numpy as np
import torch
from loss_landscapes.metrics import Metric

torch.manual_seed(0)


class Where(Metric):
    """The metric that notes where it was asked."""

    def __init__(self):
        super().__init__()
        self.points = []

    def __call__(self, wrapper):
        self.points.append(torch.cat([p.flatten() for p in wrapper.get_module_parameters().parameters]).double().numpy().copy())
        return 0.0


def directions(width, normalization, count=8):
    model = torch.nn.Linear(width, width)
    found = []
    for _ in range(count):
        where = Where()
        loss_landscapes.random_line(model, where, steps=2, normalization=normalization, deepcopy_model=True)
        step = where.points[1] - where.points[0]
        found.append(step / np.linalg.norm(step))
    return np.array(found)


for width in (10, 30, 100):
    for normalization in ("filter", None):
        found = directions(width, normalization)
        n = found.shape[1]
        gram = found @ found.T
        ones = np.ones(n) / np.sqrt(n)
        along = (found @ ones).mean()
        print(f"n = {n:5}, {normalization}: negative entries {int((found < 0).sum())}, cosine with (1, …, 1) {along:.2f},"
              f" of two lines {gram[np.triu_indices(len(gram), 1)].mean():.2f} (1/sqrt(n) = {n**-0.5:.2f}),"
              f" curvature of (sum w)^2/2 {((found @ ones) ** 2).mean():.2f} n, of the rest {1 - ((found @ ones) ** 2).mean():.2f}")
        assert not (found < 0).any()
        assert abs(along - 0.866) < 0.03
        assert abs(gram[np.triu_indices(len(gram), 1)].mean() - 0.75) < 0.05
PYTHON
