# %% [markdown]
# # 12. Which factor for the layers of a deep network?
#
# *With a factor L^(−β) before each of L layers, what does a very deep network do at its random start: nothing, everything, or something in
# between?*
#
# Marion, Fermanian, Biau and Vert (2022, [arXiv 2206.06929](https://arxiv.org/abs/2206.06929)): for independent layers β = ½ is critical,
# with a stochastic differential equation as the limit; for layers that are smooth in depth β = 1, with an ordinary one; for increments of
# fractional Brownian motion of index H it is β = H. The expectation of $\|x_L-x_0\|^2/\|x_0\|^2$ for independent layers
# $x+L^{-\beta}V\,\mathrm{relu}(Wx)$ is $(1+\tfrac12L^{-2\beta})^L-1$.

# %%
import matplotlib.pyplot as plt
import numpy as np

import modeq as mq
from modeq.depth import scaling

images = mq.data.digits(inputs=24)
LAYERS = (8, 32, 128)

# %% [markdown]
# ## Independent layers on digits
#
# Each network, of 24 units, gets an image by its first 24 principal components.

# %%
independent = {beta: scaling(LAYERS, beta=beta, inputs=images.X, draws=150) for beta in (0.25, 0.5, 1.0)}
for found in independent.values():
    print(found.table())
    assert (np.abs(found.mean - found.closed) < 2.5 * found.half_width).all()

# %% [markdown]
# ## Layers with correlation
#
# With small amplitudes the closed form holds to leading order.

# %%
kinds = {("correlated", 0.75): 0.75, ("smooth", 0.75): 1.0, ("smooth", 1.0): 1.0}
related = {(kind, beta): scaling(LAYERS, beta=beta, weights=kind, inputs=images.X, draws=100, amplitude=0.15) for kind, beta in kinds}
for (kind, _), found in related.items():
    print(kind, found.table(), sep="\n")
assert related["smooth", 0.75].regime == "explosion"
assert related["smooth", 1.0].regime.startswith("critical")

# %%
figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained", sharex=True)
groups = (
    {f"β = {beta}": found for beta, found in independent.items()},
    {f"{kind}, β = {beta}": found for (kind, beta), found in related.items()},
)
for ax, group, title in zip(axes, groups, ("independent layers", "layers with correlation, amplitude 0.15"), strict=True):
    for label, found in group.items():
        (line,) = ax.plot(found.layers, found.closed, linewidth=1.0)
        ax.errorbar(found.layers, found.mean, yerr=found.half_width, fmt="o", color=line.get_color(), label=label, capsize=3)
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    ax.set_title(title, fontsize="medium")
    ax.set_xlabel("layers $L$")
    ax.legend(frameon=False)
axes[0].set_ylabel(r"$\|x_L-x_0\|^2/\|x_0\|^2$ (lines: closed forms)")

# %% [markdown]
# ## Two limits at the critical exponent
#
# Both limits exist, and they differ: from one draw of smooth weights to a finer one of the same function the output hardly changes; of
# independent layers there is a limit in distribution only. The spread over draws stays, as L grows, in both.

# %%
for name, found in (("independent, β = ½", independent[0.5]), ("smooth, β = 1", related["smooth", 1.0])):
    spread = found.ratios.std(axis=1) / found.mean
    row = ", ".join(f"L = {L:.0f}: {value:.2f}" for L, value in zip(found.layers, spread, strict=True))
    print(f"{name}: spread over draws, relative to the mean: {row}")
    assert spread.min() > 0.2

# %% [markdown]
# ## What was seen
#
# * With independent layers the sizes are those of the closed form within sampling errors: 0.65 at β = ½ for every depth, 1/(2L) at β = 1,
#   and an explosion at β = ¼.
# * Smooth layers explode at β = ¾, where increments of fractional Brownian motion with H = ¾ are critical, and are critical at β = 1.
