"""Smooth updates against the optimizers of optax themselves, in float64, from the first step."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import modeq as mq

jax = pytest.importorskip("jax")
optax = pytest.importorskip("optax")
ROOT = Path(__file__).resolve().parents[2]
STEPS, H = 50, 0.02
E = mq.Loss.from_sympy("exp(0.3*a) + a**2*b**2/4 + (a - b)**2/2 + sqrt(1 + b**2)", ["a", "b"])
START = [1.2, -0.9]


def run_of(transformation):
    """θ_0 … θ_n of an optax transformation, whose updates are added."""
    with jax.enable_x64(True):
        theta = jax.numpy.array(START)
        state, path = transformation.init(theta), [theta]
        for _ in range(STEPS):
            updates, state = transformation.update(jax.numpy.array(E.gradient(np.array(theta))), state, theta)
            theta = optax.apply_updates(theta, updates)
            path.append(theta)
        return np.array(path)


@mq.method(memory=("m", "v"))
def own_adam(theta, m, v, h, f, *, n, beta1=0.9, beta2=0.999, eps=1e-8):
    g = -f(theta)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - h * m / (1 - beta1 ** (n + 1)) / (np.sqrt(v / (1 - beta2 ** (n + 1))) + eps), m, v


PAIRS = {
    "adam": (mq.Adam(), optax.adam(H)),
    "own adam": (own_adam(), optax.adam(H)),
    "adam, other numbers": (mq.Adam(0.8, 0.9, 1e-2), optax.adam(H, b1=0.8, b2=0.9, eps=1e-2)),
    "adam, epsilon inside": (mq.Adam(0.9, 0.99, 1e-3, eps_inside=True), optax.adam(H, b2=0.99, eps=0.0, eps_root=1e-3)),
    "adamw": (mq.AdamW(weight_decay=0.1), optax.adamw(H, weight_decay=0.1)),
    "nadam": (mq.NAdam(), optax.nadam(H)),
    "rmsprop": (mq.RMSProp(0.9, 1e-8, eps_inside=True), optax.rmsprop(H)),
    "rmsprop, epsilon outside": (mq.RMSProp(0.99, 1e-3), optax.rmsprop(H, decay=0.99, eps=1e-3, eps_in_sqrt=False)),
    "rmsprop, centred, momentum, start": (
        mq.RMSProp(0.9, 1e-4, momentum=0.9, centred=True, eps_inside=True, start=0.1),
        optax.rmsprop(H, decay=0.9, eps=1e-4, centered=True, momentum=0.9, initial_scale=0.1),
    ),
    "adagrad": (mq.Adagrad(1e-7, eps_inside=True, start=0.1), optax.adagrad(H, initial_accumulator_value=0.1, eps=1e-7)),
    "sgd": (mq.GradientDescent(), optax.sgd(H)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_iterates_are_those_of_optax(name):
    method, transformation = PAIRS[name]
    path = mq.iterate(method, E, START, h=H, steps=STEPS)
    assert path.completed
    assert np.abs(path.theta - run_of(transformation)).max() < 1e-12


def test_lion_tends_to_that_of_optax():
    expected = run_of(optax.lion(H, weight_decay=0.0))[:5]
    off = [np.abs(mq.iterate(mq.Lion(smoothing=s), E, START, h=H, steps=4).theta - expected).max() for s in (1e-2, 1e-4, 1e-6)]
    assert off[1] < off[0] / 50
    assert off[2] < off[1] / 50


TRACED = {
    "adam": optax.adam,
    "adamw": optax.adamw,
    "nadam": optax.nadam,
    "adabelief": optax.adabelief,
    "adadelta": lambda rate: optax.adadelta(rate, rho=0.9, eps=1e-3),
    "rmsprop, centred, momentum": lambda rate: optax.rmsprop(rate, centered=True, momentum=0.9, initial_scale=0.1, eps=1e-3),
    "momentum": lambda rate: optax.sgd(rate, momentum=0.9, nesterov=True),
    "normalised": lambda rate: optax.chain(optax.normalize_by_update_norm(), optax.scale(-rate)),
    "decayed": lambda rate: optax.chain(optax.scale_by_adam(), optax.add_decayed_weights(0.1), optax.scale_by_learning_rate(rate)),
}


@pytest.mark.parametrize("name", TRACED)
def test_a_traced_transformation_iterates_as_optax_does(name):
    method = mq.from_optax(TRACED[name](1.0), name=name)
    assert np.abs(mq.iterate(method, E, START, h=H, steps=STEPS).theta - run_of(TRACED[name](H))).max() < 1e-12


def test_the_three_ways_to_adam_have_the_same_flow():
    theta, ways = np.array(START), (mq.Adam(), own_adam(), mq.from_optax(optax.adam(1.0)))
    state = np.concatenate([theta, E.gradient(theta), E.gradient(theta) ** 2])
    fields = [mq.whole_state_flow(method).on(E)(state, H, 3) for method in ways]
    assert np.allclose(fields[0], fields[1], rtol=1e-9)
    assert np.allclose(fields[0], fields[2], rtol=1e-9)


REFUSED = {
    "lion": (optax.lion, "sign is not smooth"),
    "amsgrad": (optax.amsgrad, "maximum is not smooth"),
    "adafactor": (optax.adafactor, r"keeps v_row, of shape \(1,\)"),
    "rprop": (optax.rprop, "compares values"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_smooth_is_refused_by_name(name):
    make, message = REFUSED[name]
    with pytest.raises(TypeError, match=message):
        mq.from_optax(make(1.0), name=name)


def _with_labels():
    return optax.multi_transform({"a": optax.sgd(1.0), "b": optax.adam(1.0)}, {"W": "a", "b": "b"})


WITH_REMEDY = {
    "schedule": (
        lambda: optax.adam(optax.cosine_decay_schedule(1.0, 100)),
        "tells steps apart.*pass it to the run as h=schedule",
    ),
    "piecewise": (lambda: optax.sgd(optax.piecewise_constant_schedule(1.0, {10: 0.1})), "pass it to the run as h=schedule"),
    "mask": (lambda: optax.masked(optax.adam(1.0), {"W": True, "b": False}), "does not run on one vector.*leave out masks and labels"),
    "labels": (_with_labels, "does not run on one vector.*leave out masks and labels"),
    "lookahead": (lambda: optax.lookahead(optax.sgd(1.0), 5, 0.5), "leave out .* what wants more than the gradient"),
    "clip by norm": (lambda: optax.chain(optax.clip_by_global_norm(1.0), optax.adam(1.0)), r"primitive lt.*take mq\.Clipped"),
    "clip": (lambda: optax.chain(optax.clip(1.0), optax.adam(1.0)), r"maximum is not smooth.*np\.log.* with @mq\.method"),
    "every fourth": (lambda: optax.MultiSteps(optax.adam(1.0), 4), r"the primitive cond.*write the update with @mq\.method"),
    "sort": (lambda: optax.stateless_with_tree_map(lambda g, p: -jax.numpy.sort(g)), r"the primitive sort.*with @mq\.method"),
    "branch": (lambda: optax.stateless_with_tree_map(lambda g, p: -g if g.sum() > 0 else g), "leave out .*branches on values"),
    "injected": (lambda: optax.inject_hyperparams(optax.adam)(learning_rate=1.0), r"keeps b1, of shape \(\).*inject_hyperparams"),
    "bfloat16": (lambda: optax.adam(1.0, mu_dtype=jax.numpy.bfloat16), "keeps mu, .*type bfloat16.*mu_dtype"),
    "nothing": (optax.set_to_zero, "never uses the gradient"),
}


@pytest.mark.parametrize("name", WITH_REMEDY)
@pytest.mark.filterwarnings("ignore")
def test_each_refusal_is_one_line_with_the_remedy(name):
    make, message = WITH_REMEDY[name]
    with pytest.raises((TypeError, ValueError), match=message) as caught:
        mq.from_optax(make(), name=name)
    assert "\n" not in str(caught.value)


def test_a_schedule_of_optax_is_a_step_size_of_a_run():
    schedule = optax.cosine_decay_schedule(H, 2 * STEPS)
    path = mq.iterate(mq.from_optax(TRACED["nadam"](1.0)), E, START, h=schedule, steps=STEPS)
    assert np.abs(path.theta - run_of(TRACED["nadam"](schedule))).max() < 1e-7  # optax computes schedules in single precision


@pytest.mark.parametrize("name", ["erf", "expm1", "atan", "sinh", "logistic"])
def test_smooth_functions_of_jax_are_read(name):
    function = getattr(jax.lax, name)
    transformation = optax.stateless_with_tree_map(lambda g, p: -function(0.3 * g))
    path = mq.iterate(mq.from_optax(transformation), E, START, h=H, steps=STEPS)
    assert np.abs(path.theta - run_of(optax.chain(transformation, optax.scale(H)))).max() < 1e-12


def test_what_is_no_transformation_is_refused():
    with pytest.raises(TypeError, match=r"expected a gradient transformation such as optax.adam\(1.0\)"):
        mq.from_optax("adam")


def test_the_page_has_the_table_of_all_optimizers_that_optax_exports():
    """The script finds them in optax itself, so one that is new there, or new to modeq, is missed on the page."""
    specification = importlib.util.spec_from_file_location("optax_table", ROOT / "docs" / "optax_table.py")
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)
    if optax.__version__ != "0.2.8":
        pytest.skip(f"the page is about optax 0.2.8, this is {optax.__version__}")
    assert {"adam", "nadamw", "polyak_sgd", "contrib.muon"} < set(script.names())
    assert script.table() in (ROOT / "docs" / "how-to" / "adaptive.md").read_text(encoding="utf-8")
