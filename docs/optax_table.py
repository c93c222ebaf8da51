"""Write the table of optax's optimizers in how-to/adaptive.md: which of them become methods, and what stands in the way of the others.

Run it as ``python docs/optax_table.py``; it needs the extra ``jax``.
"""

import inspect
import warnings

import optax

import modeq as mq

NAMES = (
    *("adabelief", "adadelta", "adafactor", "adagrad", "adam", "adamax", "adamaxw", "adamw", "adan", "amsgrad", "fromage", "lamb", "lars"),
    *("lbfgs", "lion", "nadam", "nadamw", "noisy_sgd", "novograd", "optimistic_adam", "optimistic_gradient_descent", "polyak_sgd"),
    *("radam", "rmsprop", "rprop", "sgd", "sign_sgd", "sm3", "yogi"),
)


def outcome(name: str) -> str:
    """Say in a few words what becomes of an optimizer."""
    make = getattr(optax, name)
    rate = {"learning_rate": 1.0} if "learning_rate" in inspect.signature(make).parameters else {}
    try:
        method = mq.from_optax(make(**rate), name=name)
    except TypeError as error:
        reason = str(error).removeprefix(f"{name} ").removeprefix("cannot be traced: ")
        return "refused: " + reason.split("; ")[0].split(", so no flow")[0]
    kind = "smooth update" if method.linear is None else "general linear method"
    return f"{kind}, state {', '.join(method.state_names)}"


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print("| optax | modeq |\n|---|---|")
    for name in NAMES:
        print(f"| `{name}` | {outcome(name)} |")
