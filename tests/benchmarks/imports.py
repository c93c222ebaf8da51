"""How long `import modeq` takes, against `import sympy`."""

from __future__ import annotations

from .timing import Row, medians_in_turns

_CODE = "import time\nstart = time.perf_counter()\n{}\nprint(time.perf_counter() - start)"
_ROUNDS = 11
# the package may load its parts on first use: this is what a first derivation and a first flow need
_PARTS = "from modeq import Flow, GradientDescent, compare, integrate, iterate, losses, modified_equation, principal_flow"


def rows() -> list[Row]:
    codes = {"modeq": "import modeq", "parts": _PARTS, "sympy": "import sympy", "numba": "import numba"}
    medians = medians_in_turns({name: _CODE.format(code) for name, code in codes.items()}, rounds=_ROUNDS)
    return [
        Row(f"import modeq, median of {_ROUNDS}", medians["modeq"], peer="sympy", peer_value=medians["sympy"], ratio_limit=1.5),
        Row("the same with all parts up to compare", medians["parts"], peer="sympy", peer_value=medians["sympy"]),
        Row("the same with all parts up to compare", medians["parts"], peer="numba", peer_value=medians["numba"]),
    ]
