"""Smooth updates against the optimizers of PyTorch themselves, in float64, from the first step."""

import numpy as np
import pytest

import modeq as mq

torch = pytest.importorskip("torch")
STEPS, H = 50, 0.02
E = mq.Loss.from_sympy("exp(0.3*a) + a**2*b**2/4 + (a - b)**2/2 + sqrt(1 + b**2)", ["a", "b"])
START = [1.2, -0.9]


@pytest.fixture
def double_precision():
    """NAdam keeps the product of its weights in the default precision, whatever that of the parameters is."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


PAIRS = {
    "Adam": (mq.Adam(), lambda p: torch.optim.Adam(p, H)),
    "AdamW": (mq.AdamW(), lambda p: torch.optim.AdamW(p, H)),
    "NAdam": (mq.NAdam(momentum_decay=0.004), lambda p: torch.optim.NAdam(p, H)),
    "RMSprop": (mq.RMSProp(), lambda p: torch.optim.RMSprop(p, H)),
    "RMSprop, centred, momentum": (
        mq.RMSProp(momentum=0.9, centred=True),
        lambda p: torch.optim.RMSprop(p, H, momentum=0.9, centered=True),
    ),
    "Adagrad": (mq.Adagrad(), lambda p: torch.optim.Adagrad(p, H)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_iterates_are_those_of_pytorch(name, double_precision):
    method, make = PAIRS[name]
    theta = torch.tensor(START, requires_grad=True)
    optimizer, expected = make([theta]), [START]
    for _ in range(STEPS):
        theta.grad = torch.tensor(E.gradient(theta.detach().numpy()))
        optimizer.step()
        expected.append(theta.detach().numpy().copy())
    assert np.abs(mq.iterate(method, E, START, h=H, steps=STEPS).theta - np.array(expected)).max() < 1e-12
