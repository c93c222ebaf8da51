"""Gradient descent on batches of a network on real data: the map follows this one run, the flow of the mean does not."""

import numpy as np

import modeq as mq


def test_the_map_is_twenty_times_closer_than_the_gradient_flow_of_the_mean():
    sample = mq.data.breast_cancer(inputs=4)
    E = mq.losses.mlp((4, 5, 1), "tanh", "mean-squared", sample.X, sample.signs())  # 31 parameters
    batches, theta = E.minibatches(32, seed=0), mq.losses.xavier(E, seed=0)
    settings = {"h": 0.3, "steps": 6}
    run = mq.iterate(mq.GradientDescent(), batches, theta, **settings).theta
    errors = []
    for flow in (mq.whole_state_flow(mq.GradientDescent()).on(batches), mq.gradient_flow().on(E)):
        path = mq.integrate(flow, theta, **settings, rtol=1e-5, atol=1e-7)
        errors.append(np.linalg.norm(path.theta.real - run, axis=1)[1:].mean())
    assert 20 * errors[0] < errors[1]
