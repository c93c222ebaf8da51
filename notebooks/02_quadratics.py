# %% [markdown]
# # 2. Quadratic losses
#
# **Question.** Where is the principal flow exact, and what do the other flows do there?
#
# On a quadratic loss gradient descent multiplies the component along an eigenvector of the Hessian by $1 - h\lambda$ in each step. So it
# has three regimes: it shrinks monotonically for $h\lambda < 1$, oscillates for $1 < h\lambda < 2$ and diverges for $h\lambda > 2$. The
# flows of Rosca, Wu, Qin and Dherin (TMLR 2023, [arXiv 2302.01952](https://arxiv.org/abs/2302.01952)) are
#
# $$ \dot\theta = \sum_i \alpha(h\lambda_i)\,(u_i^T\nabla E)\,u_i, \qquad
#    \alpha(z) = -1,\quad -1-\tfrac z2,\quad -1-\tfrac z2-\tfrac{z^2}3,\quad \frac{\log(1-z)}z $$
#
# for the gradient flow, the IGR flow, the third-order flow and the principal flow.

# %%
import textwrap

import matplotlib.pyplot as plt
import numpy as np

import modeq as mq

descent = mq.GradientDescent()
principal = mq.principal_flow(descent)
flows = ["gradient", "igr", 3, "principal"]
principal

# %% [markdown]
# ## The coefficient α
#
# Thick lines are real parts. The truncated flows have polynomials, which know nothing of what happens at $h\lambda = 1$. The principal
# flow has a logarithm: infinite at 1, where gradient descent lands in one step, and complex beyond.

# %%
equations = {
    "gradient": mq.gradient_flow(),
    "igr": mq.modified_equation(descent, order=2),
    3: mq.modified_equation(descent, order=3),
    "principal": principal,
}
mq.plotting.plot_symbol(equations).figure

# %%
z = np.array([-1.0, 0.0, 0.5, 1.5, 2.0, 2.5])
alpha = principal.coefficient(z)
for value, coefficient in zip(z, alpha, strict=True):
    print(f"α({value:4.1f}) = {coefficient.real:7.4f} {coefficient.imag:+.4f}i")

assert np.allclose(np.exp(z * alpha), 1 - z, atol=1e-14)  # over one step the flow multiplies by 1 − z, as the method does
assert np.all(alpha.imag[z < 1] == 0)
assert alpha[0].real > -1  # slower escape than the gradient flow where the curvature is negative
assert alpha[2].real < -1  # faster descent
assert abs(alpha[4].real) < 1e-15  # on the edge, hλ = 2
assert alpha[5].real > 0  # uphill

# %% [markdown]
# ## The example of the paper
#
# $E = x^T \mathrm{diag}(1, 0.01)\,x$, without ½, so the eigenvalues are 2 and 0.02. With $h = 1.05$ the first direction has
# $h\lambda = 2.1$.

# %%
E = mq.Loss.from_sympy("x**2 + y**2/100", ["x", "y"])
theta0 = [-0.35, -0.2]
print(mq.stability_coefficients(descent, E, theta0, 1.05))

# %%
report = mq.compare(descent, E, theta0, h=1.05, steps=5, flows=flows)
print(report)

# %%
by_hand = np.array(theta0) * (1 - 1.05 * np.array([2, 0.02])) ** 5
end = {label: path.theta[-1].real for label, path in report.trajectories.items()}
print("gradient descent", report.iterates.theta[-1], "by hand", by_hand)
print("principal flow  ", end["principal"])
print("gradient flow   ", end["gradient"])

assert np.allclose(report.iterates.theta[-1], by_hand, rtol=1e-13)
assert np.allclose(by_hand, [0.5636785, -0.1798637], atol=5e-8)
assert report.errors["principal"].max() < 1e-8  # the tolerance of the integrator is what is left
assert min(report.errors[label].max() for label in ["gradient", "igr", 3]) > 0.5

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
mq.plotting.plot_trajectories(report, ax=left)
mq.plotting.plot_error(report, ax=right)
figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
plt.show()

# %% [markdown]
# Left the paths, right the distances; `report.plot()` draws the losses as well. Only the principal flow goes uphill with gradient
# descent. At $t = nh$ it is where the iterates are; in between it is complex.
#
# ## Three regimes
#
# The coordinate $x$ in the complex plane. For $h\lambda < 1$ the flow stays on the real axis. Beyond, it turns by $\pi$ in each step: it
# spirals in below $h\lambda = 2$, and out above.

# %%
figure, panels = plt.subplots(1, 3, figsize=(11, 4), layout="constrained")
for ax, h in zip(panels, [0.35, 0.8, 1.05], strict=True):
    run = mq.compare(descent, E, theta0, h=h, steps=8, flows=["gradient", "principal"])
    mq.plotting.plot_complex_plane(run, "x", ax=ax)
    ax.set_title(f"$h\\lambda$ = {2 * h:g}")
    assert run.errors["principal"].max() < 1e-8
panels[0].set_ylim(-0.3, 0.3)
figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
plt.show()

# %% [markdown]
# The same for many step sizes: is the principal flow exact in all of them?

# %%
print("   hλ   multiplier   principal   gradient        igr    order 3")
for h in [0.05, 0.25, 0.45, 0.55, 0.75, 0.95, 0.999, 1.001, 1.05, 1.2]:
    run = mq.compare(descent, E, theta0, h=h, steps=20, flows=flows)
    relative = {label: errors.max() / np.linalg.norm(run.iterates.theta, axis=1).max() for label, errors in run.errors.items()}
    print(f"{2 * h:5.4g}   {1 - 2 * h:10.3g}" + "".join(f"{relative[label]:11.1e}" for label in ["principal", "gradient", "igr", 3]))
    assert relative["principal"] < 1e-8
    assert min(relative["gradient"], relative["igr"], relative[3]) > 1e-5

# %% [markdown]
# $h\lambda = 1$ is the exception: the method arrives in one step, and no flow can. The run says so and keeps what it has.

# %%
at_one = mq.integrate(principal.on(E), theta0, h=0.5, steps=5)
print(textwrap.fill(f"{at_one.status}: {at_one.message}", 100))
landed = mq.iterate(descent, E, theta0, h=0.5, steps=1)
print("gradient descent after one step:", landed.theta[1])

assert at_one.status == "singular"
assert landed.theta[1, 0] == 0

# %% [markdown]
# ## Who is stable?
#
# Over one step a flow multiplies the component by $e^{z\alpha(z)}$. All coefficients of the truncated series have the same sign,
# $\alpha = -\sum z^j/(j+1)$, so this factor is below 1 for every $z > 0$ and every order: no truncated flow ever diverges, however large
# the step size.

# %%
z = np.linspace(0, 3, 500)[1:]  # none of them is exactly 1
chains = [float(mq.modified_equation(descent, order=12).coefficient("[" * k + "]" * k)) for k in range(1, 13)]
assert np.allclose(chains, [(-1) ** (k + 1) / k for k in range(1, 13)])

growth = {1: np.exp(-z)}
for order in [2, 3, 6, 12]:
    growth[order] = np.exp(-z * sum(b * (-z) ** j for j, b in enumerate(chains[:order])))
    assert growth[order].max() < 1
growth["principal"] = np.abs(np.exp(z * principal.coefficient(z)))
assert np.allclose(growth["principal"], np.abs(1 - z), atol=1e-12)

figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
for label, style in mq.plotting.flow_styles(growth).items():
    ax.plot(z, growth[label], **style.line, label=mq.plotting.flow_title(label))
ax.axhline(1, color="0.6", linewidth=0.8)
ax.set(xlabel=r"$h\lambda$", ylabel="growth over one step", ylim=(0, 2))
ax.legend()
plt.show()

# %% [markdown]
# The same statement at the minimum, as eigenvalues of the Jacobian of each flow, $\lambda\,\alpha(h\lambda)$:

# %%
for name, equation in equations.items():
    at_minimum = mq.jacobian_spectrum(equation.on(E), [0.0, 0.0], 1.05)
    print(at_minimum.verdict)
    assert at_minimum.agrees == (name == "principal")

rates = mq.critical_learning_rates(descent, E, [0.0, 0.0])
print("iterates oscillate from h =", rates.oscillating[0], "and diverge from h =", rates.divergent[0])
assert np.allclose([rates.oscillating[0], rates.divergent[0]], [1 / 2, 2 / 2])  # 1/λ and 2/λ

# %% [markdown]
# ## Any eigenvectors, any signs
#
# Exactness has nothing to do with axes or convexity. Three coordinates, a rotated Hessian with a negative eigenvalue, and one direction
# in each of the regimes escaping, monotone and divergent:

# %%
saddle = mq.losses.quadratic([[2, 1, 0], [1, "-1/2", "3/10"], [0, "3/10", 1]])
run = mq.compare(descent, saddle, [1, -0.5, 0.3], h=0.9, steps=10, flows=flows)
print("hλ =", (0.9 * np.linalg.eigvalsh(saddle.hessian([0, 0, 0]))).round(3))
print("final errors:", {label: f"{errors[-1]:.1e}" for label, errors in run.errors.items()})
size = np.linalg.norm(run.iterates.theta[-1])
assert run.errors["principal"][-1] < 1e-8 * size
assert min(run.errors[label][-1] for label in ["gradient", "igr", 3]) > 0.1 * size

# %% [markdown]
# ## What was seen
#
# - With $h = 1.05$ gradient descent is at (0.5636785, −0.1798637) after 5 steps; so is the principal flow, to 1e-8, at each step.
#   The gradient flow, the IGR flow and the third-order flow end in the valley, more than 0.5 away.
# - The principal flow is exact for all step sizes tried, $h\lambda$ from 0.1 to 2.4, in all three regimes, to 1e-8 relative: on quadratics
#   it is gradient descent continued to real times. The only exception is $h\lambda = 1$, which is reported as singular.
# - It is real below $h\lambda = 1$ and complex beyond. Its real part changes sign at $h\lambda = 2$.
# - Truncated flows of order 1, 2, 3, 6 and 12 are stable for all $h\lambda$ up to 3. Higher orders do not help: the series of the logarithm
#   diverges beyond $h\lambda = 1$.
