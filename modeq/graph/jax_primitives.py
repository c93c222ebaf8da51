"""The primitives of JAX that a loss may use on its parameters. Anything on plain arrays is JAX's own business.

======================  ==============================================================================================
arithmetic              add sub mul div neg pow integer_pow square sqrt rsqrt add_any
functions               exp exp2 log log1p expm1 sin cos tan sinh cosh tanh asin acos atan asinh acosh atanh logistic
                        erf erfc
piecewise               max min abs sign clamp select_n
conditions              eq ne lt le gt ge eq_to lt_to le_to and or xor not reduce_and reduce_or, and argmax of
                        conditions or of how many hold, is_finite (which is taken to be true)
moving entries          reshape squeeze transpose broadcast_in_dim slice dynamic_slice gather rev split tile stack unstack
                        concatenate pad dynamic_update_slice scatter scatter-add scatter-sub scatter-mul scatter-max
                        scatter-min, all at fixed indices
sums and the like       reduce_sum reduce_prod reduce_max reduce_min cumsum cumprod cummax cummin cumlogsumexp
                        reduce_window_sum, psum over axes of vmap
products                dot_general conv_general_dilated
functions, loops        jit closed_call call remat2 custom_jvp_call custom_vjp_call cond scan while (loops are unrolled)
no effect               convert_element_type (between floats: float32 is taken in double precision) reduce_precision
                        copy name stop_gradient optimization_barrier device_put sharding_constraint
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
_BITS = "the bits of numbers that depend on the parameters have no derivative; leave it out"
_DEVICES = "what several devices share is not lowered; write the loss for one, and sums along an axis for sums over devices"

REFUSED: Mapping[str, str] = {
    **dict.fromkeys(["sort", "top_k", "approx_top_k", "argmin"], ORDER),
    "reduce": "write it with sums, products, minima and maxima",
    "reduce_xor": "count the conditions with jnp.sum",
    **dict.fromkeys(["reduce_window_max", "reduce_window_min", "reduce_window", "select_and_scatter_add"], _POOL),
    **dict.fromkeys(["select_and_gather_add", "select_and_scatter"], _POOL),
    **dict.fromkeys(["floor", "ceil", "round", "rem", "nextafter"], KINKED),
    **dict.fromkeys(["cholesky", "lu", "qr", "svd", "eigh", "eig", "schur", "hessenberg", "tridiagonal"], NO_SOLVER),
    **dict.fromkeys(["cholesky_update", "lu_pivots_to_permutation", "ormqr", "symmetric_product"], NO_SOLVER),
    **dict.fromkeys(["triangular_solve", "tridiagonal_solve", "custom_linear_solve", "householder_product"], NO_SOLVER),
    **dict.fromkeys(["lgamma", "digamma", "polygamma", "igamma", "igammac", "erf_inv", "bessel_i0e", "bessel_i1e"], _NO_FORMULA),
    **dict.fromkeys(["regularized_incomplete_beta", "zeta", "random_gamma", "igamma_grad_a"], _NO_FORMULA),
    **dict.fromkeys(["complex", "real", "imag", "conj", "fft"], REAL),
    **dict.fromkeys(["random_bits", "random_seed", "random_fold_in", "random_split", "threefry2x32"], _RANDOM),
    **dict.fromkeys(["rng_bit_generator", "rng_uniform"], _RANDOM),
    **dict.fromkeys(["bitcast_convert_type", "clz", "mulhi", "population_count"], _BITS),
    **dict.fromkeys(["shift_left", "shift_right_arithmetic", "shift_right_logical"], _BITS),
    **dict.fromkeys(["shard_map", "pmax", "pmin", "ppermute", "all_gather", "all_to_all", "ragged_all_to_all"], _DEVICES),
    **dict.fromkeys(["ragged_dot", "ragged_dot_general"], "write one product for each group"),
    **dict.fromkeys(["get", "swap", "addupdate", "run_state"], "arrays that are written to in place are not lowered; use x.at[i].set(…)"),
    **dict.fromkeys(["unvmap_any", "unvmap_all", "unvmap_max"], "checks at run time are not lowered; leave eqx.error_if out"),
    **dict.fromkeys(["select_if_vmap", "nonbatchable"], "loops of equinox are not lowered; use jax.lax.scan or fori_loop"),
    **dict.fromkeys(["pure_callback", "io_callback", "ffi_call"], "it leaves JAX; use Loss.from_functions for such a loss"),
    "composite": "JAX has no derivative of it either; call its decomposition",
    "cbrt": "for positive x write x ** (1 / 3)",
    "atan2": "write jnp.arctan(y / x) where x is positive",
}
"""What to write instead of primitives that are often met and are not supported."""
