# %% [markdown]
# # 16. Two thousand comparisons
#
# **Question.** For which step sizes does a flow describe gradient descent, not from one point but from typical ones?
#
# Gradient descent is run on the Rosenbrock function from 100 random points for each of 20 step sizes, and compared with the gradient flow
# and with its correction of order 2 (Barrett, Dherin, ICLR 2021, arXiv 2009.11162): 2000 comparisons with each flow. Each step size is one
# cell of a sweep; its 100 paths run in one compiled loop.

# %%
from functools import partial

import numpy as np

import modeq as mq

E = mq.losses.rosenbrock()
points = np.array([0.6, 0.5]) + 0.2 * np.random.default_rng(0).standard_normal((100, 2))
sizes = np.geomspace(1e-4, 6e-3, 20).round(6)

# %%
run = partial(mq.compare, mq.GradientDescent(), E, points, steps=20, flows=["gradient", "igr"])
data = mq.sweep(run, {"h": sizes})
data

# %% [markdown]
# The median of the largest errors grows like $h$ for the gradient flow and like $h^2$ for the correction, until steps reach the edge of
# stability $h = 2/\lambda$, where λ is the largest eigenvalue of the Hessian at the starting points.

# %%
sharpness = np.median([np.linalg.eigvalsh(E.hessian(point))[-1] for point in points])
median = data["error_quantiles"].sel(quantile=0.5).isel(step=slice(1, None))
largest = median.where(np.isfinite(median)).max("step")
small = sizes < 0.2 / sharpness
slopes = {
    flow: float(np.polyfit(np.log(sizes[small]), np.log(largest.sel(flow=flow).to_numpy()[small]), 1)[0]) for flow in ("gradient", "igr")
}
print(f"edge of stability at h = {2 / sharpness:.2e}; slopes " + ", ".join(f"{flow} {slope:.1f}" for flow, slope in slopes.items()))

# %%
from matplotlib.figure import Figure

figure = Figure(figsize=(11, 4.4), layout="constrained")
for flow, ax in zip(("gradient", "igr"), figure.subplots(1, 2), strict=True):
    shown = data.sel(quantile=0.5, flow=flow).isel(step=slice(1, None))
    shown["error_quantiles"] = shown["error_quantiles"].where(np.isfinite(shown["error_quantiles"]))
    shown = shown.assign_coords(step=np.arange(1, 21))
    mq.plotting.plot_sweep(shown, "error_quantiles", y="step", sharpness=sharpness, ax=ax)
    ax.set_title(mq.plotting.flow_title(flow))
figure
