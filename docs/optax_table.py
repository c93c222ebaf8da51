"""Write the table of optax's optimizers in how-to/adaptive.md: which of them become methods, and what stands in the way of the others.

Run it as ``python docs/optax_table.py``; it needs the extra ``jax``. The list is optax's own: what it exports that takes a learning rate.
"""

import inspect
import warnings
from collections.abc import Callable
from functools import partial
from types import FunctionType
from typing import Any

import optax
import optax.contrib

import modeq as mq

OTHERS: dict[str, dict[str, Any]] = {  # what an optimizer needs besides its learning rate
    "contrib.dpsgd": {"l2_norm_clip": 1.0, "noise_multiplier": 1.0, "seed": 0},
    "contrib.schedule_free": {"base_optimizer": optax.sgd(1.0)},
}
HEADER = "| optax | modeq |\n|---|---|\n"


def names() -> list[str]:
    """List the optimizers that optax and optax.contrib export."""
    found = []
    for prefix, module in (("", optax), ("contrib.", optax.contrib)):
        for name in sorted(vars(module)):
            make = getattr(module, name)
            if isinstance(make, (FunctionType, partial)) and not name.startswith(("_", "scale_by_")) and _rate(make):
                found.append(prefix + name)
    return found


def _rate(make: Callable[..., Any]) -> str:
    """Return the name of the learning rate among the parameters, empty if there is none."""
    return next((name for name in inspect.signature(make).parameters if name.endswith("learning_rate")), "")


def outcome(name: str) -> str:
    """Say in a few words what becomes of an optimizer."""
    make: Any = optax
    for part in name.split("."):
        make = getattr(make, part)
    try:
        method = mq.from_optax(make(**{_rate(make): 1.0}, **OTHERS.get(name, {})), name=name)
    except (TypeError, ValueError) as error:
        reason = str(error).removeprefix(f"{name} ").removeprefix("cannot be traced: ")
        return "refused: " + reason.split("; ")[0].split(", so no flow")[0]
    kind = "smooth update" if method.linear is None else "general linear method"
    return f"{kind}, state {', '.join(method.state_names)}"


def table() -> str:
    """Return the table."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return HEADER + "".join(f"| `{name}` | {outcome(name)} |\n" for name in names())


if __name__ == "__main__":
    print(table(), end="")
