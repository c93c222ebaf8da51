#!/usr/bin/env bash
# loss-landscapes: the larger the distance, the shorter the line: distance 0.1 goes ten times the norm of the weights away
#
# Software: loss-landscapes 3.0.6, torch 2.13.0
#
# Expected: random_line(…, distance=d) evaluates up to "distance: maximum distance in parameter space from the start
#           point", so its last point has |w - w₀| = d, or d |w₀| as the directions are normalised. random_plane is
#           centred at the model.
#
# Happens:  The line has the length |w₀|/d. The default of 0.1 goes to 10 |w₀|, 0.01 to 100 |w₀|, and 10 to 0.1 |w₀|;
#           random_plane divides in the same way. Who makes the distance smaller to look at a minimum from close by
#           looks from farther away, and the picture is that of weights where nothing was trained.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   distance  0.01: the line ends at  100.00 |w|, the corner of the plane is at  70.01 |w|
#   distance   0.1: the line ends at   10.00 |w|, the corner of the plane is at   6.97 |w|
#   distance     1: the line ends at    1.00 |w|, the corner of the plane is at   0.69 |w|
#   distance    10: the line ends at    0.10 |w|, the corner of the plane is at   0.07 |w|
#
# modeq:    Pictures of modeq are drawn over parameters whose range is given, in the units of the parameters.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check loss-landscapes==3.0.6 torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import loss_landscapes
import torch
from loss_landscapes.metrics import Metric

torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(20, 20), torch.nn.Tanh(), torch.nn.Linear(20, 1))


def vector(parameters):
    return torch.cat([p.detach().flatten() for p in parameters])


start = vector(model.parameters())


class Distance(Metric):
    """How far the weights are from the start, in units of its norm."""

    def __call__(self, wrapper):
        return ((vector(wrapper.get_module_parameters().parameters) - start).norm() / start.norm()).item()


for distance in (0.01, 0.1, 1, 10):
    ends = [loss_landscapes.random_line(model, Distance(), distance=distance, steps=10, normalization=normalization, deepcopy_model=True)[-1]
            for normalization in ("filter", "layer", "model", None)]
    plane = loss_landscapes.random_plane(model, Distance(), distance=distance, steps=10, deepcopy_model=True).max()
    print(f"distance {distance:5}: the line ends at {ends[0]:7.2f} |w|, the corner of the plane is at {plane:6.2f} |w|")
    assert all(abs(end * distance - 1) < 1e-3 for end in ends)
    assert 0.3 < plane * distance < 1.5
PYTHON
