"""Each operation on whole arrays and many paths gives what its twin for the compiler gives, path by path."""

import numpy as np
import pytest

from modeq.kernels import array_operations, loops, whole_arrays
from modeq.kernels.paths import NOUGHT, Paths

TOTAL, ORDER, PATHS = 200, 4, 3


def arguments(k):
    """What each operation gets for degree k, with x at 3, y at 40 and the result at 90."""
    at = k * TOTAL
    index = np.array([2.0, 0.0, 5.0, 2.0])
    series = {"n": 12, "k": k, "stride": TOTAL, "one": 1}
    names = [f"{how}product_{kind}" for how in ("", "write_") for kind in ("nn", "tn", "nt")]
    products = dict.fromkeys(names, ((at + 3, at + 40, at + 90), (3, 4, 2)))
    return {
        "fill": lambda w: ((w, at + 90, 5, 2.5),),
        "copy": lambda w: ((w, at + 3, w, at + 90, 6),),
        "expand": lambda w: ((w, at + 3, w, at + 90, 2, 3, 4), (w, at + 3, w, at + 90, 8, 3, 1)),
        "sum_middle": lambda w: ((w, at + 3, w, at + 90, 2, 3, 4), (w, at + 3, w, at + 90, 2, 3, 1)),
        "maximum_middle": lambda w: ((w, at + 3, w, at + 90, 2, 3, 4),),
        "transpose": lambda w: ((w, at + 3, w, at + 90, 2, 3, 4),),
        "gather": lambda w: ((w, at + 3, index, 0, w, at + 90, 4, 6),),
        "scatter": lambda w: ((w, at + 3, index, 0, w, at + 90, 4, 6),),
        "multiply_rows": lambda w: (
            (w, at + 3, 4, 1, w, at + 40, w, at + 90, 2, 3, 4, 2),
            (w, 3, 1, 3, w, at + 40, w, at + 90, 1, 3, 4, 2),
            (w, at + 3, 4, 1, w, 40, w, at + 90, 1, 3, 4, 1),
            (w, at + 3, 6, 1, w, at + 40, w, at + 90, 1, 5, 6, 2),
            (w, at + 3, 6, 1, w, at + 40, w, at + 90, 1, 5, 6, 1),
        ),
        "multiply_columns": lambda w: (
            (w, at + 3, 4, 1, w, at + 40, w, at + 90, 2, 3, 4, 2),
            (w, at + 3, 1, 1, w, 40, w, at + 90, 1, 3, 1, 2),
            (w, at + 3, 6, 1, w, at + 40, w, at + 90, 1, 2, 6, 5),
        ),
        **{name: lambda w, p=p, s=s: ((w, p[0], w, p[1], w, p[2], *s),) for name, (p, s) in products.items()},
        "convolve": lambda w: ((w, 3, 40, 90, *series.values()),),
        "square": lambda w: ((w, 3, 90, *series.values()),),
        "divide_series": lambda w: ((w, 40, 90, *series.values()),),
        "power_series": lambda w: ((w, 3, 2.5, 90, *series.values()),),
        "function_series": lambda w: ((w, 3, 40, 90, *series.values()),),
    }


BLOCKS = {3: 36, 40: 48, 90: 60}  # arrays of coefficients and more than their sizes


def paths_of(rows, sizes):
    """The same coefficients as `Paths`; `sizes` are those of the arrays that an operation works on."""
    paths = Paths(TOTAL, ORDER, len(rows), rows.dtype)
    paths.first = rows[0, :TOTAL].copy()
    for k in range(1, ORDER):
        for place, size in sizes.items():
            paths.part(k * TOTAL + place, (size,))[...] = rows[:, k * TOTAL + place : k * TOTAL + place + size]
    return paths


SIZES = {  # of the arrays at 3, 40 and 90, for each call
    "fill": ({90: 5},),
    "copy": ({3: 6, 90: 6},),
    "expand": ({3: 8, 90: 24}, {3: 8, 90: 24}),
    "sum_middle": ({3: 24, 90: 8}, {3: 6, 90: 2}),
    "maximum_middle": ({3: 24, 90: 8},),
    "transpose": ({3: 24, 90: 24},),
    "gather": ({3: 6, 90: 4},),
    "scatter": ({3: 4, 90: 6},),
    "multiply_rows": (
        {3: 24, 40: 16, 90: 12},
        {3: 12, 40: 8, 90: 6},
        {3: 12, 40: 4, 90: 3},
        {3: 30, 40: 12, 90: 10},
        {3: 30, 40: 6, 90: 5},
    ),
    "multiply_columns": ({3: 24, 40: 16, 90: 12}, {3: 3, 40: 2, 90: 6}, {3: 12, 40: 30, 90: 10}),
    "product_nn": ({3: 12, 40: 8, 90: 6},),
    "product_tn": ({3: 12, 40: 8, 90: 6},),
    "product_nt": ({3: 12, 40: 8, 90: 6},),
    "write_product_nn": ({3: 12, 40: 8, 90: 6},),
    "write_product_tn": ({3: 12, 40: 8, 90: 6},),
    "write_product_nt": ({3: 12, 40: 8, 90: 6},),
    **{name: ({3: 12, 40: 12, 90: 12},) for name in ("convolve", "square", "divide_series", "power_series", "function_series")},
}


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("name", SIZES)
def test_an_operation_on_all_paths_is_that_on_each(name, k, dtype):
    rng = np.random.default_rng(k)
    rows = rng.uniform(0.5, 1.5, size=(PATHS, ORDER * TOTAL)).astype(dtype)
    if dtype is complex:
        rows += 1j * rng.uniform(-0.5, 0.5, size=rows.shape)
    rows[:, :TOTAL] = rows[0, :TOTAL]
    for call, sizes in enumerate(SIZES[name]):
        paths = paths_of(rows, sizes)
        getattr(whole_arrays, name)(*arguments(k)[name](paths)[call])
        for row, found in zip(rows.copy(), paths.part(k * TOTAL + 90, (sizes[90],)), strict=True):
            getattr(array_operations, name)(*arguments(k)[name](row)[call])
            np.testing.assert_allclose(found, row[k * TOTAL + 90 : k * TOTAL + 90 + sizes[90]], rtol=1e-12)


@pytest.mark.parametrize("cleared", [(3,), (40,), (3, 40)])
@pytest.mark.parametrize("name", sorted(set(SIZES) - {"fill", "maximum_middle"}))
def test_what_is_known_to_be_zero_counts_as_zero(name, cleared):
    """The largest coefficients of one argument or both are 0 along all paths; their memory holds something else."""
    k = 2
    rows = np.random.default_rng(k).uniform(0.5, 1.5, size=(PATHS, ORDER * TOTAL))
    rows[:, :TOTAL] = rows[0, :TOTAL]
    for call, sizes in enumerate(SIZES[name]):
        paths, zeroed = paths_of(rows, sizes), rows.copy()
        for place in set(cleared) & set(sizes):
            paths.clear(k * TOTAL + place)
            zeroed[:, k * TOTAL + place : k * TOTAL + place + sizes[place]] = 0.0
        getattr(whole_arrays, name)(*arguments(k)[name](paths)[call])
        for row, found in zip(zeroed, paths.part(k * TOTAL + 90, (sizes[90],)), strict=True):
            getattr(array_operations, name)(*arguments(k)[name](row)[call])
            np.testing.assert_allclose(found, row[k * TOTAL + 90 : k * TOTAL + 90 + sizes[90]], rtol=1e-12)


def test_what_is_made_of_zeros_is_known_to_be_zero():
    paths = Paths(TOTAL, 2, 2, np.dtype(float))
    paths.first = np.ones(TOTAL)
    for place in (3, 40):
        whole_arrays.fill(paths, TOTAL + place, 12, 0.0)
    whole_arrays.convolve(paths, 3, 40, 90, 12, 1, TOTAL, 1)
    assert paths.is_cleared(TOTAL + 90)
    whole_arrays.store(paths, TOTAL + 90, 0.0 - (2.0 * NOUGHT + NOUGHT / 3.0), 12)
    assert paths.is_cleared(TOTAL + 90)


def test_zero_is_zero_in_sums_and_products():
    x = np.array([1.0, -2.0])
    np.testing.assert_array_equal(x + NOUGHT, x)
    np.testing.assert_array_equal(NOUGHT - x, -x)
    np.testing.assert_array_equal(x - NOUGHT, x)
    np.testing.assert_array_equal(whole_arrays.where(x > 0, x, NOUGHT), [1.0, 0.0])
    assert NOUGHT * x is NOUGHT
    assert x * NOUGHT is NOUGHT


def test_an_array_that_was_cleared_takes_a_product_as_it_is():
    paths = Paths(TOTAL, 2, 2, np.dtype(float))
    paths.first = np.ones(TOTAL)
    paths.part(TOTAL + 90, (6,))[...] = np.nan
    whole_arrays.fill(paths, TOTAL + 90, 6, 0.0)
    whole_arrays.product_nn(paths, 3, paths, 40, paths, TOTAL + 90, 3, 4, 2)
    assert (paths.part(TOTAL + 90, (6,)) == 4.0).all()


def test_an_array_that_was_cleared_reads_as_zero():
    paths = Paths(TOTAL, 2, 2, np.dtype(float))
    paths.part(TOTAL + 90, (6,))[...] = np.nan
    whole_arrays.fill(paths, TOTAL + 90, 6, 0.0)
    assert not paths.part(TOTAL + 90, (6,)).any()


def test_paths_that_are_linked_stay_in_one_block():
    assert whole_arrays.blocks(5, 2**30, 0) == [slice(0, 5)]
    assert [one.stop - one.start for one in whole_arrays.blocks(5, 2**22, 1)] == [2, 2, 1]


@pytest.mark.parametrize("form", [loops, whole_arrays], ids=["numbers", "arrays"])
def test_a_stage_and_a_state_are_the_products_with_the_matrices_of_a_method(form):
    rng = np.random.default_rng(2)
    (A, U, state, F), c = [rng.normal(size=shape) for shape in ((3, 3), (3, 2), (2, 5), (3, 5))], rng.normal(size=2)
    for count in range(4):
        out = np.full(5, np.nan)
        form.combination(1, U, state, A, 0.25, F, count, out)
        np.testing.assert_allclose(out, (U @ state + 0.25 * A[:, :count] @ F[:count])[1], rtol=1e-13)
    new, output = state + 1.0, np.full(5, np.nan)
    form.accept(new, c, state, output)
    np.testing.assert_array_equal(state, new)
    np.testing.assert_allclose(output, c @ new, rtol=1e-13)


@pytest.mark.parametrize("form", [loops, whole_arrays], ids=["numbers", "arrays"])
@pytest.mark.parametrize("value", [np.nan, np.inf, complex(0.0, -np.inf)])
def test_one_entry_that_is_not_finite_is_found(form, value):
    values = np.ones((2, 3), complex)
    assert form.all_finite(values)
    values[1, 2] = value
    assert not form.all_finite(values)
