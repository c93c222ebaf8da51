"""How long `import modeq` and a first derivation on the command line take, against `import sympy`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from .timing import Row, best_in_turns, medians_in_turns

_CODE = "import time\nstart = time.perf_counter()\n{}\nprint(time.perf_counter() - start)"
_ROUNDS = 11
# the package may load its parts on first use: this is what a first derivation and a first flow need
_PARTS = "from modeq import Flow, GradientDescent, compare, integrate, iterate, losses, modified_equation, principal_flow"


def rows() -> list[Row]:
    codes = {"modeq": "import modeq", "parts": _PARTS, "sympy": "import sympy", "numba": "import numba"}
    medians = medians_in_turns({name: _CODE.format(code) for name, code in codes.items()}, rounds=_ROUNDS)
    commands = {"derive": ["-m", "modeq", "derive", "gd", "--order", "4"], "sympy": ["-c", "import sympy"]}
    whole = best_in_turns({name: _process(words) for name, words in commands.items()}, rounds=_ROUNDS, repeats=1)
    return [
        Row("modeq derive gd --order 4, whole process", whole["derive"], peer="sympy", peer_value=whole["sympy"], ratio_limit=1.2),
        Row(f"import modeq, median of {_ROUNDS}", medians["modeq"], peer="sympy", peer_value=medians["sympy"], ratio_limit=1.5),
        Row("the same with all parts up to compare", medians["parts"], peer="sympy", peer_value=medians["sympy"]),
        Row("the same with all parts up to compare", medians["parts"], peer="numba", peer_value=medians["numba"]),
    ]


def _process(words: list[str]) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True)
