"""BLAS has one thread while a small flow runs, and those that were set before afterwards."""

import numpy as np
import scipy.linalg
import threadpoolctl

import modeq as mq
from modeq.sizes import ONE_THREAD
from modeq.threads import one_thread


def blas_threads():
    return [pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]


def test_small_flows_run_in_one_thread():
    seen = []
    scipy.linalg.norm(np.eye(2))  # loads the library of SciPy
    with threadpoolctl.threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        mq.integrate(
            mq.gradient_flow().on(mq.losses.double_well()), [1.4], h=0.1, steps=2, callback=lambda t, theta: seen.append(blas_threads())
        )
        assert blas_threads() == before
    assert seen
    assert all(set(threads) == {1} for threads in seen)


def test_flows_up_to_the_threshold_run_in_one_thread():
    with threadpoolctl.threadpool_limits(limits=2, user_api="blas"), one_thread(ONE_THREAD):
        assert set(blas_threads()) == {1}


def test_large_flows_keep_their_threads():
    np.linalg.norm(np.eye(2))  # loads the library
    with threadpoolctl.threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        with one_thread(ONE_THREAD + 1):
            assert blas_threads() == before
