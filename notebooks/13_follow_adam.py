# %% [markdown]
# # 13. Follow Adam
#
# *Which flow does Adam follow? The known answer holds for short memories only. Here is one that holds from the first step, with the
# numbers that everybody uses.*
#
# ## The update
#
# Adam divides an average of the gradient by the root of an average of its square (Kingma, Ba 2015,
# [arXiv 1412.6980](https://arxiv.org/abs/1412.6980)). In modeq it is a method like any other; so is one of your own.

# %%
import matplotlib.pyplot as plt
import numpy as np

import modeq as mq


@mq.method(memory=("m", "v"))
def my_adam(theta, m, v, h, f, *, n, beta1=0.9, beta2=0.999, eps=1e-8):
    g = -f(theta)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - h * m / (1 - beta1 ** (n + 1)) / (np.sqrt(v / (1 - beta2 ** (n + 1))) + eps), m, v


E = mq.Loss.from_sympy("exp(0.3*a) + a**2*b**2/4 + (a - b)**2/2 + sqrt(1 + b**2)", ["a", "b"])
start, h, steps = [1.2, -0.9], 0.01, 60
run = mq.iterate(mq.Adam(), E, start, h=h, steps=steps)
assert np.abs(mq.iterate(my_adam(), E, start, h=h, steps=steps).theta - run.theta).max() < 1e-13

# %% [markdown]
# ## The published answer
#
# Once its memory has forgotten the start, Adam follows a field of θ alone (Cattaneo, Klusowski, Shigida 2024,
# [arXiv 2309.00079](https://arxiv.org/abs/2309.00079)). All products are entry by entry.

# %%
equation = mq.modified_equation(mq.Adam("beta1", "beta2", "epsilon"), order=2)
print(equation)

# %% [markdown]
# With β₂ = 0.999 the coefficient of the correction is large: memory lasts 1/(1 − β₂) = 1000 steps, and in that time the gradient is
# another one.

# %%
print(mq.modified_equation(mq.Adam(0.9, 0.999, "epsilon"), order=2))

# %% [markdown]
# ## The flow of the whole state
#
# The alternative is to let the memory move too. Step n of Adam is a map Φₙ of (θ, m, v); its principal flow
# ṡ = log(M)(M − 1)⁻¹(Φₙ(s) − s)/h, M = DΦₙ(s), for nh ≤ t < (n + 1)h, starts at rest like Adam and has the bias correction of each step.
# The memory, which has got the weight 1 − βⁿ after n steps, is taken in units of that: else v would double in the second step, where √v
# bends most.

# %%
whole = mq.integrate(mq.whole_state_flow(mq.Adam()).on(E), start, h=h, steps=steps)
slaved = {p: mq.integrate(mq.modified_equation(mq.Adam(), order=p).on(E), start, h=h, steps=steps, max_evaluations=3000) for p in (1, 2)}

fig, ax = plt.subplots(figsize=(6, 4))
for name, path in {"order 1": slaved[1], "order 2": slaved[2], "whole state": whole}.items():
    count = len(path.theta)
    ax.semilogy(np.arange(count), np.linalg.norm(path.theta - run.theta[:count], axis=1) + 1e-16, label=name)
ax.set(xlabel="step", ylabel="distance to Adam", ylim=(1e-9, 1e2))
ax.legend()
plt.show()

# %%
moved = np.linalg.norm(run.theta[-1] - run.theta[0])
distance = np.linalg.norm(whole.theta - run.theta, axis=1).mean()
print(f"moved {moved:.2f}, mean distance of the whole-state flow {distance:.1e}")
assert distance < 1e-3 * moved

# %% [markdown]
# The memory comes with the path: here v, which Adam divides by the root of.

# %%
fig, ax = plt.subplots(figsize=(6, 3))
ax.plot(run.state["v"][:, 0], "o", ms=3, label="Adam")
ax.plot(whole.state["v"][:, 0], label="flow")
ax.set(xlabel="step", ylabel="v of the first parameter")
ax.legend()
plt.show()

# %% [markdown]
# ## What it is good for
#
# Each optimizer says how the libraries differ, and where it stops being smooth:

# %%
print(mq.NAdam().convention)
try:
    mq.Lion(smoothing=0)
except ValueError as error:
    print(error)
