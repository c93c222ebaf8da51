# %% [markdown]
# # 8. Your own optimizer in ten lines
#
# *You have an update rule. Which flow does it follow, what does it minimise without being told, and how do you get that flow out of here
# as code?*
#
# ## The update
#
# This is Lookahead in its simplest form (Zhang, Lucas, Hinton, Ba 2019, [arXiv 1907.08610](https://arxiv.org/abs/1907.08610)): three fast
# steps of gradient descent, then back to a point between the start and the end. `f` is the field −∇E. The function is run once, on
# symbols, and becomes a method; parameters may stay symbolic.

# %%
import importlib.util
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from numba import njit

import modeq as mq


@mq.method
def lookahead(theta, h, f, *, blend):
    fast = theta
    for _ in range(3):
        fast = fast + h * f(fast)
    return theta + blend * (fast - theta)


print(mq.modified_equation(lookahead(blend="a"), order=3))

# %% [markdown]
# ## What it minimises
#
# The first correction is −3a(3a − 2)h/2 ∇²E∇E. It vanishes for a = 2/3. For a larger blend it penalises large gradients, as gradient
# descent does; for a smaller one it *seeks* them:

# %%
for blend in ("1", "2/3", "1/2"):
    print(f"a = {blend}")
    print(mq.modified_equation(lookahead(blend=blend), order=2).modified_loss())

# %%
for blend, sign in (("1", -1), ("2/3", 0), ("1/2", 1)):
    assert np.sign(mq.modified_equation(lookahead(blend=blend), order=2).coefficient("[[]]")) == sign

# %% [markdown]
# ## The principal flow and its regimes
#
# We take a = 1/2. On λx²/2 a step multiplies x by R = 1 − a + a(1 − hλ)³, and the principal flow has α = log(R)/(hλ).

# %%
half = lookahead(blend="1/2")
principal = mq.principal_flow(half)
print("α(z) =", principal.symbol)
print(principal.regimes())
limit = float(principal.regimes().intervals[-1].lower)
assert abs(limit - (1 + 3 ** (1 / 3))) < 1e-9  # R = −1 where (1 − hλ)³ = −3

# %%
curves = {
    "gradient": mq.modified_equation(half, order=1),
    "igr": mq.modified_equation(half, order=2),
    3: mq.modified_equation(half, order=3),
}
mq.plotting.plot_symbol(curves | {"principal": principal}, np.linspace(0, 2.6, 400)).figure

# %% [markdown]
# ## On a formula
#
# A loss from SymPy, by its text:

# %%
bowl = mq.Loss.from_sympy("log(cosh(x)) + 0.15*y**2*(1 + x**2/2) + x**3/15 + x*y/10", ["x", "y"])
report = mq.compare(half, bowl, [1.5, -1.5], h=0.2, steps=20, flows=["gradient", "igr", 3, 4, "principal", "principal+3"])
print(report.table())

# %%
report.plot()

# %%
mean = {name: errors.mean() for name, errors in report.errors.items()}
assert mean["gradient"] > 3 * mean["igr"] > 9 * mean[3] > 27 * mean[4]
assert mean["igr"] > mean["principal"] > 3 * mean["principal+3"]
assert 2e-2 < mean["gradient"] < 2.6e-2

# %% [markdown]
# Does the flow have the order that it should? One-step errors against h, with fitted slopes: order p misses a step by O(h^(p+1)).

# %%
orders = {name: mq.modified_equation(half, order=p).on(bowl) for name, p in {"gradient": 1, "igr": 2, 3: 3}.items()}
slopes = {name: mq.order_of_accuracy(half, flow, [1.5, -1.5], [0.1, 0.05, 0.025, 0.0125]) for name, flow in orders.items()}
for (name, estimate), expected in zip(slopes.items(), (2, 3, 4), strict=True):
    print(f"{name!s:8} slope {estimate.slope:.2f}")
    assert abs(estimate.slope - expected) < 0.2
mq.plotting.plot_order(slopes).figure

# %% [markdown]
# ## On a network
#
# A loss from NumPy code over arrays, here logistic regression on top of three tanh units, with data. It is traced once and compiled.


# %%
def loss(p, X, y):
    hidden = np.tanh(X @ p["W"] + p["b"])
    return np.mean(np.logaddexp(0.0, -y * (hidden @ p["v"])))


sample = mq.data.breast_cancer(inputs=4)
net = mq.Loss.from_numpy(loss, {"W": (4, 3), "b": (3,), "v": (3,)}, {"X": sample.X, "y": sample.signs()})
theta = mq.losses.xavier(net, seed=0)
trained = mq.compare(half, net, theta, h=1.0, steps=20, flows=["gradient", "igr", 3, "principal"], rtol=1e-8, atol=1e-10)
print(f"hλ = {net.sharpness(theta):.2f} at the start")
print(trained.table())

# %%
mean_net = {name: errors.mean() for name, errors in trained.errors.items()}
assert mean_net["gradient"] > mean_net["igr"] > mean_net["principal"] > 3 * mean_net[3]
assert 1e-3 < mean_net[3] < 2e-3

# %% [markdown]
# Order 3 is ahead of the principal flow here: hλ is small, so powers of the Hessian matter little, and order 3 has a term that the
# principal flow leaves out, the one with the third derivative of the loss. Compare both before you choose.
#
# ## Export
#
# `flow.export` writes a module that needs NumPy and Numba only. We write it to a temporary folder, import it as any other module, and run
# it without modeq.

# %%
flow = principal.on(bowl)
folder = tempfile.TemporaryDirectory()
path = flow.export(Path(folder.name) / "lookahead_flow.py")
source = path.read_text()
print(f"{len(source.splitlines())} lines, imports: {[line for line in source.splitlines() if line.startswith(('import', 'from'))]}")
print("...")
print(source[source.index("def kernel") :][:460])
print("...")
assert "modeq" not in "".join(line for line in source.splitlines() if line.startswith(("import", "from")))

# %%
specification = importlib.util.spec_from_file_location("lookahead_flow", path)
module = importlib.util.module_from_spec(specification)
specification.loader.exec_module(module)

point, h = np.array([1.5, -1.5]), 0.2
par = np.array([h])
print("exported:", module.rhs(0.0, point, par))
print("modeq:   ", flow(point, h))
assert np.allclose(module.rhs(0.0, point, par), flow(point, h), rtol=1e-14)

# %% [markdown]
# The kernel can be called from your own compiled code, such as this integrator of Runge and Kutta:

# %%
kernel = module.kernel


@njit
def runge_kutta(y, par, steps, inner):
    """Return the flow at t = 0, h, 2h, …, with `inner` steps of order 4 for each h."""
    d, dt = len(y), par[0] / inner
    path = np.empty((steps + 1, d), np.complex128)
    path[0] = y
    k = np.empty((4, d), np.complex128)
    for n in range(steps):
        y = path[n].copy()
        for _ in range(inner):
            kernel(0.0, y, par, k[0])
            kernel(0.0, y + dt / 2 * k[0], par, k[1])
            kernel(0.0, y + dt / 2 * k[1], par, k[2])
            kernel(0.0, y + dt * k[2], par, k[3])
            y = y + dt / 6 * (k[0] + 2 * k[1] + 2 * k[2] + k[3])
        path[n + 1] = y
    return path


by_hand = runge_kutta(point, par, 20, 10)
difference = abs(by_hand - report.trajectories["principal"].theta).max()
print(f"largest difference from mq.integrate {difference:.0e}")
assert difference < 1e-6
folder.cleanup()

# %% [markdown]
# ## With memory: optimism in a game
#
# Names in `memory` are carried from step to step. Optimistic gradient descent steps along 2fₙ − fₙ₋₁. It is known for games, where plain
# gradient descent spirals away from the equilibrium (Daskalakis, Ilyas, Syrgkanis, Zeng 2018, [arXiv
# 1711.00141](https://arxiv.org/abs/1711.00141)). The simplest one is xy, which x wants small and y wants large. Equations are printed for
# losses; on a field f, read −∇E as f.


# %%
@mq.method(memory=("g",))
def optimistic(theta, g, h, f):
    new = f(theta)
    return theta + h * (2 * new - g), new


for method in (optimistic(), mq.GradientDescent()):
    print(mq.modified_equation(method, order=2))
game = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
FLOWS = ["gradient", "igr", 3, "principal"]
games = [mq.compare(m, game, [1.0, 0.0], h=0.3, steps=40, flows=FLOWS, start="smooth") for m in (mq.GradientDescent(), optimistic())]
figure, axes = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained")
for ax, one in zip(axes, games, strict=True):
    mq.plotting.plot_trajectories(one, ax=ax)
    ax.set_title(one.method.name, fontsize="medium")
handles, labels = axes[0].get_legend_handles_labels()
_ = figure.legend(handles, ["iterates", *labels[1:]], loc="outside lower center", ncols=5, frameon=False)

# %%
radius = {one.method.name: np.linalg.norm(one.iterates.theta[-1]) for one in games}
print("distance from the equilibrium after 40 steps:", {name: f"{value:.2f}" for name, value in radius.items()})
errors = {name: values.max() for name, values in games[1].errors.items()}
print("optimistic, largest distances of the flows:", {name: f"{value:.0e}" for name, value in errors.items()})
assert 5.5 < radius["gradient descent"] < 5.7
assert 0.1 < radius["optimistic"] < 0.14
assert max(one.errors["principal"].max() for one in games) < 1e-8
assert errors["gradient"] > 0.5

# %% [markdown]
# ## What was seen
#
# * An update in plain Python is a method with everything that comes with it: modified equation, modified loss, principal flow, regimes.
# * Lookahead with a blend below 2/3 seeks large gradients, E − h/8 ‖∇E‖² for a = 1/2, where gradient descent penalises them. With a = 1/2
#   it is stable up to hλ = 1 + ∛3 ≈ 2.44.
# * On a formula the flows come closer order by order: mean distances 2.3e-2, 5.2e-3, 9e-4, 1e-4 for orders 1 to 4, with slopes of
#   one-step errors near 2, 3 and 4. On a network order 3, at 1.5e-3, is ahead of the principal flow, at 1.1e-2.
# * The exported module gives the same field to rounding without modeq, and serves an integrator of one's own: its path agrees with that
#   of `mq.integrate` to better than 1e-6.
# * In the game xy gradient descent ends at distance 5.6 from the equilibrium, the optimistic update at 0.12. The principal flow follows
#   both spirals, the optimistic one to 1e-8 or better.
