# %% [markdown]
# # 1. Derive the flows
#
# **Question.** Which differential equation does an optimizer follow?
#
# Gradient descent $\theta_{n+1} = \theta_n - h\nabla E(\theta_n)$ is a discrete map. The gradient flow $\dot\theta = -\nabla E$ passes
# close to its iterates, but not through them. Backward error analysis looks for the vector field $\tilde f_h$ whose flow over the
# time $h$ *is* one step. It is a series in $h$, with one term for each rooted tree $\tau$:
#
# $$ \dot\theta = \sum_\tau h^{|\tau|-1}\,\frac{b(\tau)}{\sigma(\tau)}\,F(\tau)(\theta), \qquad F(\bullet) = -\nabla E. $$
#
# Here $|\tau|$ is the number of nodes, $\sigma(\tau)$ the symmetry of the tree, and $b(\tau)$ an exact number that depends on the method
# alone. This notebook derives $b$ for several methods and measures that the flows have the order that they should have.
# Background: Hairer, Lubich, Wanner, *Geometric Numerical Integration* (2006), chapter IX.

# %%
import re
import textwrap
from fractions import Fraction

import numpy as np
import sympy

import modeq as mq

descent = mq.GradientDescent()

# %% [markdown]
# ## Gradient descent, orders 1 to 6
#
# Order $p$ keeps the trees with up to $p$ nodes. Order 1 is the gradient flow, order 2 the flow of implicit gradient regularisation
# (IGR; Barrett and Dherin, [arXiv 2009.11162](https://arxiv.org/abs/2009.11162)), order 3 the third-order flow of Rosca et al.
# ([arXiv 2302.01952](https://arxiv.org/abs/2302.01952)).

# %%
for order in range(1, 7):
    equation = mq.modified_equation(descent, order=order)
    terms = re.split(" (?=[-+] )", str(equation))  # before signs
    lines = textwrap.wrap(" ".join(term.replace(" ", "\u00a0") for term in terms), 100, subsequent_indent="     ")
    print(f"order {order}, {len(equation.terms())} trees")
    print("\n".join(lines), "\n")

# %% [markdown]
# The last line of a cell shows an equation as a formula. `equation.latex()` gives its source, for a paper.

# %%
third = mq.modified_equation(descent, order=3)
third

# %%
for notation in ("loss", "field"):
    print(textwrap.fill(third.latex(notation=notation), 100), "\n")

# %% [markdown]
# ## Trees and coefficients
#
# Each node of a tree is a derivative of $f = -\nabla E$, with as many arguments as it has branches. Below each tree stands its factor
# $b(\tau)/\sigma(\tau)$. A grey tree does not occur: $\nabla^4E[\nabla E,\nabla E,\nabla E]$ is missing at $h^3$.

# %%
mq.modified_equation(descent, order=5).plot()

# %% [markdown]
# One coefficient at a time: `"[]"` is a single node, `"[[],[]]"` is a node with two leaves. Coefficients are exact fractions.

# %%
sixth = mq.modified_equation(descent, order=6)
for tree in ("[]", "[[]]", "[[[]]]", "[[],[]]", "[[],[],[]]"):
    print(f"b({tree}) = {sixth.coefficient(tree)}")

assert sixth.coefficient("[[[]]]") == Fraction(1, 3)
assert sixth.coefficient("[[],[]]") == Fraction(1, 6)
assert sixth.coefficient("[[],[],[]]") == 0

# %% [markdown]
# Two families have names. The chain with $k$ nodes has $b = (-1)^{k+1}/k$, the Taylor coefficients of $\log(1+\zeta)$: summed over all
# $k$, the chains are the principal flow. The bush, a root with $k$ leaves, has the Bernoulli number $b = B_k$.

# %%
thirteenth = mq.modified_equation(descent, order=13)
print(f"{len(thirteenth.terms())} trees with up to 13 nodes")
sizes = [tree.order for tree, b, sigma in thirteenth.terms()]
assert [sizes.count(k) for k in range(1, 7)] == [1, 1, 2, 4, 9, 20]

for k in range(1, 14):
    chain = "[" * k + "]" * k
    assert thirteenth.coefficient(chain) == Fraction((-1) ** (k + 1), k)
for k in range(2, 13):
    bush = "[" + ",".join(["[]"] * k) + "]"
    assert thirteenth.coefficient(bush) == sympy.bernoulli(k)
print("b(root with twelve leaves) =", thirteenth.coefficient(bush))

# %% [markdown]
# ## Momentum
#
# Every optimizer that is linear in its states and in the gradients that it asks for works the same way. Parameters may stay symbolic.
# With $\beta = 0$ heavy ball is gradient descent.

# %%
momentum = mq.HeavyBall("beta")
mq.modified_equation(momentum, order=2)

# %%
for tree in ("[]", "[[]]", "[[[]]]", "[[],[]]"):
    symbolic = mq.modified_equation(momentum, order=3).coefficient(tree)
    print(f"b({tree}) = {symbolic}")
    assert symbolic.subs("beta", 0) == third.coefficient(tree)

# %% [markdown]
# The leading term is the gradient flow, faster by $1/(1-\beta)$. The first correction is that of Ghosh et al.
# ([arXiv 2302.00849](https://arxiv.org/abs/2302.00849)).
#
# ## Runge–Kutta methods
#
# A method of order $p$ follows the gradient flow up to $h^p$. So its first correction has $p$ as the power of $h$, with trees of $p + 1$
# nodes.

# %%
midpoint = mq.RungeKutta([[0, 0], ["1/2", 0]], [0, 1])
mq.modified_equation(midpoint, order=3)

# %%
rk4 = mq.RungeKutta(
    [[0, 0, 0, 0], ["1/2", 0, 0, 0], [0, "1/2", 0, 0], [0, 0, 1, 0]],
    ["1/6", "1/3", "1/3", "1/6"],
)
for name, rule in {"explicit midpoint": midpoint, "RK4": rk4}.items():
    terms = mq.modified_equation(rule, order=5).terms()
    first = min(tree.order for tree, b, sigma in terms if tree.order > 1 and b != 0)
    print(f"{name}: the smallest tree that it misses has {first} nodes, so the method is of order {first - 1}")
    assert first - 1 == {"explicit midpoint": 2, "RK4": 4}[name]

# %% [markdown]
# ## Measured order of accuracy
#
# Put an equation on a loss and it becomes a compiled vector field. One step of the method then differs from the flow over the time $h$
# by $O(h^{p+1})$. `order_of_accuracy` runs both for several $h$ and fits the slope.

# %%
E = mq.Loss.from_sympy("log(cosh(x)) + 0.15*y**2*(1 + x**2/2) + x**3/15 + x*y/10", ["x", "y"])
theta0 = [0.6, -0.8]
hs = [0.4 * 2.0**-k for k in range(6)]

orders = {}
for p in range(1, 7):
    flow = mq.modified_equation(descent, order=p).on(E)
    orders[p] = mq.order_of_accuracy(descent, flow, theta0, hs)
    print(f"order {p}: slope {orders[p].slope:.2f}, one-step error {orders[p].errors[2]:.1e} for h = {hs[2]:g}")
    assert abs(orders[p].slope - (p + 1)) < 0.1

# %%
mq.plotting.plot_order(orders).figure

# %% [markdown]
# The same for heavy ball with $\beta = \frac12$. A method with memory is started on its smooth solution here, where a flow can describe it;
# its step sizes are smaller because the series runs in powers of $h/(1-\beta)^2$.

# %%
half = mq.HeavyBall("1/2")
small_hs = [0.02 * 2.0**-k for k in range(4)]

for p in range(1, 4):
    flow = mq.modified_equation(half, order=p).on(E)
    slope = mq.order_of_accuracy(half, flow, theta0, small_hs).slope
    print(f"heavy ball, order {p}: slope {slope:.2f}")
    assert abs(slope - (p + 1)) < 0.1

# %% [markdown]
# ## The other way round: the modifying equation
#
# Which field has to be given to gradient descent so that its steps land on the *exact* gradient flow? This is the modifying equation. Its
# signs show what has to be undone.

# %%
mq.modifying_equation(descent, order=3)

# %% [markdown]
# Gradient descent on this field, cut off at order $p$, is a method of order $p$ for the gradient flow. Measured over the time 4:

# %%
T, step_sizes = 4.0, [0.2, 0.1, 0.05]
distances = {}
for p in (1, 2, 4):
    modifying = mq.modifying_equation(descent, order=p).on(E)
    distances[p] = []
    for h in step_sizes:
        steps = round(T / h)
        corrected = mq.iterate(descent, modifying.vector_field(h=h), theta0, h=h, steps=steps)
        exact = mq.integrate(mq.gradient_flow().on(E), theta0, h=h, steps=steps)
        distances[p].append(np.linalg.norm(corrected.theta - exact.theta, axis=1).max())
    slope = np.polyfit(np.log(step_sizes), np.log(distances[p]), 1)[0]
    print(f"order {p}: largest distance {', '.join(f'{d:.1e}' for d in distances[p])} for h = 0.2, 0.1, 0.05; slope {slope:.2f}")
    assert abs(slope - p) < 0.2

# %%
plain = mq.iterate(descent, E, theta0, h=0.1, steps=40)
exact = mq.integrate(mq.gradient_flow().on(E), theta0, h=0.1, steps=40)
ratio = np.linalg.norm(plain.theta - exact.theta, axis=1).max() / distances[4][1]
print(f"h = 0.1: the field of order 4 is {ratio:,.0f} times closer to the gradient flow than E itself")
assert ratio > 10_000

# %% [markdown]
# ## What was seen
#
# - Gradient descent has 1, 1, 2, 4, 9, 20 trees with 1 to 6 nodes; the tree of $\nabla^4E[\nabla E,\nabla E,\nabla E]$ at $h^3$ has the
#   coefficient 0. Chains have the coefficients of the logarithm, bushes the Bernoulli numbers, checked exactly up to 13 nodes.
# - Heavy ball has the same trees with rational functions of $\beta$ as coefficients, and those of gradient descent at $\beta = 0$.
# - The explicit midpoint rule is of order 2 and RK4 of order 4: so says the first tree with a coefficient that is not 0.
# - The one-step error of the flow of order $p$ falls like $h^{p+1}$: measured slopes lie within 0.1 of 2, 3, … 7 for gradient descent, and
#   within 0.1 of 2, 3, 4 for heavy ball on its smooth solution.
# - Given the modifying field of order 4, gradient descent with $h = 0.1$ stays more than 10,000 times closer to the gradient flow than
#   on $E$ itself.
