"""The bundled data sets are standardised, and their principal components do not depend on LAPACK."""

import sys

import numpy as np
import pytest

from modeq.data import DATASETS, Dataset, breast_cancer, digits, iris, wine

datasets = pytest.importorskip("sklearn.datasets")

SIZES = {"breast-cancer": (569, 30, 2), "digits": (1797, 64, 10), "iris": (150, 4, 3), "wine": (178, 13, 3)}
ALL = sorted(SIZES)


def original(name):
    return getattr(datasets, f"load_{name.replace('-', '_')}")()


@pytest.mark.parametrize("name", ALL)
def test_the_sizes_are_the_published_ones(name):
    data = DATASETS[name]()
    assert (data.samples, data.inputs, len(data.classes)) == SIZES[name]
    assert data.name == name


@pytest.mark.parametrize("name", ALL)
def test_labels_and_names_are_those_of_the_file(name):
    data, file = DATASETS[name](), original(name)
    np.testing.assert_array_equal(data.y, file.target)
    assert data.classes == tuple(str(label) for label in file.target_names)


@pytest.mark.parametrize("name", ALL)
def test_columns_are_standardised_as_scikit_learn_does_it(name):
    from sklearn.preprocessing import StandardScaler

    np.testing.assert_allclose(DATASETS[name]().X, StandardScaler().fit_transform(original(name).data), atol=1e-10)


def test_blank_pixels_become_zero():
    X = digits().X
    blank = np.ptp(original("digits").data, axis=0) == 0
    assert blank.sum() == 3
    assert not X[:, blank].any()
    np.testing.assert_allclose(X[:, ~blank].var(axis=0), 1.0, rtol=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_principal_components_are_uncorrelated_with_unit_variance(name):
    X = DATASETS[name](inputs=4).X
    np.testing.assert_allclose(X.T @ X / len(X), np.eye(4), atol=1e-12)
    np.testing.assert_allclose(X.mean(axis=0), 0.0, atol=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_principal_components_agree_with_the_correlation_matrix(name):
    """By eigenvectors of the correlation matrix, an independent route, with the sign fixed afterwards."""
    X = DATASETS[name]().X
    values, vectors = np.linalg.eigh(X.T @ X / len(X))
    for component in range(3):
        direction = vectors[:, -1 - component]
        direction = direction * np.sign(direction[np.abs(direction).argmax()])
        projected = X @ direction / np.sqrt(values[-1 - component])
        np.testing.assert_allclose(DATASETS[name](inputs=3).X[:, component], projected, atol=1e-9)


def test_the_sign_of_a_component_does_not_depend_on_the_one_that_lapack_finds(monkeypatch):
    expected = wine(inputs=5).X
    svd = np.linalg.svd

    def flipped(*arguments, **options):
        U, S, Vt = svd(*arguments, **options)
        return -U, S, -Vt

    monkeypatch.setattr(np.linalg, "svd", flipped)
    np.testing.assert_array_equal(wine(inputs=5).X, expected)


def test_the_sign_is_stable_where_loadings_are_equally_large(monkeypatch):
    """Two standardised columns have the loadings (1, ±1)/√2; rounding must not decide which is the largest."""
    from modeq.data import bundled

    rng = np.random.default_rng(0)
    noise = rng.standard_normal((50, 2))
    X = bundled._standardised(noise @ np.array([[1.0, -0.8], [0.0, 0.6]]))
    svd = np.linalg.svd
    results = []
    for factors in ((1.0, 1.0 + 1e-14), (1.0 + 1e-14, 1.0)):

        def rounded(*arguments, factors=factors, **options):
            U, S, Vt = svd(*arguments, **options)
            return U, S, Vt * np.array(factors)

        monkeypatch.setattr(np.linalg, "svd", rounded)
        results.append(bundled._principal_components(X, 2, "pair"))
    np.testing.assert_array_equal(*results)


def test_classes_are_relabelled_in_the_given_order():
    data, file = iris(classes=("virginica", "setosa")), original("iris")
    assert data.classes == ("virginica", "setosa")
    np.testing.assert_array_equal(data.y, np.where(file.target[file.target != 1] == 2, 0, 1))


@pytest.mark.parametrize("classes", [(3, 8), ("3", "8"), [np.int64(3), "8"]])
def test_classes_are_given_by_name_or_number(classes):
    data = digits(classes=classes)
    assert data.classes == ("3", "8")
    assert data.samples == np.isin(original("digits").target, (3, 8)).sum()


def test_columns_are_standardised_after_the_choice_of_the_classes():
    X = iris(classes=(1, 2)).X
    np.testing.assert_allclose(X.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(X.var(axis=0), 1.0, rtol=1e-12)


def test_every_command_line_name_gives_a_dataset_without_arguments():
    assert list(DATASETS) == ["breast-cancer", "digits", "iris", "wine", "chebyshev"]
    assert all(isinstance(make(), Dataset) for make in DATASETS.values())


@pytest.mark.parametrize(("make", "available"), [(iris, 4), (wine, 13), (breast_cancer, 30), (digits, 61)])
def test_there_are_as_many_components_as_varying_columns(make, available):
    assert make(inputs=available).inputs == available
    with pytest.raises(ValueError, match=f"inputs is at most {available}, got {available + 1}"):
        make(inputs=available + 1)


@pytest.mark.parametrize("inputs", [0, -3])
def test_at_least_one_component_is_needed(inputs):
    with pytest.raises(ValueError, match="at least 1"):
        iris(inputs=inputs)


@pytest.mark.parametrize("inputs", [2.0, True, "2"])
def test_the_number_of_components_is_an_integer(inputs):
    with pytest.raises(TypeError, match="number of principal components"):
        iris(inputs=inputs)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (("setosa", "versicolour"), "no class 'versicolour', did you mean 'versicolor'"),
        (("setosa", "rose"), "no class 'rose'; known: setosa, versicolor, virginica, or 0 … 2"),
        ((0, 3), "no class 3; known"),
        ((0, -1), "no class -1; known"),
        ((0, "setosa"), "'setosa' of iris is listed twice"),
        ((0,), "at least two classes"),
        ((), "at least two classes"),
    ],
)
def test_unknown_repeated_and_too_few_classes_are_refused(classes, message):
    with pytest.raises(ValueError, match=message):
        iris(classes=classes)


@pytest.mark.parametrize("classes", ["setosa", 2, {0, 1}, (0, 1.0), (False, True), (0, None)])
def test_classes_are_a_list_of_names_or_numbers(classes):
    with pytest.raises(TypeError, match="name"):
        iris(classes=classes)


def test_a_missing_scikit_learn_is_named_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match=r"needs scikit-learn; install it with: pip install 'modeq\[data\]'"):
        iris()


def test_importing_the_package_does_not_import_scikit_learn(fresh_python):
    done = fresh_python("import modeq.data, sys; assert not any(name.startswith('sklearn') for name in sys.modules)")
    assert done.returncode == 0, done.stderr
