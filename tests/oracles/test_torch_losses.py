"""Losses from PyTorch against PyTorch: value, gradient, Hessian–vector product and third derivative along a direction."""

import copy

import numpy as np
import pytest

import modeq as mq

from .jets_of_losses import assert_jets, jet

# An extra with a large wheel; `make check` installs it.
torch = pytest.importorskip("torch")
nn, functional = torch.nn, torch.nn.functional


def layer_norm(x, shape, weight=None, bias=None, eps=1e-5):
    """By its formula: third derivatives of `torch.nn.functional.layer_norm` (2.13) are wrong, by 40 % of them in double precision."""
    axes = tuple(range(-len(shape), 0))
    centred = x - x.mean(axes, keepdim=True)
    result = centred / torch.sqrt((centred**2).mean(axes, keepdim=True) + eps)
    return result if weight is None else result * weight + bias


def theirs(module, objective, given, loss, theta, u):
    """PyTorch's own jet, by reverse mode again and again."""
    double = copy.deepcopy(module).double()
    direction = torch.as_tensor(u)
    point = torch.as_tensor(theta).requires_grad_(True)
    parts, position = {}, 0
    for name, shape in loss.shapes.items():
        size = int(np.prod(shape))
        parts[name], position = point[position : position + size].reshape(shape), position + size
    inputs, *targets = (x.double() if x.is_floating_point() else x for x in given)
    with pytest.MonkeyPatch.context() as patch, nn.attention.sdpa_kernel(nn.attention.SDPBackend.MATH):  # others have no second derivative
        patch.setattr(functional, "layer_norm", layer_norm)
        value = objective(torch.func.functional_call(double, parts, (inputs,)), *targets)
    derivatives = [value]
    (gradient,) = torch.autograd.grad(value, point, create_graph=True)
    derivatives.append(gradient)
    for _ in range(2):
        last = (derivatives[-1] * direction).sum()
        (next_one,) = torch.autograd.grad(last, point, create_graph=True, allow_unused=True) if last.requires_grad else (None,)
        derivatives.append(torch.zeros_like(point) if next_one is None else next_one)
    return [derivative.detach().numpy() for derivative in derivatives]


def check(module, objective, *given):
    loss = mq.Loss.from_torch(module, objective, *given)
    random = np.random.default_rng(1)
    theta = np.array(loss.start) + 0.1 * random.normal(size=loss.dimension)
    u = random.normal(size=loss.dimension)
    assert_jets(jet(loss, theta, u), theirs(module, objective, given, loss, theta, u))
    return loss


@pytest.fixture(autouse=True)
def _same_numbers():
    torch.manual_seed(0)


NAMES = ["ReLU", "ReLU6", "LeakyReLU", "GELU", "SiLU", "Softplus", "Mish", "ELU", "SELU", "CELU", "Hardtanh", "Hardswish", "Tanh"]
NAMES += ["Sigmoid", "LogSigmoid", "Softsign", "Tanhshrink"]


@pytest.mark.parametrize("name", NAMES)
def test_activations_of_torch_have_their_derivatives(name):
    check(nn.Sequential(nn.Linear(3, 4), getattr(nn, name)(), nn.Linear(4, 2)), functional.mse_loss, torch.randn(6, 3), torch.randn(6, 2))


OBJECTIVES = {
    "mse": (functional.mse_loss, lambda: torch.randn(6, 4)),
    "l1": (functional.l1_loss, lambda: torch.randn(6, 4)),
    "huber": (functional.huber_loss, lambda: torch.randn(6, 4)),
    "smooth l1": (nn.SmoothL1Loss(beta=0.3), lambda: torch.randn(6, 4)),
    "labels": (nn.CrossEntropyLoss(), lambda: torch.randint(0, 4, (6,))),
    "weighted labels": (nn.CrossEntropyLoss(weight=torch.arange(1.0, 5.0)), lambda: torch.tensor([0, 1, -100, 3, 2, -100])),
    "smoothed labels": (nn.CrossEntropyLoss(label_smoothing=0.1), lambda: torch.randint(0, 4, (6,))),
    "probabilities": (nn.CrossEntropyLoss(), lambda: torch.softmax(torch.randn(6, 4), 1)),
    "logits": (nn.BCEWithLogitsLoss(pos_weight=torch.arange(1.0, 5.0)), lambda: torch.randint(0, 2, (6, 4)).float()),
    "divergence": (
        lambda x, y: functional.kl_div(functional.log_softmax(x, 1), y, reduction="sum"),
        lambda: torch.softmax(torch.randn(6, 4), 1),
    ),
    "binary": (lambda x, y: functional.binary_cross_entropy(torch.sigmoid(x), y), lambda: torch.rand(6, 4)),
}


@pytest.mark.parametrize("name", OBJECTIVES)
def test_objectives_of_torch_have_their_derivatives(name):
    objective, targets = OBJECTIVES[name]
    if isinstance(objective, nn.Module):
        objective = copy.deepcopy(objective).double()
    check(nn.Linear(3, 4), objective, torch.randn(6, 3), targets())


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.norm = nn.Embedding(7, 8), nn.LayerNorm(8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.head = nn.Linear(8, 3)
        self.register_buffer("scale", torch.full((8,), 0.5))

    def forward(self, tokens):
        x = self.embedding(tokens) * self.scale
        mixed, _ = self.attention(x, x, x, need_weights=False)
        return self.head(self.norm(x + mixed).mean(1))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))

    def forward(self, x):
        for block in self.blocks:
            x = x + functional.gelu(block(x))
        return x


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.head = nn.Embedding(5, 3), nn.Linear(3, 5, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, tokens):
        return self.head(torch.tanh(self.embedding(tokens)))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.inside, self.back = nn.Linear(2, 6), nn.Linear(3, 6)

    def forward(self, sequence):
        state = sequence.new_zeros(len(sequence), 3)
        for x in sequence.unbind(1):
            gate, new = (self.inside(x) + self.back(state)).chunk(2, -1)
            state = state + torch.sigmoid(gate) * (torch.tanh(new) - state)
        return state


class Vector(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(4))

    def forward(self, _):
        return self.w


class Unrolled(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def forward(self, sequence):
        return self.cell(sequence)[0][:, -1]


class InPlace(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 3)
        self.scale = nn.Parameter(torch.rand(3))

    def forward(self, x):
        z = torch.zeros_like(x)
        z[:, :2] = self.linear(x)[:, 1:]
        z[1] *= self.scale
        z = z + torch.cumprod(torch.tanh(z + self.scale), 1)
        z = z.index_add(0, torch.tensor([0, 0, 3]), z[:3] ** 2).scatter_add(1, torch.zeros(4, 2, dtype=torch.long), z[:, :2] * z[:, 1:])
        return torch.where((z > 2).any(1, keepdim=True), z, z**2) + torch.var_mean(z, 1, keepdim=True)[0]


MODELS = {
    "perceptron": lambda: (
        nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 1)),
        functional.mse_loss,
        torch.randn(6, 4),
        torch.randn(6, 1),
    ),
    "residual": lambda: (Residual(), functional.mse_loss, torch.randn(6, 4), torch.randn(6, 4)),
    "attention": lambda: (Attention(), nn.CrossEntropyLoss(), torch.randint(0, 7, (4, 5)), torch.randint(0, 3, (4,))),
    "tied embedding": lambda: (
        Tied(),
        lambda x, y: functional.cross_entropy(x.flatten(0, 1), y.flatten()),
        torch.randint(0, 5, (3, 4)),
        torch.randint(0, 5, (3, 4)),
    ),
    "recurrent": lambda: (Recurrent(), functional.mse_loss, torch.randn(4, 5, 2), torch.randn(4, 3)),
    "convolution": lambda: (
        nn.Sequential(
            nn.Conv1d(4, 4, 3, padding=1, groups=2), nn.GroupNorm(2, 4), nn.SiLU(), nn.Conv1d(4, 2, 3, stride=2), nn.BatchNorm1d(2).eval()
        ),
        functional.mse_loss,
        torch.randn(3, 4, 7),
        torch.randn(3, 2, 3),
    ),
    "long short-term memory": lambda: (
        Unrolled(nn.LSTM(2, 3, batch_first=True)),
        functional.mse_loss,
        torch.randn(3, 4, 2),
        torch.randn(3, 3),
    ),
    "pooled": lambda: (
        nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.GLU(1), nn.AvgPool2d(2), nn.Upsample(scale_factor=2, mode="bilinear"), nn.PReLU(), nn.Flatten()
        ),
        lambda x, y: functional.cosine_similarity(x, y).mean(),
        torch.randn(2, 1, 6, 6),
        torch.randn(2, 32),
    ),
    "written in place": lambda: (InPlace(), functional.mse_loss, torch.randn(4, 3), torch.randn(4, 3)),
    "encoder": lambda: (
        nn.TransformerEncoderLayer(8, 2, 12, batch_first=True, activation="gelu").eval(),
        functional.mse_loss,
        torch.randn(2, 4, 8),
        torch.randn(2, 4, 8),
    ),
}


def test_cumulative_logsumexp_is_the_logarithm_of_a_cumulative_sum():
    """By its formula, as PyTorch's own third derivative is NaN (findings/)."""
    point, u = np.array([0.3, -1.0, 0.5, 2.0]), np.array([1.0, 0.5, -1.0, 0.2])
    short, long = (
        mq.Loss.from_torch(Vector(), function, torch.ones(1))
        for function in (
            lambda w: torch.sin(torch.logcumsumexp(w, 0)).sum(),
            lambda w: torch.sin(torch.log(torch.cumsum(w.exp(), 0))).sum(),
        )
    )
    assert_jets(jet(short, point, u), jet(long, point, u))


PIECEWISE = ("pooled", "written in place")  # by PReLU and by a condition


@pytest.mark.parametrize("name", MODELS)
def test_models_of_torch_have_their_derivatives(name):
    loss = check(*MODELS[name]())
    assert loss.analytic == (name not in PIECEWISE)
