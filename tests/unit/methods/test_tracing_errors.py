"""Updates that are no general linear method are refused with the reason."""

import numpy as np
import pytest
import sympy

import modeq as mq


def trace(function, memory=(), **parameters):
    return mq.method(function, memory=memory)(**parameters)


REFUSED = {
    "absolute value": (lambda theta, h, f: theta + h * abs(f(theta)), r"abs is not smooth.*np\.sqrt\(x\*x \+ eps\)"),
    "NumPy's sign": (lambda theta, h, f: theta + h * np.sign(f(theta)), r"sign is not smooth.*x / np\.sqrt\(x\*x \+ eps\)"),
    "NumPy's maximum": (lambda theta, h, f: theta + h * np.maximum(f(theta), 0), "maximum is not smooth.*np.log"),
    "clip": (lambda theta, h, f: theta + h * np.clip(f(theta), -1, 1), r"clip is not smooth.*np\.sqrt\(1"),
    "where": (lambda theta, h, f: theta + h * np.where(f(theta) > 0, 1, 2), "is not smooth; write a smooth weight"),
    "SymPy's sine": (lambda theta, h, f: theta + h * sympy.sin(f(theta)), "SymPy; use NumPy's functions"),
    "attribute": (lambda theta, h, f: theta + h * f(theta).mean(), r"uses \.mean"),
    "index": (lambda theta, h, f: theta + h * f(theta[0]), "single entries cannot be taken"),
    "loop over entries": (lambda theta, h, f: theta + h * max(f(theta)), "cannot loop over entries"),
    "greater than": (lambda theta, h, f: theta + h * f(theta) if theta > 0 else theta, "comparison of states"),
    "equal to": (lambda theta, h, f: theta if theta == 0 else theta + h * f(theta), "comparison of states"),
    "unequal to": (lambda theta, h, f: theta + h * f(theta) if theta != 0 else theta, "comparison of states"),
    "step size": (lambda theta, h, f: theta + h * f(theta) if h < 0.1 else theta, "branches on the step size h"),
    "integer of h": (lambda theta, h, f: sum([f(theta)] * int(h)), "the step size h is not known as an integer"),
    "field at 0": (lambda theta, h, f: theta + h * f(0), r"the field is asked at 0.*f\(theta\)"),
    "field at h": (lambda theta, h, f: theta + h * f(h), "the field is asked at a number"),
    "field without a point": (lambda theta, h, f: theta + h * f, r"write f\(theta\)"),
    "concatenated": (lambda theta, h, f: theta + h * np.concatenate([f(theta)] * 2), "the shape they have.*per_array=True"),
    "reshaped": (lambda theta, h, f: theta + h * f(theta).reshape(2, -1), r"uses \.reshape.*per_array=True"),
    "outer product": (lambda theta, h, f: theta + h * np.outer(f(theta), f(theta)), "np.outer is not known.*per_array=True"),
    "unknown function": (lambda theta, h, f: theta + h * np.floor(f(theta)), "np.floor is not known.*np.sqrt"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_traced_is_refused_with_an_alternative(name):
    update, message = REFUSED[name]
    with pytest.raises(TypeError, match=rf"(?s)cannot be traced.*{message}"):
        trace(update)


def test_the_message_names_the_line_of_the_update():
    def bounded(theta, h, f):
        step = f(theta)
        return theta + h * np.sign(step)

    line = bounded.__code__.co_firstlineno + 2
    with pytest.raises(TypeError, match=rf"in line {line} \(return theta \+ h \* np\.sign\(step\)\)"):
        trace(bounded)


def test_a_number_of_the_step_cannot_index_a_list():
    with pytest.raises(TypeError, match=r"the number n of the step is not known as an integer.*exponent"):
        trace(lambda theta, h, f, *, n: theta + h * [0.1, 0.2][n] * f(theta))


COUNTED = {
    "array": (lambda n: np.array([0.1, 0.2])[n], "an index is not known as an integer"),
    "dictionary": (lambda n: {0: 1.0}.get(n, 0.5), "finds nothing in a dictionary.*pass h=lambda n"),
    "every tenth": (lambda n: 0.5 if n % 10 == 0 else 1, "the number n of the step is rounded.*pass h=lambda n"),
    "staircase": (lambda n: 0.9 ** (n // 10), "the number n of the step is rounded.*pass h=lambda n"),
    "rounded": (lambda n: round(n / 10), "a formula in h, n or parameters is rounded"),
}


@pytest.mark.parametrize("name", COUNTED)
def test_what_tells_steps_apart_without_a_formula_is_refused_with_the_remedy(name):
    factor, message = COUNTED[name]
    with pytest.raises(TypeError, match=message):
        trace(lambda theta, h, f, *, n: theta + h * factor(n) * f(theta))


BEFORE_ONE = {
    "root": lambda theta, v, h, f, *, n: (theta + h * f(theta) / np.sqrt(n), v),
    "power": lambda theta, v, h, f, *, n: (theta + h * n**-0.5 * f(theta), v),
    "bias correction": lambda theta, v, h, f, *, n: (
        theta + h * f(theta) / np.sqrt(1 + (0.9 * v + f(theta) ** 2) / (1 - 0.9**n)),
        0.9 * v + 0.1 * f(theta) ** 2,
    ),
}


@pytest.mark.parametrize("name", BEFORE_ONE)
def test_a_division_by_zero_at_the_first_step_is_told_from_memory_at_rest(name):
    with pytest.raises(ValueError, match=r"divides by 0 at n = 0, which is its first step; count from n \+ 1"):
        trace(BEFORE_ONE[name], memory=("v",))


def test_a_number_in_the_place_of_a_memory_is_refused_with_the_remedy():
    with pytest.raises(TypeError, match=r"it returns \(a vector, one number\); np.ones_like\(theta\) \* x makes a vector"):
        trace(lambda theta, v, h, f: (theta + h * f(theta), np.sum(f(theta))), memory=("v",))


def test_an_exponent_that_depends_on_the_state_is_refused():
    with pytest.raises(TypeError, match="an exponent is a number"):
        trace(lambda theta, h, f: theta + h * f(theta) ** theta)


@pytest.mark.parametrize(
    "update", [lambda theta, h, f: theta + f(theta), lambda theta, h, f: theta + np.sqrt(h) * f(theta)], ids=["no-h", "root"]
)
def test_powers_of_the_step_size_that_do_not_fit_are_refused(update):
    with pytest.raises(ValueError, match=r"powers of h"):
        trace(update)


def test_a_constant_that_moves_the_point_without_a_step_is_inconsistent():
    with pytest.raises(ValueError, match="inconsistent: at h = 0"):
        trace(lambda theta, h, f: theta + h * f(theta) + 1)


def test_a_memory_that_is_divided_by_at_rest_is_refused_with_the_remedy():
    def update(theta, v, h, f):
        g = f(theta)
        return theta + h * g / v, v + g * g

    with pytest.raises(ValueError, match=r"divides by a memory that is 0 at rest.*start="):
        trace(update, memory=("v",))
    assert mq.method(memory=("v",), start={"v": 0.1})(update)().memory == ("v",)


def test_a_start_for_no_memory_is_refused():
    with pytest.raises(ValueError, match="start names 'w', which is no memory of update; its memory: v"):

        @mq.method(memory=("v",), start={"w": 1.0})
        def update(theta, v, h, f):
            return theta + h * f(theta), v


@pytest.mark.parametrize(
    "update", [lambda theta, h, f: None, lambda theta, h, f: (theta + h * f(theta), theta), lambda theta, h, f: [], lambda theta, h, f: 0]
)
def test_an_update_returns_one_vector_for_each_state(update):
    with pytest.raises(TypeError, match="must return 1 updated vector"):
        trace(update)


def test_an_update_without_the_field_is_refused():
    with pytest.raises(ValueError, match="never evaluates the field"):
        trace(lambda theta, h, f: theta)


def test_a_signature_without_the_field_is_refused():
    with pytest.raises(TypeError, match=r"must take \(theta, h, f\)"):
        trace(lambda theta, h: theta)


def test_memory_that_is_no_argument_is_refused():
    with pytest.raises(TypeError, match=r"must take \(theta, v, h, f\)"):
        trace(lambda theta, h, f: theta + h * f(theta), memory=("v",))


def test_a_missing_parameter_is_asked_for():
    with pytest.raises(TypeError, match=r"needs the parameter beta; pass a number, or beta='beta'"):
        trace(lambda theta, h, f, *, beta: theta + beta * h * f(theta))


def test_an_unknown_parameter_is_refused():
    with pytest.raises(TypeError, match=r"no parameter 'gamma'; its parameters: beta"):
        trace(lambda theta, h, f, *, beta: theta + beta * h * f(theta), beta=1, gamma=2)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "1+"])
def test_a_bad_parameter_is_named(value):
    with pytest.raises(ValueError, match="beta must be"):
        trace(lambda theta, h, f, *, beta: theta + beta * h * f(theta), beta=value)


def test_unstable_memory_is_refused():
    with pytest.raises(ValueError, match="unstable at h = 0"):
        trace(lambda theta, v, h, f: (theta + h * v, v + f(theta)), memory=("v",))


def test_decayed_weights_are_inconsistent():
    with pytest.raises(ValueError, match="inconsistent"):
        trace(lambda theta, h, f, *, decay: theta * (1 - decay) + h * f(theta), decay=0.1)


def test_errors_of_the_user_come_through():
    def broken(theta, h, f):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        trace(broken)


def test_only_functions_can_be_decorated():
    with pytest.raises(TypeError, match="function"):
        mq.method(3)()


SHAPES = {
    "too few": (lambda theta, m, v, h, f: theta + h * f(theta), r"must return 3 updated vectors \(θ, m, v\).*it returns a vector$"),
    "a number": (lambda theta, m, v, h, f: (theta + h * f(theta), m, np.dot(m, m)), r"it returns \(a vector, a vector, one number\)"),
    "a field": (lambda theta, m, v, h, f: f, r"it returns a field without a point"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_an_update_returns_is_said_in_words(name):
    update, message = SHAPES[name]
    with pytest.raises(TypeError, match=message):
        trace(update, memory=("m", "v"))


def test_a_number_of_the_step_cannot_index_an_array():
    with pytest.raises(TypeError, match="not known as an integer while the update is read"):
        trace(lambda theta, h, f, *, n: theta + h * np.array([0.1, 0.2])[n / 2] * f(theta))


def test_a_memory_that_is_divided_by_too_early_says_which_step_is_defined():
    def update(theta, v, h, f):
        g = f(theta)
        return theta + h * g / np.sqrt(v), 0.9 * v + 0.1 * g * g

    with pytest.raises(ValueError, match="step 1 is: start there, with the memory of 1 step"):
        trace(update, memory=("v",))


MATRICES = {
    "sum": (lambda theta, h, f: theta + h * f(theta) @ f(theta).T, r"W, which is 2 × 3: it combines .*\(2, 3\) and \(2, 2\)"),
    "product": (lambda theta, h, f: theta + h * f(theta) @ f(theta), r"W, which is 2 × 3: it takes the product .*\.T"),
}


@pytest.mark.parametrize("name", MATRICES)
def test_an_update_of_arrays_that_does_not_fit_their_shapes_names_the_array(name):
    update, message = MATRICES[name]
    loss = mq.Loss.from_numpy(lambda p: np.sum(p["W"] ** 4), {"W": (2, 3)})
    made = mq.method(per_array=True)(update)()
    for run in (lambda: mq.iterate(made, loss, np.ones(6), h=0.1, steps=1), lambda: mq.whole_state_flow(made).on(loss)):
        with pytest.raises(ValueError, match=message):
            run()


@pytest.mark.parametrize(
    "make", [lambda: mq.Adam(1), lambda: mq.RMSProp(1.5), lambda: mq.NAdam(0.9, -0.1), lambda: mq.Lion(2, smoothing=1)]
)
def test_a_memory_that_never_forgets_is_refused_by_the_catalogue(make):
    with pytest.raises(ValueError, match="the part of a memory that a step keeps"):
        make()


def test_a_negative_epsilon_is_refused_by_the_catalogue():
    with pytest.raises(ValueError, match="eps must be ≥ 0, got -1"):
        mq.Adam(eps=-1)
