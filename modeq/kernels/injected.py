"""Arguments of kernels that are functions of the module which a kernel is copied into.

A copied function finds them among the globals of its module: Numba cannot cache a function that is given another compiled function as
an argument. In Python they are ordinary arguments. The annotation is how code generation tells them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Injected: TypeAlias = Callable[..., Any]
