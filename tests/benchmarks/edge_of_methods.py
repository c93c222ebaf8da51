"""Heavy ball, Nesterov, RMSProp and Adam at their own edges: every flow from the same states, on the network 4-5-1 on breast-cancer data.

What was chosen before any flow was run, from runs of the methods alone: step sizes with which a method reaches its edge within some 200
steps and stays finite (Nesterov's was made smaller after its first rows, because the method itself left two of the three seeds); three
seeds of initial weights; 40 steps from the initial weights, at rest; and 40 steps from the state, memory and all, after 200. Mean
distances over the steps that a flow reached: of two steps to every second iterate, of the others to the iterates and to the averages
(θ_{n−1} + 2θ_n + θ_{n+1})/4. The factor is that from two steps, with jumps where it does not finish without, to the best score of the
others that finished. There is a central flow of RMSProp only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import modeq as mq
from modeq.flows.flow import Flow, Piece
from modeq.flows.update_maps import UpdateFlow
from modeq.methods.method import Method
from modeq.series.map_flow import UpdateMapFlow

from .breast_cancer import network
from .timing import Row

CASES = (
    (mq.HeavyBall(0.9), 1.3),
    (mq.Nesterov(0.9), 0.5),
    (mq.RMSProp(0.99), 0.01),
    (mq.Adam(0.9, 0.99), 0.2),
)
SEEDS = (0, 1, 2)
BEFORE, STEPS = 200, 40
OPTIONS: dict[str, Any] = {"rtol": 1e-6, "atol": 1e-8, "max_evaluations": 1_200}
TWO = ("two-step", "two-step+jumps")


@dataclass(frozen=True)
class Begun(Method):
    """A method that goes on from a state in the middle of a run."""

    base: Method
    memory: tuple[tuple[float, ...], ...]
    number: int

    @property
    def name(self) -> str:
        return self.base.name

    @property
    def output(self) -> Callable[[Sequence[Any]], Any]:
        return self.base.output

    @property
    def state_names(self) -> tuple[str, ...]:
        return ("θ", *(f"memory {q + 1}" for q in range(len(self.memory))))

    @property
    def stages(self) -> int:
        return self.base.stages

    @property
    def fields(self) -> int:
        return 1

    @property
    def parameters(self) -> tuple[str, ...]:
        return ()

    @property
    def is_explicit(self) -> bool:
        return True

    @property
    def needs_n(self) -> bool:
        return self.base.needs_n

    @property
    def linear(self) -> None:
        return None

    def with_parameters(self, **values: Any) -> Begun:
        return self

    def rest(self, theta: Any) -> list[Any]:
        return [theta, *map(np.array, self.memory)]

    def step(self, state: Any, h: Any, n: int, evaluate: Any, algebra: Any) -> list[Any]:
        return self.base.step(state, h, n + self.number, evaluate, algebra)


@dataclass(frozen=True, eq=False, repr=False)
class Started(Flow):
    """A central flow from a state in the middle of a run."""

    inner: Flow
    state: np.ndarray

    @property
    def follows_averages(self) -> bool:
        return True

    def start(self, theta0: np.ndarray, h: float) -> np.ndarray:
        return self.state

    def pieces(self, h: float, n: int = 0) -> tuple[Piece, ...]:
        return self.inner.pieces(h, n)


def after(method: Method, E: mq.Loss, theta: np.ndarray, h: float, steps: int) -> list[np.ndarray]:
    """Return the whole state after some steps; of heavy ball and Nesterov the memory is the last displacement."""
    run = mq.iterate(method, E, theta, h=h, steps=steps)
    if method.linear is not None:
        return [run.theta[-1], run.theta[-1] - run.theta[-2]]
    return [run.theta[-1], *(run.state[name][-1] for name in method.state_names[1:])]


@dataclass(frozen=True)
class Scores:
    """One run of every flow: the least real part of an eigenvalue of a step along the iterates, which is −1 at the edge, the paths, and
    their mean distances to the iterates and to the averages of these over what each reached.
    """

    title: str
    lowest: float
    paths: dict[str, mq.Trajectory]
    distances: dict[str, tuple[float, float]]

    @property
    def ours(self) -> str | None:
        """Which flow of two steps counts."""
        return next((name for name in TWO if self.paths[name].completed), None)

    @property
    def factor(self) -> float:
        """How many times closer it is than the best score of the others that finished."""
        others = [min(score) for name, score in self.distances.items() if name not in TWO and self.paths[name].completed]
        return min(others) / self.distances[self.ours][0] if self.ours and others else np.nan


def options(name: str) -> dict[str, Any]:
    """Return the options of a run; one with jumps spends evaluations in windows that it then jumps over."""
    return OPTIONS | {"max_evaluations": 8_000} if name.endswith("jumps") else OPTIONS


def scores(base: Method, h: float, seed: int, before: int) -> Scores:
    """Run a method and every flow from one state."""
    E = network()
    theta, method = mq.losses.xavier(E, seed), base
    if base.linear is not None:  # as an update: its flow of two steps is then computed in NumPy, all eigenvectors in 3 ms
        method = Begun(base, ((0.0,) * len(theta),), 0)
    if before:
        theta, *memory = after(base, E, theta, h, before)
        method = Begun(base, tuple(map(tuple, memory)), before)
    kind = "dense" if method.states < 3 else "lanczos"
    flows: dict[str, Flow] = {
        "two-step": mq.whole_state_flow(method, steps=2, hessian=kind).on(E),
        "two-step+jumps": mq.whole_state_flow(method, steps=2, hessian=kind, jumps=True).on(E),
        "rod": mq.RodFlow(method).on(E),
        "gradient": mq.modified_equation(base, order=1).on(E),
    }
    if base.preconditioner is not None:
        flow = mq.CentralFlow(base).on(E)
        mean_square = 0.99 * memory[0] + 0.01 * E.gradient(theta) ** 2 if before else flow.start(theta, h)[len(theta) :]
        flows["central"] = Started(flow.equation, E, flow, np.append(theta, mean_square))
    run = mq.iterate(method, E, theta, h=h, steps=STEPS)
    iterates, step = run.theta, UpdateFlow(UpdateMapFlow(method, 1), E)
    states = np.column_stack([run.state[name] for name in method.state_names])
    values = [np.linalg.eigvals(step.step_matrix(states[n], h, n)) for n in range(2, STEPS, 6)]
    averages = (iterates[:-2] + 2 * iterates[1:-1] + iterates[2:]) / 4
    paths = {name: mq.integrate(flow, theta, h=h, steps=STEPS, **options(name)) for name, flow in flows.items()}
    start = f"after {before} steps" if before else "from initial weights"
    return Scores(
        f"{base.name}, h = {h:g}, {start}, seed {seed}",
        float(np.real(np.concatenate(values)).min()),
        paths,
        {name: (_off(path, iterates, path.period), _off(path, averages, path.period, 1)) for name, path in paths.items()},
    )


def _off(path: mq.Trajectory, points: np.ndarray, period: int, first: int = 0) -> float:
    """Return the mean distance of a path from points, the first of which belongs to step `first`; without that of step 0."""
    steps = np.arange(period, len(path), period)
    steps = steps[steps - first < len(points)]
    return float(np.linalg.norm(path.theta.real[steps] - points[steps - first], axis=1).mean()) if len(steps) else np.nan


def runs(cases: Sequence[tuple[Method, float]] = CASES) -> Iterator[Scores]:
    for base, h in cases:
        for before in (0, BEFORE):
            for seed in SEEDS:
                yield scores(base, h, seed, before)


def table(cases: Sequence[tuple[Method, float]] = CASES) -> Iterator[str]:
    """Write the table of docs/edge-of-stability.md, line by line."""
    heads = ["run", "least root", "two-step", "with jumps", "jumps", "rod: iterates, averages", "central", "gradient", "factor"]
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for found in runs(cases):
        cells = [f"{found.lowest:.2f}", *(f"{found.distances[name][0]:.1e}{_end(found.paths[name])}" for name in TWO)]
        cells.append(str(len(found.paths["two-step+jumps"].jumps)))
        for name in ("rod", "central", "gradient"):
            cells.append("{:.1e}, {:.1e}".format(*found.distances[name]) + _end(found.paths[name]) if name in found.paths else "")
        yield f"| {' | '.join([found.title, *cells, f'{found.factor:.2g}'])} |"


def _end(path: mq.Trajectory) -> str:
    return "" if path.completed else f", {path.status} at {len(path) - 1}"


def rows() -> list[Row]:
    return [Row(f"{found.title}: {found.ours}, times closer", found.factor, unit="", peer="asked", peer_value=5.0) for found in runs()]


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)
