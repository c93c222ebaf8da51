"""The NumPy that a traced function may use on its parameters. Anything on plain arrays is NumPy's own business.

========================  ==========================================================================================
operators                 ``+ - * / ** @``, ``+=`` and the like; comparisons, and ``& | ^ ~`` of conditions
arithmetic                add subtract multiply divide negative positive power float_power square sqrt reciprocal hypot
exponentials, logarithms  exp exp2 expm1 log log2 log10 log1p logaddexp logaddexp2
trigonometry              sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh deg2rad rad2deg
                          sinc
piecewise                 absolute fabs maximum minimum fmax fmin clip, where(condition, a, b)
conditions                less less_equal greater greater_equal equal not_equal logical_and logical_or logical_xor
                          logical_not bitwise_and bitwise_or bitwise_xor invert: of use in where and as factors
scipy.special             erf erfc expit exprel log_expit logit ndtr xlogy; softplus, which calls logaddexp
sums                      sum mean var std average prod cumsum diff trapezoid trace
largest entries, norms    max min ptp; linalg.norm of vectors (any ord but 0) and of matrices ('fro', 1, inf),
                          linalg.vector_norm, linalg.matrix_norm
methods of ufuncs         reduce of add multiply maximum minimum fmax fmin logaddexp; outer of add subtract multiply
                          divide power maximum minimum less greater logaddexp hypot
products                  matmul dot vdot vecdot matvec vecmat inner outer kron tensordot einsum polyval,
                          linalg.multi_dot, linalg.matrix_power (from 0 on)
shapes                    reshape ravel transpose swapaxes moveaxis matrix_transpose squeeze expand_dims atleast_1d
                          atleast_2d atleast_3d broadcast_to broadcast_arrays
parts                     ``x[...]`` with fixed indices, slices and masks; take diagonal diag diagflat triu tril delete
                          split array_split hsplit vsplit
joining                   concatenate stack hstack vstack column_stack dstack append
order                     flip fliplr flipud rot90 roll tile repeat pad
others                    copy zeros_like ones_like full_like shape ndim size iscomplexobj isrealobj
methods of arrays         sum mean std var prod max min dot trace cumsum clip reshape ravel flatten transpose swapaxes
                          squeeze copy astype(float) diagonal repeat take; shape ndim size dtype T mT, len, iteration
========================  ==========================================================================================

Arguments beyond the main ones (``out``, ``where``, ``initial``, ``dtype`` other than float64) are refused. What changes an
array in place is ``+=`` and the like, on arrays that share their entries with no view; ``x[i] = …`` is refused.

Functions that are piecewise have the derivatives of the piece that each entry is on.
"""

from __future__ import annotations

from . import numpy_elementwise, numpy_products, numpy_reductions, numpy_structure
from .traced_array import Operations

OPERATIONS = Operations(
    ufuncs={**numpy_elementwise.UFUNCS, **numpy_products.MATRIX_UFUNCS},
    methods={**numpy_reductions.METHODS, **numpy_products.METHODS},
    functions={
        **numpy_elementwise.FUNCTIONS,
        **numpy_reductions.FUNCTIONS,
        **numpy_products.FUNCTIONS,
        **numpy_structure.FUNCTIONS,
    },
    getitem=numpy_structure.getitem,
)
"""All of the above."""
