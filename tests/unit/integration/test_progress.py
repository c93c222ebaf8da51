"""Progress goes to standard error, and only if asked for."""

import pytest

import modeq as mq

FLOW = mq.gradient_flow().on(mq.losses.double_well())


def test_a_silent_run_prints_nothing(capfd):
    mq.integrate(FLOW, [1.4], h=0.1, steps=3)
    assert capfd.readouterr() == ("", "")


def test_progress_is_shown_on_standard_error_only(capfd):
    mq.integrate(FLOW, [1.4], h=0.1, steps=3, progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert "order 1" in err


def test_the_bar_reaches_the_end(capfd):
    mq.integrate(FLOW, [1.4], h=0.1, steps=3, progress=True)
    assert "100%" in capfd.readouterr().err


def test_a_comparison_shows_one_bar_for_each_flow(capfd):
    mq.compare(mq.GradientDescent(), mq.losses.double_well(), [1.4], h=0.1, steps=3, flows=("gradient", "igr"), progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert "gradient descent" in err
    assert "order 1" in err
    assert "order 2" in err


@pytest.mark.parametrize("shown", [True, False])
def test_progress_does_not_change_the_result(shown, capfd):
    path = mq.integrate(FLOW, [1.4], h=0.1, steps=3, progress=shown)
    assert path.theta.tolist() == mq.integrate(FLOW, [1.4], h=0.1, steps=3).theta.tolist()
