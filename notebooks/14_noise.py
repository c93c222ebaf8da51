# %% [markdown]
# # 14. What does the noise of batches do?
#
# *Gradient descent on batches is a run, a mean or a distribution. Which equation describes which of the three, and how well?*

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np

import modeq as mq

descent = mq.GradientDescent()

# %% [markdown]
# ## The mean over all orders of an epoch
#
# The B-series of one epoch, averaged over all permutations of its m batches with m symbolic, and its logarithm. Order 2 is the result of
# Smith, Dherin, Barrett and De (ICLR 2021, [arXiv 2101.12176](https://arxiv.org/abs/2101.12176)); from order 3 on m enters.

# %%
for order in (2, 3):
    print(mq.modified_equation(mq.reshuffled_epoch(descent, order=order)).modified_loss(), "\n")

# %% [markdown]
# Three batches have six orders, so that the mean can be computed:

# %%
texts = ("x**2/2 + x**3/3 + x*y + y**2", "2*x*y**2 - x - x**3/5", "x*y**3 + y - x**2")
losses = [mq.Loss.from_sympy(text, ["x", "y"]) for text in texts]
batches, start = mq.VectorField.from_losses(losses), np.array([0.5, -0.3])


def mean_epoch(h):
    ends = []
    for permutation in itertools.permutations(losses):
        point = start
        for loss in permutation:
            point = point - h * loss.gradient(point)
        ends.append(point)
    return np.mean(ends, axis=0)


sizes = np.array([0.04, 0.02, 0.01, 0.005])
figure, ax = plt.subplots()
for order in (1, 2, 3):
    flow = mq.modified_equation(mq.reshuffled_epoch(descent, order=order)).on(batches)
    ends = [mq.integrate(flow, start, h=h, steps=3, rtol=1e-12, atol=1e-14).theta[-1] for h in sizes]
    errors = [np.linalg.norm(end - mean_epoch(h)) for end, h in zip(ends, sizes, strict=True)]
    slope = np.log2(errors[-2] / errors[-1])
    print(f"order {order}: slope {slope:.2f}")
    assert abs(slope - order - 1) < 0.1
    ax.loglog(sizes, errors, "o-", label=f"order {order}, slope {slope:.2f}")
ax.set_xlabel("h")
ax.set_ylabel("error after one epoch")
ax.legend()
figure

# %% [markdown]
# ## One given sequence
#
# A network with 31 parameters on breast cancer data, batches of 32, h = 0.3, one epoch. The map is put on the sequence itself.

# %%
sample = mq.data.breast_cancer(inputs=4)
E = mq.losses.mlp((4, 5, 1), "tanh", "mean-squared", sample.X, sample.signs())
sequence, theta = E.minibatches(32, seed=0), mq.losses.xavier(E, seed=0)
settings = {"h": 0.3, "steps": len(sequence)}
run = mq.iterate(descent, sequence, theta, **settings)
figure, ax = plt.subplots()
flows = {"gradient flow of the mean": mq.gradient_flow().on(E), "map on the sequence": mq.whole_state_flow(descent).on(sequence)}
distances = {}
for name, flow in flows.items():
    path = mq.integrate(flow, theta, **settings, rtol=1e-7, atol=1e-9)
    distances[name] = np.linalg.norm(path.theta.real - run.theta, axis=1)[1:]
    ax.semilogy(np.arange(1, len(path)), distances[name], "o-", label=name)
ax.set_xlabel("step")
ax.set_ylabel("distance to this run")
ax.legend()
ratio = distances["gradient flow of the mean"].mean() / distances["map on the sequence"].mean()
print(f"the map is {ratio:.0f} times closer")
assert ratio > 20
figure

# %% [markdown]
# ## The distribution of runs
#
# Batches drawn one by one with replacement. On quadratics whose noise is the same everywhere the Hessian-aware equation
# ([arXiv 2405.18373](https://arxiv.org/abs/2405.18373)) has the exact mean and covariance, also where h is large; the equations of Li, Tai
# and E ([arXiv 1811.01558](https://arxiv.org/abs/1811.01558)) have weak orders 1 and 2.

# %%
steady = mq.VectorField.from_losses(
    [mq.Loss.from_sympy(f"x**2/2 + x*y/3 + y**2 + ({a})*x + ({b})*y", ["x", "y"]) for a, b in ((1, 0), (-1, 2), (0.5, -1))]
)
for order in (1, 2, "hessian"):
    measured = mq.weak_order(mq.stochastic_equation(order).on(steady), [1.0, 0.5], time=2.0, steps=(8, 16, 32))
    print(order, "largest weak errors", [f"{error:.1e}" for error in measured.errors])
    if order != "hessian":
        assert abs(measured.order - order) < 0.2
    else:
        assert measured.errors.max() < 1e-10

# %% [markdown]
# Ensembles on losses that are not quadratic, h = 0.25: a fan of paths of the equation of order 2 beside runs of gradient descent.

# %%
wells = mq.VectorField.from_losses([mq.Loss.from_sympy(f"(x**2 - 1)**2/4 + ({a})*x", ["x"]) for a in (-0.9, 0.1, 0.8)])
options = {"h": 0.25, "steps": 60, "paths": 2000, "seed": 0}
drawn = mq.sample(mq.stochastic_equation(2).on(wells), [1.0], **options)
iterates = mq.sample_iterates(descent, wells, [1.0], **options)
figure, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True)
for ensemble, ax in zip((drawn, iterates), axes, strict=True):
    mq.plotting.plot_fan(ensemble, ax=ax)
    ax.set_title(ensemble.title, fontsize=9)
    print(f"{ensemble.title}: {np.mean(ensemble.theta[-1] < 0):.2f} of the paths have changed sides")
figure

# %% [markdown]
# ## What was seen
#
# * The mean over all orders follows its equation to each order, with the number of batches as a parameter.
# * A run on a given sequence is followed by the map on that sequence, 20 times closer than by the flow of the mean.
# * The distribution has weak orders 1 and 2 as published; on quadratics with steady noise the Hessian-aware equation is exact.
