"""What is copied into a module is found from the code itself."""

import ast

import pytest

from modeq.codegen.routines import Routine, texts
from modeq.kernels.krylov import by_krylov_space, principal_field
from modeq.kernels.layout import PAR, PRINCIPAL, Layout
from modeq.kernels.special_functions import tanh_real


def names(parts):
    return [statement.name for text in texts(parts) for statement in ast.parse(text).body if isinstance(statement, ast.FunctionDef)]


def test_a_routine_comes_after_what_it_calls():
    found = names([principal_field])
    assert found.index("workspace_size") < found.index("complete") < found.index("principal_field")


def test_what_generated_text_calls_is_copied():
    assert names(["def kernel(x):\n    return log1p_ratio(x, 0)"]) == ["log_branch", "log1p_near", "log1p_ratio", "kernel"]


def test_a_name_that_a_part_defines_is_not_copied():
    assert names(["def log_branch(w, branch):\n    return w", "def kernel(x):\n    return log1p_ratio(x, 0)"]).count("log_branch") == 1


def test_special_functions_come_with_both_implementations():
    assert names(["def kernel(x):\n    return tanh(x)"])[-1] == "kernel"
    assert {"tanh_real", "tanh_complex", "expm1_reduced", "power_of_two", "tanh"} <= set(names(["def kernel(x):\n    return tanh(x)"]))


def test_what_the_compiler_has_a_text_of_its_own_for_is_that_text():
    assert any("@intrinsic" in text for text in texts([tanh_real]))


def test_injected_arguments_are_left_out():
    (definition,) = ast.parse(texts([Routine(by_krylov_space, "action")])[-1]).body
    assert definition.name == "action"
    assert [argument.arg for argument in definition.args.args][:2] == ["y", "start"]


def test_slots_become_numbers():
    text = texts([by_krylov_space])[-1]
    assert "PRINCIPAL" not in text
    assert f"par[at + {PRINCIPAL.tolerance}]" in text


def test_a_layout_packs_and_reads():
    par = PAR.pack({"step": 0.1, "numbers": 2, "end": 5}, then=[7, 8])
    assert par.tolist() == [0.1, 2, 5, 7, 8]
    assert PAR.read(par)["end"] == 5
    assert PAR.described(par) == "step = 0.1, numbers = 2, end = 5, then 2 more"


def test_a_layout_refuses_what_does_not_fit():
    plan = Layout(order=1, weights=2)
    with pytest.raises(ValueError, match="'weights' takes 2 numbers, got 1"):
        plan.pack({"order": 1, "weights": 3})
    with pytest.raises(ValueError, match="expected values for order, weights"):
        plan.pack({"order": 1})
    with pytest.raises(AttributeError, match="no slot 'size_of'"):
        _ = plan.size_of
