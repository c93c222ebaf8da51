"""State dicts of PyTorch as parameters of a loss."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self, final

import numpy as np

from .packing import Packing


@final
@dataclass(frozen=True)
class StateDict(Packing):
    """What `torch.nn.Module.state_dict` returns; the tensors that are trained are the parameters.

    Attributes
    ----------
    names
        Names of the parameters, as in `named_parameters`.
    shared
        For other names in the state dict that share a parameter, its name.
    rest
        Tensors that stay as they are, by name: buffers and parameters that are not trained.
    """

    names: tuple[str, ...]
    shared: Mapping[str, str]
    rest: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, module: Any) -> tuple[Self, dict[str, np.ndarray]]:
        """Return the form of a module's state, and its parameters by name in double precision.

        Raises
        ------
        TypeError, ValueError
            If it is no module, no parameter is trained, or one is NaN or infinite.
        """
        import torch  # deferred: optional

        if not isinstance(module, torch.nn.Module):
            raise TypeError(
                f"expected a torch.nn.Module, got {type(module).__name__}; wrap a function as the objective of torch.nn.Identity()"
            )
        trained = {name: value for name, value in module.named_parameters() if value.requires_grad}
        if not trained:
            raise TypeError(f"{type(module).__name__} has no parameters that require a gradient; set requires_grad_() on what is trained")
        arrays = {name: value.detach().cpu().double().numpy().copy() for name, value in trained.items()}
        for name, array in arrays.items():
            if not np.isfinite(array).all():
                raise ValueError(f"the parameter {name} has entries that are NaN or infinite")
        own = {id(value): name for name, value in trained.items()}
        every = dict(module.named_parameters(remove_duplicate=False))
        shared = {name: own[id(value)] for name, value in every.items() if id(value) in own and name not in trained}
        rest = {name: value.clone() for name, value in module.state_dict().items() if name not in arrays and name not in shared}
        return cls(tuple(arrays), shared, rest), arrays

    def apart(self, params: Any) -> Mapping[str, Any]:
        """Return the parameters of a state dict by name; what is not trained may be there or not."""
        if not isinstance(params, Mapping):
            raise TypeError(f"expected a state dict, such as module.state_dict(), got {type(params).__name__}")
        known = {*self.names, *self.shared, *self.rest}
        if not set(self.names) <= set(params) <= known:
            raise ValueError(f"expected the parameters {', '.join(self.names)}, got {', '.join(params)}")
        return {name: np.asarray(_plain(params[name])) for name in self.names}

    def together(self, arrays: Mapping[str, Any]) -> Any:
        """Return a state dict for `load_state_dict`, in double precision."""
        import torch  # deferred: optional

        tensors = {name: torch.as_tensor(np.array(arrays[name])) for name in self.names}
        return tensors | {name: tensors[owner] for name, owner in self.shared.items()} | dict(self.rest)


def _plain(value: Any) -> Any:
    return value.detach().cpu().double() if hasattr(value, "detach") else value


def require_torch(what: str) -> None:
    """Raise unless PyTorch is installed."""
    if importlib.util.find_spec("torch") is None:
        raise ImportError(f"{what} needs PyTorch; install it with pip install 'modeq[torch]'")
