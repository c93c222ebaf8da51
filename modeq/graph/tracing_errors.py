"""What tracing says when a function cannot be traced: the line of the user's code, the reason, and what to write instead."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from ..nearest import near_names, nearest_supported

_LIBRARIES = ("modeq", "numpy", "scipy")
_NO_NUMBER = "the loss is traced for every value of its parameters at once, so they are no numbers yet"
KINKED = "it is not differentiable; the loss needs derivatives of every order"
NO_SOLVER = (
    "matrices are not factored or inverted; minimise a residual such as np.sum((A @ u - b) ** 2) with u a parameter instead, "
    "or compute what depends on the data alone beforehand"
)
ORDER = "an order of entries is not differentiable; np.maximum.reduce and np.logaddexp.reduce are supported"
REAL = "the loss must be an analytic function of its parameters, which are real: leave it out"
_FIXED_ADVICE = "a shape that depends on values cannot be traced; use np.where(condition, a, b)"

ADVICE: Mapping[str, str] = {
    **dict.fromkeys(["np.linalg.inv", "np.linalg.solve", "np.linalg.det", "np.linalg.slogdet", "np.linalg.pinv"], NO_SOLVER),
    **dict.fromkeys(["np.linalg.lstsq", "np.linalg.cholesky", "np.linalg.qr", "np.linalg.matrix_rank", "np.linalg.cond"], NO_SOLVER),
    **dict.fromkeys(["np.linalg.svd", "np.linalg.eig", "np.linalg.eigh", "np.linalg.eigvals", "np.linalg.eigvalsh"], NO_SOLVER),
    **dict.fromkeys(["np.sort", "np.argsort", "np.partition", "np.median", "np.percentile", "np.quantile", "np.unique"], ORDER),
    **dict.fromkeys(["np.argmax", "np.argmin", "np.searchsorted", "np.nanmax", "np.nanmin"], ORDER),
    **dict.fromkeys(["np.round", "np.rint", "np.floor", "np.ceil", "np.trunc", "np.floor_divide", "np.remainder"], KINKED),
    **dict.fromkeys(["np.fmod", "np.divmod", "np.modf", "np.around", "np.fix"], KINKED),
    **dict.fromkeys(["np.sign", "np.heaviside", "np.copysign", "np.signbit"], f"{KINKED}; write np.where(x < 0, a, b)"),
    **dict.fromkeys(["np.conjugate", "np.real", "np.imag", "np.angle", ".real", ".imag", ".conj", ".conjugate"], REAL),
    **dict.fromkeys(["np.nonzero", "np.flatnonzero", "np.argwhere", "np.extract", "np.compress"], _FIXED_ADVICE),
    **dict.fromkeys(["np.any", "np.all"], "conditions are combined with &, | and ~, and used in np.where(condition, a, b)"),
    **dict.fromkeys(
        ["np.isnan", "np.isfinite", "np.isinf", "np.nan_to_num"], "choose with np.where before a value becomes NaN or infinite"
    ),
    **dict.fromkeys(["np.isclose", "np.allclose", "np.array_equal"], "compare with <, and use the result in np.where(condition, a, b)"),
    **dict.fromkeys(["np.fft.fft", "np.fft.rfft", "np.fft.ifft"], "multiply by a fixed real matrix of sines and cosines, with @"),
    **dict.fromkeys(["np.convolve", "np.correlate"], "write it as sum(kernel[i] * x[i : i + n] for i in range(len(kernel)))"),
    "np.cbrt": "for positive x write x ** (1 / 3)",
    "np.arctan2": "write np.arctan(y / x) where x is positive",
    "np.sinc": "write np.sin(np.pi * x) / (np.pi * x) where x is not 0",
    **dict.fromkeys(["np.cumprod", ".cumprod"], "write np.exp(np.cumsum(np.log(x))) for positive x"),
    **dict.fromkeys(["np.vectorize", "np.apply_along_axis", "np.apply_over_axes"], "write it with NumPy's functions of whole arrays"),
    "np.add.accumulate": "use np.cumsum(x, axis=0)",
    "np.interp": "interpolate by a smooth function, such as a polynomial in x",
    "np.put": "arrays of a traced loss cannot be written to; use np.where or np.concatenate",
    "scipy.special.logsumexp": "use np.logaddexp.reduce(x, axis=...)",
    "scipy.special.softmax": "use np.exp(x - np.logaddexp.reduce(x, axis=-1, keepdims=True))",
    "scipy.special.log_softmax": "use x - np.logaddexp.reduce(x, axis=-1, keepdims=True)",
    "scipy.linalg.solve": NO_SOLVER,
    "scipy.linalg.inv": NO_SOLVER,
    "scipy.linalg.expm": "write the series, or a product such as np.linalg.matrix_power(np.eye(n) + A / 64, 64)",
}
"""What to write instead of functions that are often asked for and are not supported."""


def user_frame() -> tuple[FrameType | None, FrameType | None]:
    """Return the innermost frame outside modeq, NumPy and SciPy, and the frame of a library that it called."""
    inner, frame = None, sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] not in _LIBRARIES:
            return frame, inner
        inner, frame = frame, frame.f_back  # type: ignore[assignment]  # the caller outside the libraries exists
    return None, None


def user_line() -> str:
    """Return the place in the user's code that is running, ``" (model.py, line 12: h = x + 1)"``, or nothing."""
    frame, _ = user_frame()
    if frame is None:
        return ""
    text = linecache.getline(frame.f_code.co_filename, frame.f_lineno, frame.f_globals).strip()
    text = text if len(text) <= 120 else text[:119] + "…"
    return f" ({Path(frame.f_code.co_filename).name}, line {frame.f_lineno}{': ' * bool(text)}{text})"


def library_call() -> str:
    """Return the name of the function of NumPy or SciPy, written in Python, that the user's code called; "" for others."""
    _, inner = user_frame()
    module = "" if inner is None else inner.f_globals.get("__name__", "")
    if inner is None or module.partition(".")[0] not in ("numpy", "scipy"):
        return ""
    public = ".".join(part for part in module.split(".")[:2] if not part.startswith("_") and part != "lib")
    return f"{public.replace('numpy', 'np')}.{inner.f_code.co_qualname.removesuffix('.__call__')}"


def display_name(function: Callable[..., Any]) -> str:
    """Return the name that a user knows a NumPy function by.

    Examples
    --------
    >>> display_name(np.linalg.norm), display_name(np.add)
    ('np.linalg.norm', 'np.add')
    """
    name = getattr(function, "__name__", repr(function))
    if isinstance(function, np.ufunc):
        return f"np.{name}" if getattr(np, name, None) is function else f"scipy.special.{name}"
    return f"{getattr(function, '__module__', None) or 'numpy'}.{name}".replace("numpy", "np", 1)


def unsupported(name: str, supported: Iterable[str]) -> TypeError:
    """Return the error for a function, method or attribute that is not supported: advice, or the nearest names."""
    advice = ADVICE.get(name, "")
    if not advice:
        short: dict[str, list[str]] = {}
        for other in supported:
            short.setdefault(other.rpartition(".")[2], []).append(other)
        whole = near_names(name, [other for others in short.values() for other in others], count=1, similarity=0.8)
        last = [short[match][0] for match in near_names(name.rpartition(".")[2], short)]
        near = list(dict.fromkeys(whole + last))[:3]
        advice = nearest_supported(near, "modeq.graph.numpy_operations lists what is supported")
    return TypeError(f"{name} is not supported on the parameters of a traced loss: {advice}")


class NoNumber(TypeError):
    """A parameter is used as a Python number."""


def no_number(attempt: str, instead: str) -> NoNumber:
    """Return the error for a parameter that is used as a Python number."""
    return NoNumber(f"{attempt}: {_NO_NUMBER}; {instead}")
