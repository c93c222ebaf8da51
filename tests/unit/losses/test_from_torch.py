"""Losses from PyTorch: names, state dicts, errors that name the operator and the line."""

import pickle
import re
from pathlib import Path

import numpy as np
import pytest

import modeq as mq

# An extra with a large wheel; `make check` installs it.
torch = pytest.importorskip("torch")
nn, functional = torch.nn, torch.nn.functional
X, Y = torch.arange(12.0).reshape(4, 3) / 12, torch.ones(4, 2)


def loss_of(function, size=3):
    """A loss of one vector w."""

    class Module(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.arange(1.0, size + 1))

        def forward(self, x):
            return function(self.w)

    return mq.Loss.from_torch(Module(), lambda value: value, torch.ones(1))


def test_parameters_keep_their_names():
    assert dict(mq.Loss.from_torch(nn.Sequential(nn.Linear(3, 2)), functional.mse_loss, X, Y).shapes) == {
        "0.weight": (2, 3),
        "0.bias": (2,),
    }


def test_a_point_becomes_a_state_dict():
    module = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).eval()
    E = mq.Loss.from_torch(module, functional.mse_loss, X, Y)
    module.load_state_dict(E.unravel(np.arange(12.0)))
    assert module[0].weight.detach().ravel().tolist() == [0, 1, 2, 3, 4, 5]
    assert E.ravel(module.state_dict()).tolist() == list(range(12))


def test_what_is_not_trained_stays_as_it_is():
    module = nn.Linear(3, 2)
    module.bias.requires_grad_(False)
    assert list(mq.Loss.from_torch(module, functional.mse_loss, X, Y).shapes) == ["weight"]


def test_shared_parameters_are_one():
    module = nn.Sequential(nn.Linear(3, 3, bias=False), nn.Tanh(), nn.Linear(3, 3, bias=False))
    module[2].weight = module[0].weight
    E = mq.Loss.from_torch(module, lambda x: (x**2).mean(), X)
    assert E.dimension == 9
    module.load_state_dict(E.unravel(np.zeros(9)))
    assert not module[2].weight.any()


def test_the_module_stays_as_it_is():
    module = nn.Linear(3, 2)
    before = module.weight.detach().clone()
    mq.Loss.from_torch(module, functional.mse_loss, X, Y)
    assert module.weight.dtype == torch.float32
    assert torch.equal(module.weight, before)


def test_a_loss_from_torch_can_be_pickled():
    E = pickle.loads(pickle.dumps(mq.Loss.from_torch(nn.Linear(3, 2), functional.mse_loss, X, Y)))
    assert list(E.unravel(np.zeros(8))) == ["weight", "bias"]


def test_an_unsupported_operator_is_named_with_the_users_line():
    with pytest.raises(TypeError, match=r"the operator sort of PyTorch is not supported.*test_from_torch.py, line \d+"):
        loss_of(lambda w: torch.sort(w)[0].sum())


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda w: functional.dropout(w, 0.5).sum(), r"call module.eval\(\) before"),
        (lambda w: functional.max_pool1d(w[None, None], 2).sum(), "not smooth"),
        (lambda w: torch.linalg.inv(w.reshape(2, 2)).sum(), "matrices are not factored"),
        (lambda w: w[w.argmax()], "an order of entries is not differentiable"),
        (lambda w: torch.round(w).sum(), "not differentiable"),
        (lambda w: torch.lgamma(w).sum(), "Loss.from_functions"),
        (lambda w: w, "sum or average it to a single number"),
        (lambda w: (w * w.detach()).sum(), "gradient of Module is not that of its values"),
    ],
)
def test_what_cannot_be_lowered_says_what_to_do(function, message):
    with pytest.raises((TypeError, ValueError), match=message):
        loss_of(function, 4)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda w: w.sum() if w.sum() > 0 else w.prod(), r"in place of if write torch.where.*\(test_from_torch.py, line \d+"),
        (lambda w: w.sum().item() * w[0], "they are no numbers yet"),
        (lambda w: (w * torch.rand(4)).sum(), "rand of PyTorch draws other numbers in each call"),
        (lambda w: (w * functional.dropout(torch.ones(4), 0.5)).sum(), r"call module.eval\(\)"),
        (lambda w: w[w > 0].sum(), "the index depends on the parameters"),
    ],
)
def test_what_is_no_function_of_the_parameters_is_refused(function, message):
    with pytest.raises((TypeError, ValueError), match=message):
        loss_of(function, 4)


def test_dropout_inside_a_layer_is_refused():
    with pytest.raises(TypeError, match=r"draws other numbers in each call.*call module.eval\(\)"):
        mq.Loss.from_torch(nn.LSTM(3, 2, num_layers=2, dropout=0.5), lambda states: states[0].sin().sum(), X)


def test_inputs_that_a_module_writes_to_stay_as_they_are():
    class Doubling(nn.Linear):
        def forward(self, x):
            return super().forward(x.mul_(2))

    inputs = X.double()
    doubling = mq.Loss.from_torch(Doubling(3, 2), functional.mse_loss, inputs, Y)
    assert torch.equal(inputs, X.double())
    twice = mq.Loss.from_torch(nn.Linear(3, 2), functional.mse_loss, 2 * inputs, Y)
    np.testing.assert_allclose(doubling.gradient(doubling.start), twice.gradient(doubling.start), rtol=1e-12)


def test_a_module_that_insists_on_single_precision_is_computed_in_double_precision():
    class Rounding(nn.Sequential):
        def forward(self, x):
            return self[1](torch.tanh(self[0](x)).float())

    rounding = Rounding(nn.Linear(3, 2), nn.Linear(2, 2))
    exact = nn.Sequential(rounding[0], nn.Tanh(), rounding[1])
    ours, theirs = (mq.Loss.from_torch(module, functional.mse_loss, X, Y) for module in (rounding, exact))
    np.testing.assert_allclose(ours.gradient(ours.start), theirs.gradient(theirs.start), rtol=1e-12)


def test_batch_norm_in_training_mode_is_refused():
    with pytest.raises(TypeError, match="changes its running averages"):
        mq.Loss.from_torch(nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)), functional.mse_loss, X, Y)


@pytest.mark.parametrize(
    ("module", "message"), [(lambda x: x, "expected a torch.nn.Module"), (nn.Tanh(), "no parameters that require a gradient")]
)
def test_a_loss_needs_a_module_with_parameters(module, message):
    with pytest.raises(TypeError, match=message):
        mq.Loss.from_torch(module, functional.mse_loss, X, X)


def test_the_code_of_the_page_runs():
    page = (Path(mq.__file__).parents[1] / "docs" / "how-to" / "torch.md").read_text(encoding="utf-8")
    names = {}
    for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(code, names)
    assert names["E"].dimension == sum(parameter.numel() for parameter in names["model"].parameters())
    assert names["report"].trajectories["principal"].status == "completed"


def test_minibatches_of_a_module_share_their_text():
    batches = mq.Loss.from_torch(nn.Linear(3, 2), functional.mse_loss, X, Y).minibatches(2)
    assert [len(batch) for batch in batches.samples] == [2, 2]
    assert batches[0].source == batches[1].source
