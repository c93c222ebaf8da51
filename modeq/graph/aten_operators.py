"""The operators of PyTorch that a loss may use on its parameters. Anything on plain tensors is PyTorch's own business.

======================  ==============================================================================================
arithmetic              add sub rsub mul div neg pow square sqrt rsqrt reciprocal hypot
functions               exp exp2 expm1 log log2 log10 log1p logaddexp sin cos tan sinh cosh tanh asin acos atan asinh
                        acosh atanh deg2rad rad2deg erf erfc logit xlogy sigmoid log_sigmoid
activations             relu relu6 leaky_relu gelu silu softplus mish elu selu celu hardtanh hardsigmoid hardswish
piecewise               abs sign maximum minimum clamp clamp_min clamp_max where masked_fill
conditions              eq ne lt le gt ge logical_and logical_or logical_xor logical_not bitwise_and bitwise_or
                        bitwise_xor bitwise_not
parts, at fixed places  select slice index index_select gather narrow take diagonal tril triu split split_with_sizes
                        chunk unbind tensor_split unfold getitem
shapes and order        view reshape flatten unflatten squeeze unsqueeze _unsafe_view view_as transpose permute t mT
                        numpy_T movedim swapaxes expand expand_as broadcast_to broadcast_tensors flip roll repeat
                        repeat_interleave tile pad constant_pad_nd
joining and writing     cat stack select_scatter slice_scatter index_put
sums and the like       sum mean prod var std amax max amin min logsumexp cumsum linalg_vector_norm
products                linear matmul mm bmm mv dot addmm baddbmm einsum conv1d conv2d conv3d
layers                  embedding layer_norm rms_norm group_norm batch_norm (after eval()) dropout (after eval())
                        softmax _softmax log_softmax _log_softmax scaled_dot_product_attention
objectives              mse_loss l1_loss huber_loss smooth_l1_loss nll_loss nll_loss_nd cross_entropy_loss
                        binary_cross_entropy binary_cross_entropy_with_logits kl_div
no effect               contiguous clone alias detach detach_ lift_fresh_copy _assert_tensor_metadata to _to_copy
                        type_as (between floats: float32 is taken in double precision)
======================  ==============================================================================================

`detach` and functions with derivatives of their own are left out where that changes no derivative, and refused where it does.
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
_CELL = "write the cell with linear, sigmoid and tanh in a loop over the steps"

REFUSED: Mapping[str, str] = {
    **dict.fromkeys(["sort", "topk", "argmax", "argmin", "argsort", "median", "kthvalue", "unique_consecutive"], ORDER),
    **dict.fromkeys(["floor", "ceil", "round", "trunc", "remainder", "fmod", "floor_divide"], KINKED),
    **dict.fromkeys(["linalg_inv", "linalg_solve", "linalg_det", "linalg_cholesky", "linalg_svd", "linalg_eigh", "linalg_qr"], NO_SOLVER),
    **dict.fromkeys(["linalg_inv_ex", "linalg_solve_ex", "linalg_cholesky_ex", "linalg_slogdet", "inverse", "det"], NO_SOLVER),
    **dict.fromkeys(["lgamma", "digamma", "polygamma", "erfinv", "special_i0e", "sinc"], _NO_FORMULA),
    **dict.fromkeys(["max_pool1d", "max_pool2d", "max_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d"], _POOL),
    **dict.fromkeys(["lstm", "gru", "rnn_tanh", "rnn_relu", "lstm_cell", "gru_cell", "rnn_tanh_cell"], _CELL),
    **dict.fromkeys(["complex", "view_as_complex", "real", "imag", "conj", "fft_fft", "fft_rfft"], REAL),
    **dict.fromkeys(["cdist", "_cdist_forward", "pdist"], "write the distances as sums of squares, which have all derivatives"),
    "atan2": "write torch.atan(y / x) where x is positive",
}
"""What to write instead of operators that are often met and are not supported."""
