# %% [markdown]
# # 15. Do the players arrive?
#
# *Two players, each descending on its own loss, at once or in turn. The gradient flow does not tell who arrives. What does?*
#
# Rosca, Wu, Dherin and Barrett (ICML 2021, [arXiv 2105.13922](https://arxiv.org/abs/2105.13922)) answer with the drift that
# discretization adds.

# %%
import matplotlib.pyplot as plt
import numpy as np

import modeq as mq

at_once, in_turn = mq.Simultaneous(), mq.Alternating()
for players in (at_once, in_turn, mq.Alternating(rates=("a", "l"), updates=(2, 1))):
    print(players, mq.player_drift(players), sep="\n", end="\n\n")

# %% [markdown]
# ## Their linear example
#
# ε₁ = ε₂ = 0.09, h = 0.2. The gradient flow goes to the centre. At once the players leave it, in turn they arrive.

# %%
game = mq.VectorField.game(["x*y + 0.045*x**2", "-x*y + 0.045*y**2"], [["x"], ["y"]])
figure, axes = plt.subplots(1, 2, figsize=(9, 4.6))
for players, ax in zip((at_once, in_turn), axes, strict=True):
    report = mq.game_stability(players, game, [0, 0], h=0.2)
    print(report, "\n")
    assert report.verdicts["order 2"] == report.verdicts["map flow"] == report.method_verdict
    flow = mq.modified_equation(players, order=2).on(game)
    runs = [mq.iterate(players, game, [0.8, 0.0], h=0.2, steps=60)]
    runs += [mq.integrate(f, [0.8, 0.0], h=0.2, steps=60) for f in (flow, mq.gradient_flow().on(game))]
    mq.plotting.plot_phase_portrait(flow, 0.2, box=((-1.4, 1.4), (-1.4, 1.4)), runs=runs, ax=ax)
    ax.set_title(f"{players}: {report.method_verdict}", fontsize=9)
figure

# %% [markdown]
# ## Dirac-GAN
#
# A generator of one point x and a linear discriminator y (Mescheder, Geiger, Nowozin 2018,
# [arXiv 1801.04406](https://arxiv.org/abs/1801.04406)): the losses ±softplus(xy). The gradient flow turns round the centre for ever;
# players leave it at once and stay in turn. The flow of the map sees both.

# %%
softplus = "log(1 + exp(x*y))"
dirac = mq.VectorField.game([softplus, f"-{softplus}"], [["x"], ["y"]])
for players in (at_once, in_turn):
    run = mq.iterate(players, dirac, [1.0, 0.5], h=0.4, steps=60).theta
    flows = {"gradient flow": mq.gradient_flow(), "order 2": mq.modified_equation(players, 2), "map": mq.whole_state_flow(players)}
    for name, equation in flows.items():
        path = mq.integrate(equation.on(dirac), [1.0, 0.5], h=0.4, steps=60, rtol=1e-8)
        distance = np.linalg.norm(path.theta.real - run, axis=1).max()
        print(f"{players!s:30s} {name:14s} largest distance {distance:.1e}")
    print(f"{'':30s} radius of the players: from {np.linalg.norm(run[0]):.2f} to {np.linalg.norm(run[-1]):.2f}")

# %% [markdown]
# The losses that the players follow instead, to first order:

# %%
for players in (at_once, in_turn):
    print(players, mq.player_losses(players, ["x*y", "-x*y"], [["x"], ["y"]]))

# %% [markdown]
# ## A small GAN on a mixture in the plane
#
# The generator moves six points, the discriminator is a tanh network; data are two clusters. Both are NumPy functions of all parameters.

# %%
random = np.random.default_rng(0)
data = np.concatenate([random.normal((-1, 0), 0.2, (12, 2)), random.normal((1, 0.5), 0.2, (12, 2))])


def judged(p, points):
    return np.tanh(points @ p["W"] + p["b"]) @ p["v"]


def discriminator(p, real):
    return np.mean(np.logaddexp(0, -judged(p, real))) + np.mean(np.logaddexp(0, judged(p, p["points"]))) + 0.05 * np.sum(p["v"] ** 2)


def generator(p, real):
    return np.mean(np.logaddexp(0, -judged(p, p["points"])))


shapes = {"points": (6, 2), "W": (2, 4), "b": (4,), "v": (4,)}
losses = [mq.Loss.from_numpy(function, shapes, {"real": data}) for function in (generator, discriminator)]
gan = mq.VectorField.game(losses, [["points"], ["W", "b", "v"]])
theta, h, rounds = random.normal(size=gan.dimension) * 0.5, 0.3, 40
figure, ax = plt.subplots()
for players in (at_once, in_turn):
    run = mq.iterate(players, gan, theta, h=h, steps=rounds).theta
    for order in (1, 2):
        path = mq.integrate(mq.modified_equation(players, order=order).on(gan), theta, h=h, steps=rounds, rtol=1e-6, atol=1e-8)
        distance = np.linalg.norm(path.theta - run, axis=1)
        ax.semilogy(distance[1:], "-" if order == 2 else "--", label=f"{players}, order {order}")
        print(f"{players!s:30s} order {order}: mean distance {distance[1:].mean():.1e}")
ax.set_xlabel("round")
ax.set_ylabel("distance to the players")
ax.legend(fontsize=7)
figure

# %% [markdown]
# ## What was seen
#
# * The drift of the interaction turns with the order of play, and decides who arrives; the equation of order 2 and the map know it.
# * "map" follows players through the centre of a game, where eigenvalues are imaginary.
# * On networks order 2 is closer to the players than the gradient flow, at once and in turn.
