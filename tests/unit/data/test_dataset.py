"""A dataset holds finite numbers of fitting shapes, and says what does not fit."""

import numpy as np
import pytest

from modeq.data import Dataset

X = np.arange(12.0).reshape(6, 2)
LABELS = np.array([0, 1, 2, 0, 1, 2])
NAMES = ("a", "b", "c")


def test_sizes_and_length():
    data = Dataset("grid", X, LABELS, NAMES)
    assert (data.samples, data.inputs, len(data)) == (6, 2, 6)


def test_the_repr_is_one_short_line():
    assert repr(Dataset("grid", X, LABELS, NAMES)) == "<Dataset: grid, 6 samples, 2 inputs, 3 classes>"
    assert repr(Dataset("line", X[:, :1], X[:, 0])) == "<Dataset: line, 6 samples, 1 input, regression>"


def test_labels_become_integers_and_numbers_floats():
    assert Dataset("grid", X, LABELS.astype(float), NAMES).y.dtype == np.int64
    assert Dataset("line", X, LABELS).y.dtype == np.float64


def test_the_arrays_are_read_only_copies():
    source, labels = X.copy(), LABELS.copy()
    data = Dataset("grid", source, labels, NAMES)
    source[0, 0], labels[0] = 99.0, 2
    assert data.X[0, 0] == 0.0
    assert data.y[0] == 0
    for array in (data.X, data.y):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_one_hot_rows_point_at_the_label():
    rows = Dataset("grid", X, LABELS, NAMES).one_hot()
    assert rows.shape == (6, 3)
    np.testing.assert_array_equal(rows.argmax(axis=1), LABELS)
    np.testing.assert_array_equal(rows.sum(axis=1), 1.0)


def test_signs_are_minus_one_for_the_first_class():
    np.testing.assert_array_equal(Dataset("pair", X, LABELS % 2, ("no", "yes")).signs(), [-1, 1, -1, -1, 1, -1])


def test_signs_need_two_classes():
    with pytest.raises(ValueError, match=r"two classes, grid has 3 \(a, b, c\)"):
        Dataset("grid", X, LABELS, NAMES).signs()
    with pytest.raises(ValueError, match="two classes, line has none"):
        Dataset("line", X, LABELS).signs()


def test_one_hot_needs_classes():
    with pytest.raises(ValueError, match="one_hot needs classes, line has none"):
        Dataset("line", X, LABELS).one_hot()


def test_a_subset_is_a_reproducible_choice_without_repetition():
    data = Dataset("grid", X, LABELS, NAMES)
    first, again, other = data.subset(4, seed=1), data.subset(4, seed=1), data.subset(4, seed=2)
    np.testing.assert_array_equal(first.X, again.X)
    assert not np.array_equal(first.X, other.X)
    rows = [int(row) for row in first.X[:, 0] / 2]
    assert rows == sorted(set(rows))
    np.testing.assert_array_equal(first.y, LABELS[rows])
    assert first.classes == NAMES


def test_the_subset_of_all_samples_is_everything():
    np.testing.assert_array_equal(Dataset("grid", X, LABELS, NAMES).subset(6).X, X)


@pytest.mark.parametrize("samples", [0, 7, -1])
def test_a_subset_has_at_most_all_samples(samples):
    with pytest.raises(ValueError, match="1 to 6"):
        Dataset("grid", X, LABELS, NAMES).subset(samples)


@pytest.mark.parametrize("samples", [2.0, True, "2"])
def test_the_size_of_a_subset_is_an_integer(samples):
    with pytest.raises(TypeError, match="samples must be an integer"):
        Dataset("grid", X, LABELS, NAMES).subset(samples)


@pytest.mark.parametrize(
    ("inputs", "targets", "classes", "message"),
    [
        (X[:, 0], LABELS, NAMES, r"shape \(samples, inputs\), got \(6,\)"),
        (np.zeros((0, 2)), [], (), r"got \(0, 2\)"),
        (X, LABELS[:5], NAMES, r"must have shape \(6,\), one for each row of X, got \(5,\)"),
        (X, LABELS[:, np.newaxis], NAMES, r"got \(6, 1\)"),
        (X, LABELS + 1, NAMES, r"labels of grid must be 0 … 2, one for each class, got 3"),
        (X, LABELS + 0.5, NAMES, "got 0.5"),
        (np.where(X == 3, np.nan, X), LABELS, NAMES, r"1 of them are NaN or infinite, the first at \[1, 1\]"),
        (X, np.where(LABELS == 2, np.inf, LABELS), (), r"2 of them are NaN or infinite, the first at \[2\]"),
    ],
)
def test_what_does_not_fit_is_refused(inputs, targets, classes, message):
    with pytest.raises(ValueError, match=message):
        Dataset("grid", inputs, targets, classes)


@pytest.mark.parametrize("inputs", [1j * X, [["a", "b"]] * 6, [[1, 2], [3]], None])
def test_inputs_are_real_numbers(inputs):
    with pytest.raises(TypeError, match="must be real numbers"):
        Dataset("grid", inputs, LABELS, NAMES)


def test_classes_are_a_list_of_names():
    with pytest.raises(TypeError, match="names of the classes"):
        Dataset("grid", X, LABELS, "abc")
