# %% [markdown]
# # 9. The principal flow by degree
#
# **Question.** The principal flow sums all chains, the trees with one leaf. What is gained by summing those with two and three leaves, too?
#
# A leaf of a tree is a factor $f = -\nabla E$. So the number of leaves is the degree of a term in the gradient, its derivatives being held
# fixed. The principal flow of *degree* $m$ keeps all trees with up to $m$ leaves, to all orders in $h$:
#
# $$ \dot\theta_i = \alpha(h\lambda_i)\,g_i
#    - \frac{h^2}2\sum_{jk} c(h\lambda_i; h\lambda_j, h\lambda_k)\,\nabla^3E_{ijk}\,g_jg_k + \dots $$
#
# in the eigenbasis of the Hessian, $g = \nabla E$. The coefficients have closed forms for every general linear method with one field,
# [derived here](../principal-flow-by-degree.md). This notebook checks them against the trees, and measures what each degree brings.

# %%
import matplotlib.pyplot as plt
import numpy as np

import modeq as mq

descent = mq.GradientDescent()

# %% [markdown]
# ## Trees by leaves
#
# Rows: trees with 1 to 8 nodes; columns: how many of them have 1 to 7 leaves. Order $p$ keeps the first $p$ rows, degree $m$ the first $m$
# columns.

# %%
equation = mq.modified_equation(descent, order=12)
leaves = [(tree.order, str(tree).count("[]")) for tree, b, sigma in equation.terms()]
print("nodes  " + "".join(f"{m:5}" for m in range(1, 8)))
for nodes in range(1, 9):
    print(f"{nodes:5}  " + "".join(f"{leaves.count((nodes, m)) or '':5}" for m in range(1, 8)))
assert all(leaves.count((nodes, 1)) == 1 for nodes in range(1, 13))  # one chain of each length

# %% [markdown]
# ## Degree 2: one function for a whole column
#
# A tree with two leaves is a trunk of $a + 1$ nodes that carries chains of $b + 1$ and $c + 1$ nodes. Its coefficient is the Taylor
# coefficient of $\zeta^a\zeta_1^b\zeta_2^c$ in the function $c$, $\zeta = -h\lambda$. Summing trees must give the closed form.

# %%
second = mq.principal_flow(descent, degree=2)
second.quadratic_symbol


# %%
def chain(nodes):
    """Return the tree without branches."""
    return "[" * nodes + "]" * nodes


def sum_of_trees(equation, z, z1, z2):
    """Add up all trees with two leaves of an equation, with the powers of h·f′ along three eigenvectors."""
    total = 0.0
    count = equation.order - 2
    for a in range(count):
        for b in range(count - a):
            for c in range(count - a - b):
                tree = "[" * a + f"[{chain(b + 1)},{chain(c + 1)}]" + "]" * a
                total += float(equation.coefficient(tree)) * (-z) ** a * (-z1) ** b * (-z2) ** c
    return total


for z in [(0.0, 0.0, 0.0), (0.1, 0.05, 0.08), (-0.1, 0.1, 0.03), (0.1, 0.1, 0.1)]:
    closed, summed = second.quadratic_coefficient(*z), sum_of_trees(equation, *z)
    print(f"c{z} = {closed.real:.12f}, by trees up to 12 nodes {summed:.12f}")
    assert abs(closed - summed) < 1e-9  # what is left out has 10 and more factors z: about 1e-10

# %% [markdown]
# The value at 0 is $b([\bullet,\bullet]) = \frac16$. The formula itself is $\frac00$ there and where arguments coincide; the evaluation is
# not. For heavy ball with $\beta = \frac12$ there is no formula as short, but the function is there:

# %%
momentum = mq.HeavyBall("1/2")
coefficient = mq.principal_flow(momentum, degree=2).quadratic_coefficient(0, 0, 0)
print("heavy ball, c(0; 0, 0) =", coefficient.real, "and b([•,•]) =", mq.modified_equation(momentum, order=3).coefficient("[[],[]]"))
assert abs(coefficient - 100 / 3) < 1e-12  # (β² + 10β + 1)/(6 (1 − β)⁵)

# %% [markdown]
# ## Degree 3
#
# Two functions: $c_\star$ for three chains that meet in one node, $c_\circ$ for two pairs of branches, one above the other. At 0 they are
# $b([\bullet,\bullet,\bullet]) = 0$ and $b([[\bullet,\bullet],\bullet]) = \frac1{60}$.

# %%
third = mq.principal_flow(descent, degree=3)
star, nested = third.cubic_coefficients(0, 0, 0, 0, 0)
print(f"c⋆(0) = {abs(star):.1e}, c∘(0) = {nested.real:.12f}")
assert abs(star - float(equation.coefficient("[[],[],[]]"))) < 1e-12
assert abs(nested - float(equation.coefficient("[[[],[]],[]]"))) < 1e-12

# %% [markdown]
# ## Measured: small gradients
#
# Cut off at degree $m$ the flow misses one step by $O(\|\nabla E\|^{m+1})$, whatever $h\lambda < 1$ is. A truncated series in $h$ misses it
# by $O(\|\nabla E\|)$. So start closer and closer to a minimum, with one large step size: $h$ = 0.7, $h\lambda$ = 0.71.

# %%
E = mq.Loss.from_sympy("log(cosh(x)) + 0.15*y**2*(1 + x**2/2) + x**3/15 + x*y/10", ["x", "y"])  # minimum at 0
print(f"hλ = {0.7 * E.sharpness([0, 0]):.2f}")
direction = np.array([0.6, -0.8])
scales = 0.1 * 2.0 ** -np.arange(4)
flows = ["gradient", 3, "principal", "principal2", "principal3"]

missed = {label: [] for label in flows}
for scale in scales:
    step = mq.compare(descent, E, scale * direction, h=0.7, steps=1, flows=flows, rtol=3e-14, atol=1e-17)
    for label in flows:
        missed[label].append(step.errors[label][1])
slopes = {label: np.polyfit(np.log(scales), np.log(missed[label]), 1)[0] for label in flows}
for label, expected in zip(flows, [1, 1, 2, 3, 4], strict=True):
    print(f"{label!s:>10}: one step misses by {missed[label][0]:.1e} … {missed[label][-1]:.1e}, slope {slopes[label]:.2f}")
    assert abs(slopes[label] - expected) < 0.1

# %%
figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
for label, style in mq.plotting.flow_styles(flows).items():
    name = f"{mq.plotting.flow_title(label)}: slope {slopes[label]:.2f}"
    ax.loglog(scales, missed[label], **style.line, marker=style.marker, label=name)
ax.set(xlabel="distance to the minimum", ylabel="one-step error, $h\\lambda = 0.71$")
figure.legend(loc="outside lower center", ncols=2, frameon=False)
plt.show()

# %% [markdown]
# ## Measured: small steps
#
# In powers of $h$ the error begins with the smallest tree that is missing. Degree 1 lacks $[\bullet,\bullet]$ with three nodes: slope 3.
# Degree 2 lacks $[\bullet,\bullet,\bullet]$ with four, whose coefficient is 0 for gradient descent, then trees with five: slope 5. Degree 3
# lacks $[\bullet,\bullet,\bullet,\bullet]$ with five: slope 5 as well. The completion `principal2+5` adds what degree 2 lacks up to five
# nodes: slope 6.

# %%
theta0 = [0.6, -0.8]
hs = 0.2 * 2.0 ** -np.arange(5)
chosen = {
    3: mq.modified_equation(descent, order=3),
    "principal": mq.principal_flow(descent),
    "principal2": second,
    "principal3": third,
    "principal2+5": mq.principal_flow(descent, degree=2, order=5),
}
orders = {label: mq.order_of_accuracy(descent, flow.on(E), theta0, hs) for label, flow in chosen.items()}
for (label, order), expected in zip(orders.items(), [4, 3, 5, 5, 6], strict=True):
    print(f"{label!s:>12}: slope {order.slope:.2f}, error {order.errors[1]:.1e} for h = {hs[1]:g}")
    assert abs(order.slope - expected) < 0.15

# %%
mq.plotting.plot_order(orders).figure

# %% [markdown]
# A higher degree is not closer at every point. At this one degree 3 is behind degree 2: all that it lacks at $h^5$ is the tree with four
# leaves, which the trees with three leaves happen to cancel in part.

# %%
error = {label: order.errors[1] for label, order in orders.items()}  # h = 0.1
assert error["principal"] > 1e-5
assert error["principal2"] < error["principal3"] < 1e-8
assert error["principal2+5"] < error["principal2"] / 3

# %% [markdown]
# ## Momentum
#
# Heavy ball with $\beta = \frac12$, started on its smooth solution. Here $b([\bullet,\bullet,\bullet]) = -288$, not 0, so degree 2 has
# the slope 4.

# %%
small_hs = 0.01 * 2.0 ** -np.arange(4)
assert mq.modified_equation(momentum, order=4).coefficient("[[],[],[]]") == -288
for label, flow, expected in [
    ("order 2", mq.modified_equation(momentum, order=2), 3),
    ("degree 1", mq.principal_flow(momentum), 3),
    ("degree 2", mq.principal_flow(momentum, degree=2), 4),
]:
    order = mq.order_of_accuracy(momentum, flow.on(E), theta0, small_hs)
    print(f"heavy ball, {label}: slope {order.slope:.2f}, error {order.errors[0]:.1e} for h = {small_hs[0]:g}")
    assert abs(order.slope - expected) < 0.3

# %% [markdown]
# ## A small network
#
# 31 parameters, tanh, breast cancer data, ten steps with $h\lambda\approx0.4$. Degree 2 takes no tensor of third derivatives: its function
# is nearly a sum of products, so a few Taylor sweeps through the network do.

# %%
sample = mq.data.breast_cancer(inputs=4)
network = mq.losses.mlp((4, 5, 1), "tanh", "mean-squared", sample.X, sample.signs())
weights = mq.losses.xavier(network, seed=0)
print(f"{network.dimension} parameters, hλ = {0.2 * network.sharpness(weights):.2f}")
flows = ["gradient", 3, "principal", "principal2"]
training = mq.compare(descent, network, weights, h=0.2, steps=10, flows=flows, rtol=1e-9, atol=1e-11)
print(training)

# %%
mq.plotting.plot_error(training).figure

# %%
mean = {label: errors[1:].mean() for label, errors in training.errors.items()}
print("order 3 over degree 2:", round(mean[3] / mean["principal2"]))
assert mean["principal2"] < 1e-5
assert min(mean[3], mean["principal"]) > 100 * mean["principal2"]

# %% [markdown]
# ## What was seen
#
# - The closed form of degree 2 agrees with its trees, summed up to 12 nodes, to 1e-9; its value at 0 and those of degree 3 are exact
#   coefficients of the modified equation.
# - At fixed $h\lambda = 0.71$ the error of one step falls like the gradient to the power 1 for the gradient flow and for order 3, and to
#   the powers 2, 3 and 4 for degrees 1, 2 and 3: slopes within 0.1.
# - In powers of $h$ the slopes are 3, 5, 5 for degrees 1, 2, 3, and 6 for degree 2 completed to order 5, within 0.15. At $h$ = 0.1 the
#   principal flow is off by more than 1e-5, degrees 2 and 3 by less than 1e-8.
# - For heavy ball the slopes are 3 and 4 for degrees 1 and 2.
# - On the network degree 2 is more than 100 times closer to the iterates than order 3 and the principal flow, at less than 1e-5.
