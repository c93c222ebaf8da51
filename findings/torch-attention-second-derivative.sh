#!/usr/bin/env bash
# torch: attention has a Hessian on arrays with three axes and none on arrays with four
#
# Software: torch 2.13.0
#
# Expected: A Hessian, or none, of scaled_dot_product_attention, whatever the number of leading axes. The layers built
#           on it have a second derivative or not, whether or not the weights of the attention are returned too.
#
# Happens:  On the CPU the call with four axes (batch, heads, time, features) takes a fused kernel as soon as it can,
#           whose backward pass has no derivative, and no forward mode: an error. With three axes, or within
#           sdpa_kernel(SDPBackend.MATH), the same numbers have a Hessian. So MultiheadAttention has one with
#           need_weights=True, the default, and none with need_weights=False, which is what TransformerEncoderLayer
#           asks for: training it works, its Hessian raises.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   four axes: RuntimeError: derivative for aten::_scaled_dot_product_flash_attention_for_cpu_backward is not implemented; forward over reverse: NotImplementedError: Trying to use forward AD with _scaled_dot_product_flash_attention_for_cpu that does not support it
#   three axes: norm 186.708627194
#   four axes, MATH: norm 186.708627194
#   by formula: norm 186.708627194
#   MultiheadAttention(need_weights=True): norm 1.054840504
#   MultiheadAttention(need_weights=False): RuntimeError: derivative for aten::_scaled_dot_product_flash_attention_for_cpu_backward is not implemented; forward over reverse: NotImplementedError: Trying to use forward AD with _scaled_dot_product_flash_attention_for_cpu that does not support it
#   TransformerEncoderLayer: RuntimeError: derivative for aten::_scaled_dot_product_flash_attention_for_cpu_backward is not implemented; forward over reverse: NotImplementedError: Trying to use forward AD with _scaled_dot_product_flash_attention_for_cpu that does not support it
#
# modeq:    `Loss.from_torch` reads attention as its formula and has its derivatives of every order.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import contextlib

import torch
from torch.func import hessian
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention as attention

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
plain, written_out = contextlib.nullcontext(), sdpa_kernel(SDPBackend.MATH)


def second(f, x, context=plain):
    with context:
        try:
            forward = f"norm {hessian(f)(x).norm():.9f}"
        except NotImplementedError as error:
            forward = f"{type(error).__name__}: {str(error).split(' because')[0]}"
        try:
            reverse = f"norm {torch.autograd.functional.hessian(f, x).norm():.9f}"
        except RuntimeError as error:
            reverse = f"{type(error).__name__}: {error}"
    return forward, reverse


def loss(q):
    return (attention(q, 2 * q, q**2) ** 2).sum()


def by_formula(q):
    weights = torch.softmax(q @ (2 * q).mT / q.shape[-1] ** 0.5, -1)
    return ((weights @ q**2) ** 2).sum()


q = torch.randn(1, 1, 4, 3)
layer = torch.nn.MultiheadAttention(4, 2, batch_first=True)
encoder = torch.nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True)
x = torch.randn(1, 5, 4)
z = x.clone().requires_grad_(True)
(encoder(z) ** 2).sum().backward()
assert z.grad.isfinite().all()  # a gradient it has
rows = {
    "four axes": second(loss, q),
    "three axes": second(loss, q[0]),
    "four axes, MATH": second(loss, q, written_out),
    "by formula": second(by_formula, q),
    "MultiheadAttention(need_weights=True)": second(lambda x: (layer(x, x, x)[0] ** 2).sum(), x),
    "MultiheadAttention(need_weights=False)": second(lambda x: (layer(x, x, x, need_weights=False)[0] ** 2).sum(), x),
    "TransformerEncoderLayer": second(lambda x: (encoder(x) ** 2).sum(), x),
}
for name, (forward, reverse) in rows.items():
    print(f"{name}: {reverse}" + ("" if forward == reverse else f"; forward over reverse: {forward}"))
assert rows["three axes"] == rows["four axes, MATH"] == rows["by formula"]
assert rows["three axes"][1].startswith("norm") and rows["MultiheadAttention(need_weights=True)"][1].startswith("norm")
for name in ("four axes", "MultiheadAttention(need_weights=False)", "TransformerEncoderLayer"):
    assert rows[name][0].startswith("NotImplementedError: Trying to use forward AD"), name
    assert rows[name][1].endswith("flash_attention_for_cpu_backward is not implemented"), name
PYTHON
