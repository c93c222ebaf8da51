#!/usr/bin/env bash
# torch: decomposing an exported LSTM or GRU in training mode removes its dropout, without a word
#
# Software: torch 2.13.0
#
# Expected: run_decompositions() rewrites an exported program in simpler operators and leaves what it computes alone:
#           two calls of a module with dropout in training mode differ, before and after. For Dropout between two LSTMs
#           they do.
#
# Happens:  With the dropout argument of LSTM or GRU itself, the exported program is random as the module is; the
#           decomposed one repeats to the last digit and equals the module in evaluation mode.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   LSTM(dropout=0.5): module is random, exported is random, decomposed repeats; decomposed equals evaluation mode
#   GRU(dropout=0.5): module is random, exported is random, decomposed repeats; decomposed equals evaluation mode
#   LSTM, Dropout(0.5), LSTM: module is random, exported is random, decomposed is random; decomposed differs from evaluation mode
#
# modeq:    `Loss.from_torch` looks for dropout before anything is decomposed, and refuses it in training mode.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" -W ignore - <<'PYTHON'
import torch
from torch import nn


class Between(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.drop, self.second = nn.LSTM(5, 3), nn.Dropout(0.5), nn.LSTM(3, 3)

    def forward(self, x):
        return self.second(self.drop(self.first(x)[0]))[0]


def output(function, x):
    result = function(x)
    return result[0] if isinstance(result, tuple) else result


torch.manual_seed(0)
x = torch.randn(4, 2, 5)
models = {
    "LSTM(dropout=0.5)": nn.LSTM(5, 3, num_layers=2, dropout=0.5),
    "GRU(dropout=0.5)": nn.GRU(5, 3, num_layers=2, dropout=0.5),
    "LSTM, Dropout(0.5), LSTM": Between(),
}
for name, module in models.items():
    exported = torch.export.export(module, (x,))
    stages = {"module": module, "exported": exported.module(), "decomposed": exported.run_decompositions().module()}
    repeats = {stage: torch.equal(output(function, x), output(function, x)) for stage, function in stages.items()}
    again = output(stages["decomposed"], x)
    evaluated = output(module.eval(), x)
    same = torch.allclose(again, evaluated, atol=1e-6)
    said = ", ".join(f"{stage} {'repeats' if value else 'is random'}" for stage, value in repeats.items())
    print(f"{name}: {said}; decomposed {'equals' if same else 'differs from'} evaluation mode")
    built_in = name != "LSTM, Dropout(0.5), LSTM"
    assert not repeats["module"] and not repeats["exported"]
    assert repeats["decomposed"] == built_in and same == built_in
PYTHON
