"""The operators of PyTorch that a loss may use on its parameters. Anything on plain tensors is PyTorch's own business.

======================  ==============================================================================================
arithmetic              add sub rsub mul div neg pow square sqrt rsqrt reciprocal hypot
functions               exp exp2 expm1 log log2 log10 log1p logaddexp sin cos tan sinh cosh tanh asin acos atan asinh
                        acosh atanh deg2rad rad2deg erf erfc logit xlogy sigmoid log_sigmoid
activations             relu relu6 leaky_relu gelu silu softplus mish elu selu celu hardtanh hardsigmoid hardswish
piecewise               abs sign maximum minimum clamp clamp_min clamp_max where masked_fill
conditions              eq ne lt le gt ge isnan isinf any logical_and logical_or logical_xor logical_not bitwise_and bitwise_or
                        bitwise_xor bitwise_not
parts, at fixed places  select slice index index_select gather narrow take diagonal tril triu split split_with_sizes
                        chunk unbind tensor_split unfold getitem
shapes and order        view reshape flatten unflatten squeeze unsqueeze _unsafe_view view_as transpose permute t mT
                        numpy_T movedim swapaxes expand expand_as broadcast_to broadcast_tensors flip roll repeat
                        repeat_interleave tile pad constant_pad_nd
joining and writing     cat stack select_scatter slice_scatter scatter index_put scatter_add copy
sums and the like       sum mean prod var std var_mean amax max amin min logsumexp cumsum cumprod logcumsumexp
                        linalg_vector_norm
averages of places      avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d
                        _adaptive_avg_pool1d _adaptive_avg_pool2d _adaptive_avg_pool3d upsample_nearest1d
                        upsample_nearest2d upsample_nearest3d upsample_linear1d upsample_bilinear2d upsample_bicubic2d
                        upsample_trilinear3d
shapes only             full_like zeros_like ones_like empty_like new_zeros new_ones new_full new_empty sym_size
products                linear matmul mm bmm mv dot addmm baddbmm addmv einsum conv1d conv2d conv3d
layers                  embedding layer_norm rms_norm group_norm batch_norm _native_batch_norm_legit
                        _native_batch_norm_legit_no_training dropout native_dropout (after eval())
                        softmax _softmax log_softmax _log_softmax scaled_dot_product_attention
objectives              mse_loss l1_loss huber_loss smooth_l1_loss nll_loss nll_loss_nd cross_entropy_loss
                        binary_cross_entropy binary_cross_entropy_with_logits kl_div
no effect               contiguous clone alias detach detach_ lift_fresh_copy _assert_tensor_metadata to _to_copy
                        type_as (between floats: float32 is taken in double precision)
======================  ==============================================================================================

Others that PyTorch has a formula of in these are taken by it (`torch.export.default_decompositions`), and writing in place is writing to
a copy. `detach` and functions with derivatives of their own are left out where that changes no derivative, and refused where it does.
"""

from __future__ import annotations

from collections.abc import Mapping

from . import aten_elementwise, aten_models, aten_structure
from .aten import Handler
from .tracing_errors import KINKED, NO_SOLVER, ORDER, REAL

OPERATORS: Mapping[str, Handler] = {**aten_elementwise.OPERATORS, **aten_structure.OPERATORS, **aten_models.OPERATORS}
"""By PyTorch's names, without overloads."""

_NO_FORMULA = "its derivatives are not among the functions of modeq; use Loss.from_functions, which leaves the loss in PyTorch"
_POOL = "a largest entry in windows is not smooth; stride the convolution, or average with a fixed kernel"
_NUMBER = "the loss is traced for every value of its parameters at once, so they are no numbers yet; leave .item() and float(…) out"

REFUSED: Mapping[str, str] = {
    **dict.fromkeys(["sort", "topk", "argmax", "argmin", "argsort", "median", "kthvalue", "unique_consecutive"], ORDER),
    **dict.fromkeys(["floor", "ceil", "round", "trunc", "remainder", "fmod", "floor_divide"], KINKED),
    **dict.fromkeys(["linalg_inv", "linalg_solve", "linalg_det", "linalg_cholesky", "linalg_svd", "linalg_eigh", "linalg_qr"], NO_SOLVER),
    **dict.fromkeys(["linalg_inv_ex", "linalg_solve_ex", "linalg_cholesky_ex", "linalg_slogdet", "inverse", "det"], NO_SOLVER),
    **dict.fromkeys(["_linalg_det", "_linalg_slogdet", "_linalg_solve_ex", "_linalg_svd", "_linalg_eigh"], NO_SOLVER),
    **dict.fromkeys(["linalg_householder_product", "linalg_matrix_exp", "linalg_solve_triangular"], NO_SOLVER),
    **dict.fromkeys(["lgamma", "digamma", "polygamma", "erfinv", "special_i0e", "sinc"], _NO_FORMULA),
    **dict.fromkeys(["max_pool1d", "max_pool2d", "max_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d"], _POOL),
    **dict.fromkeys(["max_pool2d_with_indices", "max_pool3d_with_indices"], _POOL),
    "convolution": "of transposed convolutions take nn.Upsample and a convolution instead",
    "item": _NUMBER,
    "_local_scalar_dense": _NUMBER,
    **dict.fromkeys(["complex", "view_as_complex", "real", "imag", "conj", "fft_fft", "fft_rfft"], REAL),
    **dict.fromkeys(["_fft_r2c", "_fft_c2c", "_fft_c2r"], REAL),
    **dict.fromkeys(["cdist", "_cdist_forward", "pdist"], "write the distances as sums of squares, which have all derivatives"),
    "atan2": "write torch.atan(y / x) where x is positive",
}
"""What to write instead of operators that are often met and are not supported."""
