"""Principal flows of degrees 1 to 3: how far one step is off, how close a network is followed, and what a field costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

import modeq as mq

from .breast_cancer import SEEDS, means, network, sharpnesses
from .networks import digits
from .timing import Row, best, seconds

GD = mq.GradientDescent()
STEPS = 10
FLOWS = ("principal", "principal+3", "principal2", "principal2+5")
EVALUATIONS = 800  # runs below hλ = 1 take about 200 to 500; beyond that a flow is stalled


def bowl() -> mq.Loss:
    """A loss in two dimensions without symmetries."""
    return mq.Loss.from_sympy("log(cosh(x)) + 0.15*y**2*(1 + x**2/2) + x**3/15 + x*y/10", ["x", "y"], name="bowl")


def one_step_errors(flows: tuple[Any, ...], h: float) -> dict[Any, float]:
    """The distance of each flow to one step of gradient descent from (0.6, −0.8)."""
    report = mq.compare(GD, bowl(), [0.6, -0.8], h=h, steps=1, flows=flows, rtol=1e-13, atol=1e-15)
    return {label: float(errors[-1]) for label, errors in report.errors.items()}


def kernel_time(flow: mq.Flow, point: list[float], h: float) -> float:
    """Seconds for one field inside a compiled loop."""
    kernel, par = flow.kernel, flow.parameters(h)

    @njit
    def loop(y: Any, par: Any, out: Any, count: int) -> complex:
        total = 0j
        for _ in range(count):
            y[0] += 1e-9
            kernel(0.0, y, par, out)
            total += out[0]
        return total

    y, out = np.array(point, complex), np.empty(len(point), complex)
    return best(lambda: loop(y, par, out, 1000), repeats=30) / 1000


def rows() -> list[Row]:
    return [*_one_step(), *_kernels(), *_breast_cancer(), *_dense(), *_separable()]


def _one_step() -> list[Row]:
    names: tuple[str, ...] = ("gradient", "3", "principal", "principal+3", "principal2", "principal3", "principal2+5", "principal3+6")
    at = {h: one_step_errors(names, h) for h in (0.2, 0.1)}
    return [
        Row(
            f"one step, h = 0.1: {name}, falls like h^{np.log2(at[0.2][name] / at[0.1][name]):.2f}",
            at[0.1][name],
            unit="",
            peer="principal+3",
            peer_value=at[0.1]["principal+3"],
            ratio_limit=0.01 if name == "principal2" else None,
        )
        for name in names
    ]


def _kernels() -> list[Row]:
    result = []
    for title, method in (("gradient descent", GD), ("heavy ball", mq.HeavyBall(0.5))):
        times = [kernel_time(mq.principal_flow(method, degree=n).on(bowl()), [0.6, -0.8], 0.5) for n in (1, 2, 3)]
        for n, time in enumerate(times, 1):
            limit = 2e-6 if (n, method) == (2, GD) else None
            result.append(Row(f"2-D, {title}: field of degree {n}", time, limit=limit, peer="degree 1", peer_value=times[0]))
    return result


def _breast_cancer() -> list[Row]:
    result, E = [], network()
    for h in (0.2, 0.5, 0.9):
        for seed in SEEDS:
            flows = FLOWS if h < 0.9 else ("principal", "principal2")
            report = mq.compare(GD, E, mq.losses.xavier(E, seed), h=h, steps=STEPS, flows=flows, max_evaluations=EVALUATIONS)
            errors = means(report)
            title = f"network, h = {h}, seed {seed}, hλ ≤ {sharpnesses(report).max():.2f}"
            for label in flows:
                limit = 1 / 30 if label == "principal2" and h < 0.9 else None
                row = Row(f"{title}: {label}", errors[label], unit="", peer="principal", peer_value=errors["principal"], ratio_limit=limit)
                result.append(row)
            if h < 0.9:
                ratio = errors["principal2"] / errors["principal+3"]
                result.append(Row(f"{title}: principal2 over principal+3", ratio, unit="", limit=0.1))
            else:
                result += [Row(f"{title}: {verdict}", float("nan"), unit="") for verdict in report.verdicts.values()]
    return result


def _dense() -> list[Row]:
    E = network()
    theta = mq.losses.xavier(E, 0)
    flow = mq.principal_flow(GD, degree=2).on(E)
    hessian = best(lambda: E.hessian(theta), repeats=20)
    time = best(lambda: flow(theta, 0.5), repeats=20)
    return [Row("31 parameters: field of degree 2, all eigenvectors", time, peer="Hessian", peer_value=hessian, ratio_limit=30.0)]


def _separable() -> list[Row]:
    result = []
    E = network()
    theta = mq.losses.xavier(E, 0)
    for h in (0.15, 0.3, 0.45):
        whole = mq.principal_flow(GD, degree=2).on(E)(theta, h)
        value = mq.principal_flow(GD, degree=2, hessian="lanczos").on(E)(theta, h)
        error = float(np.linalg.norm(value - whole) / np.linalg.norm(whole))
        result.append(Row(f"31 parameters, hλ = {h * E.sharpness(theta):.2f}: separable against dense", error, unit="", limit=1e-8))
    E = digits().loss
    theta, par, out = mq.losses.xavier(E, 0), E.parameter_vector(0.0), np.empty(E.dimension)
    gradient = best(lambda: E.module.loss(theta, par, out), repeats=30)
    for product in (0.3, 0.6, 0.85):
        h = product / E.sharpness(theta)
        for degree in (1, 2):
            flow = mq.principal_flow(GD, degree=degree).on(E)
            time = best(_field(flow, theta, h), repeats=3)
            limit = 100.0 if degree == 2 else None
            title = f"digits, 2,410 parameters, hλ = {product}: field of degree {degree}"
            result.append(Row(title, time, peer="gradient", peer_value=gradient, ratio_limit=limit))
    return result


def _field(flow: mq.Flow, theta: Any, h: float) -> Callable[[], object]:
    return lambda: flow(theta, h)


def integrated(product: float) -> Row:
    """Three steps on the digits; minutes, so not part of the table."""
    E = digits().loss
    theta = mq.losses.xavier(E, 0)
    h = product / E.sharpness(theta)
    iterates = mq.iterate(GD, E, theta, h=h, steps=3).theta
    flow = mq.principal_flow(GD, degree=2).on(E)
    paths: list[Any] = []
    time = seconds(lambda: paths.append(mq.integrate(flow, theta, h=h, steps=3, rtol=1e-8, atol=1e-10)))
    error = float(np.linalg.norm(paths[0].theta[-1] - iterates[-1]))
    return Row(f"digits, 3 steps, hλ = {product}, {time:.0f} s: distance", error, unit="")
