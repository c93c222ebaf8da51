"""The primitives of JAX that a loss may use on its parameters. Anything on plain arrays is JAX's own business.

======================  ==============================================================================================
arithmetic              add sub mul div neg pow integer_pow square sqrt rsqrt add_any
functions               exp exp2 log log1p expm1 sin cos tan sinh cosh tanh asin acos atan asinh acosh atanh logistic
                        erf erfc
piecewise               max min abs sign clamp select_n
conditions              eq ne lt le gt ge and or xor not is_finite (which is taken to be true)
moving entries          reshape squeeze expand_dims transpose broadcast_in_dim slice dynamic_slice gather rev split tile
                        concatenate pad dynamic_update_slice scatter scatter-add, all at fixed indices
sums and the like       reduce_sum reduce_prod reduce_max reduce_min cumsum reduce_window_sum
products                dot_general conv_general_dilated
functions, loops        jit pjit closed_call core_call call remat2 checkpoint custom_jvp_call custom_vjp_call cond scan
                        while (loops are unrolled)
no effect               convert_element_type (between floats: float32 is taken in double precision) reduce_precision
                        copy copy_p name stop_gradient optimization_barrier device_put sharding_constraint
======================  ==============================================================================================

Functions with derivatives of their own are those of JAX (relu, relu6, logaddexp, xlogy, xlog1py, sinc) with their slopes at
kinks and limits. Others, and stop_gradient, are left out where that changes no derivative, and refused where it does.
"""

from __future__ import annotations

from collections.abc import Mapping

from . import jax_elementwise, jax_structure
from .jax_control import STRUCTURAL
from .jaxpr import Handler
from .tracing_errors import KINKED, NO_SOLVER, ORDER, REAL

__all__ = ["PRIMITIVES", "REFUSED", "STRUCTURAL"]

PRIMITIVES: Mapping[str, Handler] = {**jax_elementwise.PRIMITIVES, **jax_structure.PRIMITIVES}
"""What computes, by JAX's names; `STRUCTURAL` holds other jaxprs."""

_NO_FORMULA = "its derivatives are not among the functions of modeq; use Loss.from_functions, which leaves the loss in JAX"
_POOL = "a largest entry in windows is not smooth; average them (flax.linen.avg_pool), or stride the convolution"
_RANDOM = "random numbers must not depend on the parameters; draw them beforehand and pass them as data"
_EXTREMES = "take the largest entries at the end only, or a smooth maximum, log Σ exp"

REFUSED: Mapping[str, str] = {
    **dict.fromkeys(["sort", "top_k", "approx_top_k", "argmax", "argmin"], ORDER),
    **dict.fromkeys(["cummax", "cummin", "cumprod", "cumlogsumexp", "scatter-max", "scatter-min", "scatter-mul"], _EXTREMES),
    **dict.fromkeys(["reduce_window_max", "reduce_window_min", "reduce_window", "select_and_scatter_add"], _POOL),
    **dict.fromkeys(["select_and_gather_add", "select_and_scatter"], _POOL),
    **dict.fromkeys(["floor", "ceil", "round", "rem", "nextafter"], KINKED),
    **dict.fromkeys(["cholesky", "lu", "qr", "svd", "eigh", "eig", "schur", "hessenberg", "tridiagonal"], NO_SOLVER),
    **dict.fromkeys(["triangular_solve", "tridiagonal_solve", "custom_linear_solve", "householder_product"], NO_SOLVER),
    **dict.fromkeys(["lgamma", "digamma", "polygamma", "igamma", "igammac", "erf_inv", "bessel_i0e", "bessel_i1e"], _NO_FORMULA),
    **dict.fromkeys(["regularized_incomplete_beta", "zeta", "random_gamma", "igamma_grad_a"], _NO_FORMULA),
    **dict.fromkeys(["complex", "real", "imag", "conj", "fft"], REAL),
    **dict.fromkeys(["random_bits", "random_seed", "random_fold_in", "random_split", "threefry2x32"], _RANDOM),
    **dict.fromkeys(["pure_callback", "io_callback", "ffi_call"], "it leaves JAX; use Loss.from_functions for such a loss"),
    "cbrt": "for positive x write x ** (1 / 3)",
    "atan2": "write jnp.arctan(y / x) where x is positive",
}
"""What to write instead of primitives that are often met and are not supported."""
