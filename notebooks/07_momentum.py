# %% [markdown]
# # 7. Momentum
#
# *A method with memory has more solutions than a flow has. Which of them does the flow describe, and when does a run follow it?*
#
# Heavy ball and Nesterov keep a velocity. On a quadratic loss, with z = hλ, a run is a sum of two geometric sequences; modified equation
# and principal flow describe one of them, the *smooth* one. This page shows the two, where each matters, and what the start has to do
# with it. The background is on [the page on momentum](../momentum.md).

# %%
import matplotlib.pyplot as plt
import numpy as np

import modeq as mq

HB, N = mq.HeavyBall("beta"), mq.Nesterov("beta")
print(mq.modified_equation(HB, order=3))
print(mq.modified_equation(N, order=3))

# %% [markdown]
# The first term is a gradient flow that runs faster by 1/(1 − β). The second is implicit regularisation; it has a loss (Cattaneo, Shigida
# 2025, [arXiv 2509.08483](https://arxiv.org/abs/2509.08483)):

# %%
for method in (HB, N):
    print(mq.modified_equation(method, order=2).modified_loss())
numeric = mq.modified_equation(mq.HeavyBall("9/10"), order=2)
strength = -2 * numeric.coefficient("[[]]") / numeric.coefficient("[]")
print(f"β = 0.9: {strength} times the h/4 ‖∇E‖² of gradient descent")
assert strength == 190

# %% [markdown]
# ## Two roots
#
# On λx²/2 a run is xₙ = a₁R₁ⁿ + a₂R₂ⁿ. R₁, the principal root, starts at 1 for z = 0 and belongs to the flow: α(z) = log(R₁)/z. R₂, the
# parasitic one, starts at β. Where the two meet they become a conjugate pair. The regimes say what that means.

# %%
flows = {"heavy ball": mq.principal_flow(mq.HeavyBall(0.5)), "Nesterov": mq.principal_flow(mq.Nesterov(0.5))}
for flow in flows.values():
    print(flow.regimes())
for method in (HB, N):
    roots = mq.principal_flow(method).roots
    print(f"{method.name}: branch points {roots.branch_points}, stable up to {roots.stability_bounds}")

# %%
z = np.linspace(1e-4, 3.2, 600)
figure, axes = plt.subplots(1, 3, figsize=(14, 4.2), layout="constrained")
for ax, (name, flow) in zip(axes, flows.items(), strict=False):
    values = np.array([flow.roots(point) for point in z])
    ax.plot(z, abs(values[:, 0]), color="#D55E00", linewidth=2.4, label="$|R_1|$, principal")
    ax.plot(z, abs(values[:, 1]), "--", color="#0072B2", linewidth=1.4, label="$|R_2|$, parasitic")
    for regime in flow.regimes().intervals[:-1]:
        ax.axvline(float(regime.upper), color="0.6", linewidth=0.8, linestyle=":")
    ax.axhline(1.0, color="0.6", linewidth=0.8)
    ax.set(title=f"{name}, β = 0.5", xlabel=r"$z = h\lambda$", ylim=(0, 1.8))
axes[0].legend()
mq.plotting.plot_symbol({"gradient descent": mq.principal_flow(mq.GradientDescent()), **flows}, ax=axes[2])
axes[2].set_title("α of the principal flows", fontsize="large")
_ = axes[2].legend(fontsize="small")

# %% [markdown]
# ## Memory: the run from rest and the flow
#
# Below the first branch point, here z = 0.05, both roots are real and positive. A run that starts with velocity 0 is not on the smooth
# solution. It comes to it by the factor R₂/R₁ per step, but then it is ahead: it has the amplitude a₁ > 1. `start="smooth"` gives the
# method the velocity that belongs to the smooth solution, and the run is the flow.

# %%
method, h = mq.HeavyBall(0.5), 0.05
line = mq.losses.quadratic([[1.0]])
rest = mq.iterate(method, line, [1.0], h=h, steps=60).theta[:, 0]
smooth = mq.iterate(method, line, [1.0], h=h, steps=60, start="smooth").theta[:, 0]
R, a = flows["heavy ball"].roots(h).real, flows["heavy ball"].roots.amplitudes(h).real
print(f"R₁ = {R[0]:.4f}, R₂ = {R[1]:.4f}; from rest a₁ = {a[0]:.4f}, a₂ = {a[1]:.4f}")
print(" n    from rest    smooth start    flow R₁ⁿ    a₁R₁ⁿ")
for n in (0, 2, 5, 10, 20, 40, 60):
    print(f"{n:2}    {rest[n]:9.6f}    {smooth[n]:12.6f}    {R[0] ** n:8.6f}    {a[0] * R[0] ** n:8.6f}")

# %%
n = np.arange(61)
assert abs(smooth - R[0] ** n).max() < 1e-12
assert abs(rest - (a[0] * R[0] ** n + a[1] * R[1] ** n)).max() < 1e-12
assert 1.19 < a[0] < 1.21

# %% [markdown]
# ## On a loss that is not quadratic
#
# A bowl with λ ≤ 1.1, heavy ball with β = 0.5 and h = 0.05, so that all directions are in the smooth regime. "principal2" has, besides
# all powers of the Hessian, all terms that are quadratic in the gradient.

# %%
bowl = mq.Loss.from_sympy("log(cosh(x)) + 0.15*y**2*(1 + x**2/2) + x**3/15 + x*y/10", ["x", "y"])
FLOWS = ["gradient", "igr", 3, "principal", "principal+3", "principal2"]
OPTIONS = {"h": h, "steps": 60, "flows": FLOWS, "rtol": 1e-9, "atol": 1e-11}
reports = {start: mq.compare(method, bowl, [0.6, -0.8], start=start, **OPTIONS) for start in ("rest", "smooth")}
print(reports["rest"].table())
print()
print(reports["smooth"].table())

# %%
figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained", sharey=True)
for ax, (start, report) in zip(axes, reports.items(), strict=True):
    mq.plotting.plot_error(report, ax=ax)
    ax.set_title(f"start: {start}", fontsize="medium")
_ = figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)

# %% [markdown]
# From rest all flows look alike: the transient hides what they are good for. From the smooth start they separate.

# %%
mean = {start: {name: errors.mean() for name, errors in report.errors.items()} for start, report in reports.items()}
for start, values in mean.items():
    print(f"{start:6}", {name: f"{value:.1e}" for name, value in values.items()})
assert min(mean["rest"].values()) > 0.01
at = mean["smooth"]
assert at["gradient"] > 3 * at["igr"] > 6 * at[3] > 7 * at["principal"] > 8 * at["principal+3"]
assert at["principal2"] < at["principal"] / 5
assert 2e-2 < at["gradient"] < 3e-2

# %% [markdown]
# ## Ringing: complex flows of one root of a pair
#
# Between the branch points the roots are conjugate and neither is slow. This is where momentum is used: with β = 0.9 it begins at hλ =
# 0.0026. The principal flow is complex and follows one root of the pair; a real run contains both and is the real part of the flow from
# the complex start 2a₁θ₀.

# %%
ringing = mq.principal_flow(mq.HeavyBall(0.9))
z_ring, steps = 0.5, np.arange(81)
R, a = ringing.roots(z_ring), ringing.roots.amplitudes(z_ring)
run = mq.iterate(mq.HeavyBall(0.9), line, [1.0], h=z_ring, steps=80).theta[:, 0]
from_theta, from_complex = (R[0] ** steps).real, (2 * a[0] * R[0] ** steps).real
figure, ax = plt.subplots(figsize=(9, 3.8), layout="constrained")
ax.plot(steps, run, "ko", markersize=4, label="heavy ball from rest")
ax.plot(steps, from_theta, "--", color="#E69F00", label=r"real part of the flow from $\theta_0$")
ax.plot(steps, from_complex, color="#D55E00", label=r"real part of the flow from $2a_1\theta_0$")
ax.set(xlabel="step $n$", ylabel="$x$")
_ = figure.legend(loc="outside lower center", ncols=3, frameon=False)

# %%
print(f"|R₁| = |R₂| = {abs(R[0]):.4f} = √β; largest distances {abs(from_theta - run).max():.2f} and {abs(from_complex - run).max():.0e}")
assert abs(from_complex - run).max() < 1e-12
assert abs(from_theta - run).max() > 0.2
assert abs(abs(R[0]) - np.sqrt(0.9)) < 1e-12

# %% [markdown]
# ## Oscillating: Nesterov beyond hλ = 1
#
# Nesterov with β = 0.9 oscillates from step to step between hλ = 1 and 1.357. Its principal root is real and negative there, and the
# principal flow passes from one side to the other through complex numbers, as that of gradient descent does. In the other direction, hλ =
# 0.3, it rings: there is no real smooth start, and modeq says so. From a start given as complex numbers it takes the complex one, and the
# iterates are complex too.

# %%
pair = mq.losses.quadratic([[1.2, 0.0], [0.0, 0.3]])
turning = mq.compare(
    mq.Nesterov(0.9), pair, [1.0 + 0j, 1.0 + 0j], h=1.0, steps=12, flows=["gradient", "principal"], start="smooth", rtol=1e-9, atol=1e-11
)
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
mq.plotting.plot_complex_plane(turning, 0, ax=left)
left.set_title("hλ = 1.2: oscillating", fontsize="medium")
mq.plotting.plot_complex_plane(turning, 1, ax=right)
right.set_title("hλ = 0.3: ringing", fontsize="medium")
_ = figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)

# %%
print(f"largest distance of the principal flow from the iterates {turning.errors['principal'].max():.0e}")
assert turning.errors["principal"].max() < 1e-6
assert turning.errors["gradient"].max() > 0.3

# %% [markdown]
# ## A network
#
# The 31 parameters of notebook 4, heavy ball with β = 0.5 and h = 0.03, smooth start: hλ ≤ 0.063, in the smooth regime up to 0.0858.

# %%
sample = mq.data.breast_cancer(inputs=4)
E = mq.losses.mlp((4, 5, 1), "tanh", "mean-squared", sample.X, sample.signs())
theta = mq.losses.xavier(E, 0)
OPTIONS = {"h": 0.03, "steps": 60, "flows": ["gradient", "igr", 3, "principal"], "rtol": 1e-8, "atol": 1e-10}
network = mq.compare(method, E, theta, start="smooth", **OPTIONS)
from_rest = mq.compare(method, E, theta, **OPTIONS)
print(network.table())

# %%
smooth_mean, rest_mean = ({name: errors.mean() for name, errors in report.errors.items()} for report in (network, from_rest))
print("from rest:", {name: f"{value:.1e}" for name, value in rest_mean.items()})
assert smooth_mean["gradient"] > 2 * smooth_mean["igr"] > 3 * smooth_mean[3]
assert smooth_mean["principal"] < smooth_mean["igr"] < 0.012
assert min(rest_mean.values()) > 2 * smooth_mean["principal"]

# %% [markdown]
# ## What was seen
#
# * The first correction of heavy ball is that of gradient descent times (1 + β)/(1 − β)²: 190 times as strong for β = 0.9.
# * The flow describes the principal root. From the smooth start it is the run to 1e-12 on a quadratic loss; from rest, with β = 0.5 and
#   hλ = 0.05, the run gets ahead by 20 % and stays there.
# * On the bowl no flow is closer than 1e-2 from rest. From the smooth start they separate: 2.4e-2 (gradient), 6.0e-3 (IGR), 2.4e-3 (order
#   3), 1.5e-3 (principal), 1.1e-3 (principal+3), 2.0e-4 (degree 2).
# * In the ringing regime the flow is complex and the run is its real part from 2a₁θ₀, to 1e-12; from θ₀ it has the right rhythm and the
#   wrong phase.
# * Beyond the second branch point Nesterov oscillates from step to step, and the principal flow follows it through the complex plane.
# * On the network the order is the same from the smooth start, 2.7e-2 (gradient), 9e-3 (IGR), 5e-3 (principal), 4e-3 (order 3), and it is
#   hidden from rest. The smooth start is a series in h; this close to the end of the smooth regime its own error shows.
