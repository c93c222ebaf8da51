# %% [markdown]
# # 5. The edge of stability
#
# *Gradient descent on a network sharpens the loss until the largest eigenvalue λ₀ of the Hessian reaches 2/h, and then hovers there
# (Cohen et al., ICLR 2021, [arXiv 2103.00065](https://arxiv.org/abs/2103.00065)). What do flows say there: which one follows the
# iterates, and which one their average?*
#
# A quadratic model with λ₀ > 2/h would diverge. Training does not; it is self-stabilised by what is not quadratic (Damian, Nichani, Lee,
# ICLR 2023, [arXiv 2209.15594](https://arxiv.org/abs/2209.15594)).

# %%
import matplotlib.pyplot as plt
import numpy as np

import modeq as mq

descent = mq.GradientDescent()
data = mq.data.chebyshev(3, 20)  # a cubic at twenty points
E = mq.losses.mlp((1, 20, 1), "tanh", "mean-squared", data.X, data.y)
theta = mq.losses.xavier(E, seed=0)
print(E)

# %% [markdown]
# ## Progressive sharpening
#
# The same start with three step sizes. `mq.edge_of_stability` measures the sharpness along each run against its threshold 2/h.

# %%
runs = {h: mq.iterate(descent, E, theta, h=h, steps=1600) for h in (0.05, 0.2, 0.4)}
edges = {f"h = {h:g}": mq.edge_of_stability(descent, run, every=4) for h, run in runs.items()}
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
mq.plotting.plot_sharpness(edges, ax=left)
left.set_ylim(0, 12)
mq.plotting.plot_training_loss(edges, ax=right)
_ = right.legend()

# %%
for name, edge in edges.items():
    ratio = edge.sharpness / edge.threshold
    late = ratio[edge.n >= 1000]
    arrival = f"reaches 2/h at step {edge.n[np.argmax(edge.beyond)]:4}" if edge.beyond.any() else "stays below 2/h        "
    print(f"{name:8}  λ₀ {edge.sharpness[0]:.2f} at the start; {arrival}; from step 1000 on λ₀h/2 is {late.mean():.2f} ± {late.std():.2f}")

# %%
late = {name: (edge.sharpness / edge.threshold)[edge.n >= 1000] for name, edge in edges.items()}
assert not edges["h = 0.05"].beyond.any()
assert edges["h = 0.4"].beyond.any()
assert edges["h = 0.2"].beyond.any()
for name in ("h = 0.2", "h = 0.4"):
    assert 0.9 < late[name].mean() < 1.1
    assert late[name].max() < 1.5
    assert edges[name].loss[-1] < 0.7 * edges[name].loss[0]

# %% [markdown]
# ## Regimes of the leading eigenvalues
#
# Each of the four leading eigenvalues is marked by what gradient descent does along its eigenvector: it oscillates beyond 1/h and
# diverges beyond 2/h.

# %%
mq.plotting.plot_regimes(descent, runs[0.4], k=4, every=12).figure

# %% [markdown]
# Two directions come to the edge, one after the other. The first arrives alone, and when it has gone too far the oscillation grows until
# it throws the run to where the sharpness is small: the spikes of the loss. Once there are two at the edge, both hover. All others stay
# far below 1/h.

# %%
three = np.array([mq.stability_coefficients(descent, E, point, 0.4, k=3).hlambda for point in runs[0.4].theta[::50]])
print("hλ of the three leading directions, steps 0, 50, 100, …")
print(three.T.round(2))
assert (np.abs(three[20:, :2] - 2) < 0.25).all()
assert (np.abs(three[:, 2]) < 1).all()

# %% [markdown]
# ## The gradient along the sharpest direction
#
# Rosca et al. (TMLR 2023, [arXiv 2302.01952](https://arxiv.org/abs/2302.01952), section 5) test two predictions of ∇E·u₀ one step ahead.
# The principal flow says ∇E(θₙ₊₁)·u₀ ≈ (1 − hλ₀) ∇E(θₙ)·u₀, the gradient flow e^(−hλ₀) ∇E(θₙ)·u₀. Only the first can change its sign.
# Before the edge is reached there is next to no gradient along u₀ and the ratio means little.

# %%
ahead = mq.leading_gradient(descent, runs[0.4])
figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
ax.plot(ahead.n, ahead.after / ahead.before, "k.", markersize=3, label="measured")
ax.plot(ahead.n, ahead.by_principal_flow / ahead.before, color="#D55E00", label=r"principal flow: $1-h\lambda_0$")
ax.plot(ahead.n, ahead.by_gradient_flow / ahead.before, "--", color="#E69F00", label=r"gradient flow: $e^{-h\lambda_0}$")
ax.axhline(-1.0, color="0.6", linewidth=0.8, linestyle=":")
ax.set(xlabel="step $n$", ylabel=r"$\nabla E\cdot u_0$ after a step over before", ylim=(-3, 1))
_ = figure.legend(loc="outside lower center", ncols=3, frameon=False)

# %%
at_edge = ahead.n >= 800
principal_error, gradient_error = np.median(ahead.principal_error[at_edge]), np.median(ahead.gradient_error[at_edge])
signs = np.mean(np.sign(ahead.by_principal_flow[at_edge]) == np.sign(ahead.after[at_edge]))
signs_gradient = np.mean(np.sign(ahead.by_gradient_flow[at_edge]) == np.sign(ahead.after[at_edge]))
print(f"median error, relative to the gradient before the step: principal {principal_error:.3f}, gradient flow {gradient_error:.3f}")
print(f"right sign: principal {signs:.1%}, gradient flow {signs_gradient:.1%} of the steps")
assert principal_error < 0.15
assert gradient_error > 1.0
assert signs > 0.95
assert signs_gradient < 0.05

# %% [markdown]
# ## Who follows the iterates, who follows their average
#
# A run that comes to the edge from below has no oscillation there; it grows from rounding errors, and the spike that ends this makes all
# that follows depend on them. So we start where the run with h = 0.2, still stable, passes 2/0.3, and move a tenth along the sharpest
# direction: the oscillation is there from the first step. From here we let flows go along with 300 steps of h = 0.3.
#
# * "two-step" is the principal flow of two steps as one map. Two steps multiply the sharpest direction by (1 − hλ₀)², which is positive:
#   no logarithm of a negative number, so it stays real and passes through hλ₀ = 2. It describes every second iterate.
# * "rod" and "central" are flows of the centre of the oscillation (Regis, Chewi 2026, [arXiv
#   2602.01480](https://arxiv.org/abs/2602.01480); Cohen et al. 2024, arXiv 2410.24206). They should be compared with averages of the
#   iterates, (θₙ₋₁ + 2θₙ + θₙ₊₁)/4: the column "average".

# %%
OPTIONS = {"rtol": 1e-6, "atol": 1e-8, "max_evaluations": 5000}


def pushed(h, by):
    """Where the stable run comes to 2/h, moved along the sharpest direction towards its largest entry."""
    at = next(theta for theta in runs[0.2].theta[::10] if h * E.sharpness(theta) >= 1.99)
    sharpest = np.linalg.eigh(E.hessian(at))[1][:, -1]
    return at + by * sharpest * np.sign(sharpest[np.argmax(np.abs(sharpest))])


start = pushed(0.3, by=0.1)
print(f"hλ₀ at the start {0.3 * E.sharpness(start):.2f}")
report = mq.compare(descent, E, start, h=0.3, steps=300, flows=["gradient", "two-step", "rod", "central"], **OPTIONS)
print(report.table())

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained", sharey=True)
mq.plotting.plot_error(report, ax=left)
left.set_title("distance to the iterates", fontsize="medium")
for name, style in mq.plotting.flow_styles(report.average_errors).items():
    right.semilogy(report.average_errors[name], **style.line)
right.set(title="distance to their averages", xlabel="step $n$")
right.title.set_fontsize("medium")
right.grid(visible=True, color="0.9")
_ = figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)

# %%
to_iterates = {name: np.nanmean(errors[1:]) for name, errors in report.errors.items()}
to_averages = {name: np.nanmean(errors) for name, errors in report.average_errors.items()}
print("mean distance to the iterates:", {name: f"{value:.1e}" for name, value in to_iterates.items()})
print("mean distance to the averages:", {name: f"{value:.1e}" for name, value in to_averages.items()})
assert to_iterates["two-step"] < 3e-4
assert to_iterates["rod"] > 300 * to_iterates["two-step"]
assert to_averages["rod"] < 0.02 < 0.1 * to_averages["gradient"]
assert to_averages["rod"] < to_averages["central"] < 0.1 * to_averages["gradient"]
assert all(path.completed for path in report.trajectories.values())

# %% [markdown]
# How much does that depend on the start? A perturbation of 1e-9 first, then half the push, and the larger step h = 0.4, where the second
# direction is nearly at the edge as well (hλ₁ = 1.5).

# %%
noise = 1e-9 * np.random.default_rng(0).standard_normal(E.dimension)
others = {
    "h = 0.3, pushed by 0.1, perturbed": (0.3, start + noise),
    "h = 0.3, pushed by 0.05": (0.3, pushed(0.3, by=0.05)),
    "h = 0.4, pushed by 0.1": (0.4, pushed(0.4, by=0.1)),
    "h = 0.4, pushed by 0.05": (0.4, pushed(0.4, by=0.05)),
}
means = {}
for name, (h, point) in others.items():
    other = mq.compare(descent, E, point, h=h, steps=300, flows=["two-step", "rod"], **OPTIONS)
    means[name] = {flow: np.nanmean(errors[1:]) for flow, errors in other.errors.items()}
    print(f"{name:34} two-step {means[name]['two-step']:.1e}, rod {means[name]['rod']:.1e} from the iterates")
perturbed, half, *larger = means.values()
assert np.isclose(perturbed["two-step"], to_iterates["two-step"], rtol=0.05)
assert half["two-step"] < 3e-4
assert half["rod"] > 300 * half["two-step"]
assert all(10 * mean["two-step"] < mean["rod"] for mean in larger)

# %% [markdown]
# The rod flow needs no eigenvalues and stays with the averages; the central flow does a little less well. The two-step flow keeps the
# oscillation with its phase, so it is as far from the averages as the iterates are. Take the rod flow to see where training goes, the
# two-step flow to see what gradient descent does.
#
# ## Through a spike
#
# With h = 0.3 the sharpness passes 2/h a hundred steps after our start. The oscillation grows for more than a hundred steps from nearly
# nothing, and then the loss spikes.

# %%
before = mq.iterate(descent, E, theta, h=0.3, steps=200).theta[-1]
spike = mq.compare(descent, E, before, h=0.3, steps=300, flows=["two-step", "rod"], **OPTIONS)
print(spike.table())
peak = int(np.argmax(spike.iterates.loss))
print(f"loss {spike.iterates.loss[0]:.3f} at the start, {spike.iterates.loss[peak]:.2f} at step {200 + peak}")

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
mq.plotting.plot_error(spike, ax=left)
mq.plotting.plot_sharpness(mq.edge_of_stability(descent, spike.iterates), ax=right)
_ = figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)

# %%
calm = {name: np.nanmax(errors[:220]) for name, errors in spike.errors.items()}
last = {name: errors[300] for name, errors in spike.errors.items()}
print("largest distance up to step 220, before the spike:", {name: f"{value:.1e}" for name, value in calm.items()})
print("distance at step 300, after it:", {name: f"{value:.1e}" for name, value in last.items()})
assert max(calm.values()) < 3e-4
assert last["two-step"] < 0.15
assert last["rod"] > 0.5
assert spike.iterates.loss[peak] > 5 * spike.iterates.loss[0]

# %% [markdown]
# ## Digits
#
# The same on images: 300 of scikit-learn's digits, a hidden layer of 16 units, 1210 parameters, mean-squared error on one-hot targets.
# Sharpness comes from Hessian–vector products (ARPACK). From small weights the sharpening is seen from its beginning.

# %%
images = mq.data.digits().subset(300, seed=0)
D = mq.losses.mlp((64, 16, 10), "tanh", "mean-squared", images.X, images.one_hot())
small = 0.3 * mq.losses.xavier(D, seed=0)
digits = {h: mq.iterate(descent, D, small, h=h, steps=1200) for h in (0.3, 0.5, 0.8)}
digit_edges = {f"h = {h:g}": mq.edge_of_stability(descent, run, every=20) for h, run in digits.items()}
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
mq.plotting.plot_sharpness(digit_edges, ax=left)
mq.plotting.plot_training_loss(digit_edges, ax=right)
_ = figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)

# %%
for name, edge in digit_edges.items():
    ratio = edge.sharpness / edge.threshold
    first = edge.n[np.argmax(edge.beyond)] if edge.beyond.any() else "never"
    print(f"{name}: λ₀h/2 {ratio[0]:.2f} at the start, beyond 1 from step {first}, {ratio[-20:].mean():.2f} over the last 400 steps")
one_step = mq.leading_gradient(descent, digits[0.8], every=20)
settled = one_step.n >= 800
by_principal, by_gradient = np.median(one_step.principal_error[settled]), np.median(one_step.gradient_error[settled])
print(f"∇E·u₀ at the edge, median errors: principal flow {by_principal:.3f}, gradient flow {by_gradient:.3f}")

# %%
assert not digit_edges["h = 0.3"].beyond.any()
for name in ("h = 0.5", "h = 0.8"):
    edge = digit_edges[name]
    assert abs((edge.sharpness / edge.threshold)[-20:].mean() - 1) < 0.06
    assert edge.loss[-1] < 0.1 * edge.loss[0]
assert by_principal < 0.1
assert by_gradient > 1

# %% [markdown]
# ## What was seen
#
# * Sharpness grows as training goes on. With h = 0.2 it reaches 2/h after about 960 steps, with h = 0.4 after about 190; from step 1000
#   on it stays within a few percent of 2/h on average. With h = 0.05 it never gets there. On digits the same: 0.63 of the threshold with
#   h = 0.3 at the end of the run, 1.01 with h = 0.5, 1.03 with h = 0.8.
# * On the way there may be spikes. With h = 0.4 two directions end up at the edge together, hλ₀ and hλ₁ within 0.25 of 2; all others are
#   below 1.
# * ∇E·u₀ one step ahead is predicted by 1 − hλ₀ to 8 % (median, at the edge; digits: 3 %) and with the right sign in more than 95 % of
#   the steps. e^(−hλ₀) has the wrong sign nearly always.
# * At the edge with h = 0.3 the two-step flow follows the iterates to 6e-5 on average over 300 steps, where the gradient flow is off by
#   0.44. The rod flow follows the averages of the iterates to 3e-3, the central flow to 7e-3, and both are 0.07 from the iterates
#   themselves. With h = 0.4, where a second direction comes to the edge, the two-step flow is off by 2e-3 to 4e-3, the rod flow by 0.1.
# * Up to a spike both are close, to 1e-4. After it the two-step flow is back to within a few hundredths, while the rod flow, at 0.9, has
#   been thrown elsewhere: the spike is decided by the phase of the oscillation, which an average does not have.
#
# A run that comes to the edge without an oscillation is sensitive: initial weights that differ by 1e-14 differ by 0.1 after the spike of
# h = 0.4, 300 steps on. Single numbers of such runs differ from machine to machine; the bounds in the cells do not.
