"""A kind of flow that modeq does not know is found wherever flows are looked for."""

from dataclasses import dataclass

import numpy as np
import pytest

import modeq as mq
from modeq.cli import main
from modeq.extension_points import bind


@dataclass(frozen=True)
class Toy(mq.Equation):
    """Half the gradient flow, in two pieces: a state of θ and a clock."""

    method: mq.Method

    @property
    def title(self):
        return "toy flow"

    def text(self):
        return "θ' = -1/2 ∇E"

    def latex(self):
        return r"\dot\theta = -\tfrac12 \nabla E"


@dataclass(frozen=True, eq=False, repr=False)
class ToyFlow(mq.Flow):
    @property
    def dimension(self):
        return self.field.dimension + 1

    def start(self, theta0, h):
        return np.append(theta0, 0.0)

    def pieces(self, h, n=0):
        def right(t, state):
            return np.append(self.field.value(state[:-1]) / 2, 1.0)

        return mq.flows.Piece(right, lambda state: state[-1] - 2 * h), mq.flows.Piece(right)

    def extras(self, states, h):
        return {"clock": states[:, -1]}

    @property
    def remark(self):
        return "half of the truth"


@pytest.fixture
def toy():
    bind.register(Toy, mq.Loss)(ToyFlow)
    mq.flows.register("toy", Toy, help="half the gradient flow", title="toy", look=mq.flows.Look("#123456", ":", "X"))
    yield "toy"
    mq.flows.unregister("toy")


@pytest.fixture
def report(toy):
    E = mq.losses.quadratic([[1]])
    return mq.compare(mq.GradientDescent(), E, [1.0], h=0.5, steps=4, flows=[toy, "gradient"])


def test_it_is_compared(report):
    path = report.trajectories["toy"]
    np.testing.assert_allclose(path.theta[:, 0], np.exp(-path.t / 2), rtol=1e-8)
    np.testing.assert_allclose(path.extras["clock"], path.t, atol=1e-12)


def test_it_is_in_the_table_with_a_verdict(report):
    lines = report.table().splitlines()
    assert any(line.startswith("toy ") for line in lines)
    assert any(line.startswith("toy: ") and line.endswith("half of the truth") for line in lines)


def test_it_is_drawn_with_its_look(report):
    figure = report.plot()
    lines = [line for ax in figure.axes for line in ax.lines if line.get_label() == "toy"]
    assert lines
    assert {line.get_color() for line in lines} == {"#123456"}
    assert {line.get_linestyle() for line in lines} == {":"}


def test_the_command_line_runs_it(toy, capsys):
    assert main(["compare", "x**2/2", "--at", "1", "--h", "0.5", "--steps", "2", "--flows", "toy,gradient"]) == 0
    assert "toy" in capsys.readouterr().out


def test_the_command_line_lists_it(toy, capsys):
    assert main(["compare", "--help"]) == 0
    assert "half the gradient flow" in " ".join(capsys.readouterr().out.split())


def test_messages_suggest_it(toy):
    with pytest.raises(ValueError, match="did you mean 'toy'"):
        mq.flows.named_equation(mq.GradientDescent(), "toi")


def test_a_name_is_taken_once(toy):
    with pytest.raises(ValueError, match="already"):
        mq.flows.register("toy", Toy, help="another")


def test_a_number_is_a_name_already():
    with pytest.raises(ValueError, match="already"):
        mq.flows.register("7", Toy, help="an order")


def test_an_equation_without_a_flow_on_a_field_says_so(toy):
    with pytest.raises(TypeError, match="a toy flow cannot be put on pendulum, a VectorField"):
        Toy(mq.GradientDescent()).on(mq.VectorField.from_sympy(["v", "-x"], ["x", "v"], name="pendulum"))
