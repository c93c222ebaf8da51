"""Everything that puts an equation on a field: importing this module registers it, see `extension_points`."""

from typing import Any

from ..extension_points import bind
from ..series.equation import Equation
from . import central as central
from . import epoch as epoch
from . import limit as limit
from . import modified_losses as modified_losses
from . import rod as rod
from . import sample_path as sample_path
from . import series_flow as series_flow
from . import slow_memory as slow_memory
from . import spectral_flow as spectral_flow
from . import stochastic as stochastic
from . import time_flow as time_flow
from . import update_maps as update_maps
from . import update_series as update_series
from . import update_symbols as update_symbols
from . import whole_state as whole_state
from .checks import check_field


@bind.register(Equation, object)
def _(equation: Equation, field: Any) -> Any:
    check_field(field, 1, equation.title)  # says what is wrong with it
    raise TypeError(f"a {equation.title} cannot be put on {field.name}, a {type(field).__name__}")
