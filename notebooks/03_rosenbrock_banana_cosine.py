# %% [markdown]
# # 3. Rosenbrock, banana, cosine
#
# **Question.** On losses that are not quadratic, which flow stays close to gradient descent, and where do all of them fail?
#
# The flows, by the names that `compare` knows:
#
# | name | what it keeps of the modified equation |
# |---|---|
# | `gradient`, `igr`, `3` | trees with up to 1, 2, 3 nodes |
# | `principal` | all chains, the powers of the Hessian: [Rosca et al. 2023](https://arxiv.org/abs/2302.01952) |
# | `principal+3` | chains, and the other trees with up to 3 nodes |
# | `principal2` | all trees with up to two leaves: what is quadratic in the gradient as well ([notebook 9](09_principal_flow_by_degree)) |
# | `two-step` | the principal flow of two steps as one map, for every second iterate |

# %%
import matplotlib.pyplot as plt
import numpy as np

import modeq as mq

descent = mq.GradientDescent()
flows = ["gradient", "igr", 3, "principal", "principal+3", "principal2", "two-step"]


def largest(report):
    """Return the largest distance of each flow to the iterates that it is compared with."""
    return {label: float(np.nanmax(errors)) for label, errors in report.errors.items()}


def show(report):
    """Draw the paths and the distances to the iterates side by side; ``report.plot()`` draws the losses as well."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    mq.plotting.plot_trajectories(report, ax=left)
    mq.plotting.plot_error(report, ax=right)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    plt.show()


# %% [markdown]
# ## Rosenbrock's function below $h\lambda = 1$
#
# $E = (1-x)^2 + 100\,(y-x^2)^2$ from (0.6, 0.5). With $h$ = 1e-3 the largest $h\lambda$ is 0.57: all flows are real, and all series
# converge.

# %%
rosenbrock = mq.losses.rosenbrock()
small = mq.compare(descent, rosenbrock, [0.6, 0.5], h=1e-3, steps=30, flows=flows)
print(small)

# %%
show(small)

# %% [markdown]
# Each refinement helps: more orders, then all powers of the Hessian, then both, then everything with two leaves. The two-step flow is one
# of step size $2h$, and away from the edge of stability that costs accuracy.

# %%
error = largest(small)
assert error["gradient"] > error["igr"] > error[3] > error["principal"] > error["principal+3"] > error["principal2"]
assert error["gradient"] > 1e-2
assert error["principal"] < 3e-4
assert error["principal2"] < 3e-6
assert error["two-step"] > error["principal"]

# %% [markdown]
# ## Beyond $h\lambda = 1$: oscillation
#
# With $h$ = 3e-3 the iterates start at $h\lambda$ = 1.37 and jump from one side of the valley to the other.

# %%
print("hλ at the start:", round(float(3e-3 * rosenbrock.sharpness([0.6, 0.5])), 2))
large = mq.compare(descent, rosenbrock, [0.6, 0.5], h=3e-3, steps=30, flows=flows)
print(large)

# %%
show(large)

# %% [markdown]
# Truncated flows slide into the valley on the side where they start. The principal flows go through complex points, and their real
# parts are on the right side at each step. The two-step flow sees every second iterate only, which does not jump, and stays real.

# %%
error = largest(large)
assert min(error["gradient"], error["igr"], error[3]) > 4e-2
assert error["principal"] < 7e-3
assert error["principal2"] < 4e-3
assert error["two-step"] < 1e-3
assert max(np.nanmax(large.imaginary[label]) for label in ["gradient", "igr", 3, "two-step"]) == 0

# %% [markdown]
# The coordinate $y$ in the complex plane: the lines are the flows between the steps, the marks on them the flows at $t = nh$.

# %%
beginning = mq.compare(descent, rosenbrock, [0.6, 0.5], h=3e-3, steps=8, flows=[3, "principal", "principal2"])
mq.plotting.plot_complex_plane(beginning, "y").figure

# %% [markdown]
# ## Sweep over the step size
#
# Largest distances over 30 steps from (0.6, 0.5).

# %%
hs = [2e-4, 4e-4, 7e-4, 1e-3, 1.4e-3, 1.8e-3, 2.2e-3, 2.6e-3, 3e-3, 3.3e-3]
sweep = {label: [] for label in flows}
lambdas = []
for h in hs:
    report = mq.compare(descent, rosenbrock, [0.6, 0.5], h=h, steps=30, flows=flows, max_evaluations=20_000)
    lambdas.append(max(h * rosenbrock.sharpness(theta) for theta in report.iterates.theta))
    for label, value in largest(report).items():
        sweep[label].append(value if report.trajectories[label].completed else np.inf)

print("     h  max hλ" + "".join(f"{label:>13}" for label in flows))
for i, h in enumerate(hs):
    print(f"{h:6.1e}  {lambdas[i]:6.2f}" + "".join(f"{sweep[label][i]:13.1e}" for label in flows))

# %%
figure, ax = plt.subplots(figsize=(6.5, 4.2), layout="constrained")
for label, style in mq.plotting.flow_styles(flows).items():
    ax.plot(lambdas, sweep[label], **style.line, marker=style.marker, label=mq.plotting.flow_title(label))
ax.axvline(1, color="0.6", linewidth=0.8)
ax.axvline(2, color="0.6", linewidth=0.8)
ax.set(yscale="log", xlabel=r"largest $h\lambda$ along the iterates", ylabel="largest distance to the iterates")
ax.legend(ncols=2, fontsize="small")
plt.show()

# %%
for i, value in enumerate(lambdas):
    distances = {label: sweep[label][i] for label in flows}
    closest = min(distances, key=distances.get)
    print(f"h = {hs[i]:.1e}, hλ ≤ {value:.2f}: {closest} is closest")
    if value < 0.9:
        assert closest == "principal2"
    if value > 1.8:
        assert closest == "two-step"
assert all(principal < third for principal, third in zip(sweep["principal"], sweep[3], strict=True))
assert all(sweep[3][i] > 5 * sweep["principal"][i] for i, value in enumerate(lambdas) if 1.2 < value < 1.9)

# %% [markdown]
# Degree 2 is the best as long as the series converge, by two to four orders of magnitude against the third-order flow. Where $h\lambda$
# passes 1 on the way, or comes close to 2, it is worse than the principal flow itself: beyond 1 its coefficients have poles
# ([why](../principal-flow-by-degree.md)). At the edge of stability the two-step flow is the one to take.

# %%
for i, value in enumerate(lambdas):
    if value < 0.9:
        assert sweep[3][i] > 100 * sweep["principal2"][i]
    if 1 < value < 1.1 or value > 2:
        assert sweep["principal2"][i] > sweep["principal"][i]

# %% [markdown]
# ## The difference of two fields
#
# Where does the principal flow differ from the third-order flow? With $h$ = 1e-3 most where $h\lambda$ comes close to 1, on both sides of
# the valley for large $|x|$; the singularity is a curve.

# %%
principal = mq.principal_flow(descent)
third = mq.modified_equation(descent, order=3)
mq.plotting.plot_field_difference(principal.on(rosenbrock), third.on(rosenbrock), 1e-3, window=((-1, 1), (-0.5, 1))).figure

# %%
relative = []
for point in ([0.0, 0.0], [0.6, 0.5]):
    whole, cut = principal.on(rosenbrock)(point, 1e-3), third.on(rosenbrock)(point, 1e-3)
    relative.append(np.linalg.norm(whole - cut) / np.linalg.norm(cut))
    print(f"at {point}, hλ = {1e-3 * rosenbrock.sharpness(point):.2f}: they differ by {relative[-1]:.1e} of the field")
assert relative[0] < 1e-4
assert 0.03 < relative[1] < 0.04

# %% [markdown]
# ## The banana
#
# A narrow bent valley (the logarithm of a bent Gaussian density), which the iterates cross on their way.

# %%
banana = mq.losses.banana()
bent = mq.compare(descent, banana, [12, -2], h=1.2, steps=30, flows=["gradient", 3, "principal", "principal2", "two-step"])
print(bent)

# %%
show(bent)

# %%
error = largest(bent)
assert min(error["gradient"], error[3]) > 0.4
assert error["principal"] < 3e-2
assert error["principal2"] < 1.5e-2
assert error["two-step"] < 2e-3

# %% [markdown]
# ## Cosine: where every flow of one step fails
#
# $E = \cos\theta$ from 2.5 with $h = 2.1$. At the minimum, $\theta = \pi$, $h\lambda$ is 2.1. It repels, and the iterates end in a
# two-cycle around it. All three branches of the logarithm are tried ([what they are](../branches.md)).

# %%
cosine = mq.losses.cosine()
branches = [mq.principal_flow(descent, branch=branch) for branch in ["principal", "rotated", "continued"]]
tried = ["gradient", "igr", 3, *branches, "two-step"]
cycle = mq.compare(descent, cosine, [2.5], h=2.1, steps=40, flows=tried, max_evaluations=5000)
print(cycle)

# %%
figure, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
ax.plot(cycle.iterates.theta[:, 0], "ko", markersize=4, label="gradient descent")
shown = ["gradient", "3", "two-step"]
paths = {str(label): path for label, path in cycle.trajectories.items()}
for label, style in mq.plotting.flow_styles(shown).items():
    path = paths[label]
    n = np.arange(0, len(path), path.period)
    ax.plot(n, path.theta[n, 0].real, **style.line, label=mq.plotting.flow_title(label))
ax.set(xlabel="step $n$", ylabel=r"$\theta$")
figure.legend(loc="outside lower center", ncols=4, frameon=False)
plt.show()

# %% [markdown]
# The gradient flow and its corrections end at the minimum, where gradient descent never goes. A real autonomous flow in one dimension
# cannot do better, because it is monotone. Principal flows of one step may oscillate through complex points, but here they run into
# the cut or the singularity of their logarithm: the integration stalls on every branch, and the table says so. For two steps as one map
# the cycle consists of fixed points, and the flow goes to one of them.

# %%
theta = cycle.iterates.theta[:, 0]
print(f"last iterates: {theta[-4:].round(5)}")
assert abs(theta[-1] - theta[-3]) < 1e-4  # a two-cycle
assert abs(theta[-1] - theta[-2]) > 1

for label, path in cycle.trajectories.items():
    if str(label).startswith("principal flow"):
        assert path.status == "stalled"
    elif label != "two-step":
        assert abs(path.theta[-1, 0] - np.pi) < 1e-3
        assert cycle.errors[label][-1] > 0.5
assert np.nanmax(cycle.errors["two-step"]) < 4e-4
assert cycle.errors["two-step"][40] < 1e-6

# %% [markdown]
# ## Can the verdicts be trusted?
#
# The lines below each table judge a flow without running the method. The number behind them adds up how far single steps of the method
# land from the flow, in units of the way. Here it is next to the truth, for every run above that reached its end.

# %%
print("                              estimated     true   grade")
judged = []
for report in [small, large, bent, cycle]:
    for label, path in report.trajectories.items():
        if path.completed:
            true = float(np.nanmax(report.errors[label])) / path.validity.extent
            judged.append((path.validity.grade, path.validity.relative_error, true))
            print(f"{report.field.name:>12} {report.h:6g} {label:>12}{judged[-1][1]:9.3%}{true:9.3%}   {path.validity.grade}")

# %%
for grade, estimated, true in judged:
    assert true < {"valid": 0.02, "rough": 0.2, "doubtful": np.inf}[grade]  # what the grades promise
    assert true < 1.2 * estimated

# %% [markdown]
# ## What was seen
#
# - Rosenbrock, $h\lambda\le0.57$: each refinement is closer than the one before, from 1.0e-2 for the gradient flow over 2.8e-4 for
#   the principal flow to 2.1e-6 for degree 2.
# - Rosenbrock, $h\lambda$ from 1.37 up: truncated flows miss by more than 4e-2 because they do not oscillate. The principal flow stays
#   within 7e-3, degree 2 within 4e-3, and the two-step flow within 1e-3 of every second iterate while it stays real.
# - The principal flow is closer than the third-order flow for all ten step sizes of the sweep. Degree 2 is the closest of all for
#   $h\lambda < 0.9$, two-step for $h\lambda > 1.8$.
# - Banana: 0.4 and more for truncated flows, below 3e-2 for the principal flow, below 1.5e-2 for degree 2, below 2e-3 for two-step.
# - Cosine with $h = 2.1$: truncated flows end at the minimum, more than 0.5 away from the iterates; the principal flow stalls on all three
#   branches; the two-step flow follows every second iterate to 4e-4 and ends in the cycle.
# - Each verdict kept its promise: runs called valid are off by less than 2 % of the way, rough ones by less than 20 %.
