"""BLAS has one thread while a small flow runs, and those that were set before afterwards."""

import numpy as np
import threadpoolctl

import modeq as mq
from modeq.sizes import EIGENVECTORS_INSTEAD
from modeq.threads import one_thread


def blas_threads():
    return [pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]


def test_small_flows_run_in_one_thread():
    seen = []

    with threadpoolctl.threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        mq.integrate(
            mq.gradient_flow().on(mq.losses.double_well()), [1.4], h=0.1, steps=2, callback=lambda t, theta: seen.append(blas_threads())
        )
        assert blas_threads() == before
    assert seen
    assert all(set(threads) == {1} for threads in seen)


def test_flows_that_may_take_all_eigenvectors_run_in_one_thread():
    with threadpoolctl.threadpool_limits(limits=2, user_api="blas"), one_thread(EIGENVECTORS_INSTEAD):
        assert set(blas_threads()) == {1}


def test_large_flows_keep_their_threads():
    np.linalg.norm(np.eye(2))  # loads the library
    with threadpoolctl.threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        with one_thread(10_000):
            assert blas_threads() == before
