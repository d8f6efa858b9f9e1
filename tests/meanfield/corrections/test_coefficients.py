"""The generator on symbols, at any finite N, against derivatives in product states on the full space."""

from fractions import Fraction

import numpy as np
import pytest

from finite_n import Field, Mode, Species
from meanfield import Limit
from meanfield.corrections.coefficients import Coefficients
from meanfield.corrections.observables import Covariances
from tests import random_models
from tests.product_derivatives import ProductDerivatives, random_density
from tests.random_general_models import polynomial_model

# of coefficients of order one of a polynomial in 1/N through all its points: rounding, which the polynomial multiplies
# by up to 1e4; measured 1e-11
EXACT = 1e-9
LIMIT = 1e-12  # the drift from two derivations: only rounding, measured 1e-15

# Derivatives at t = 0 in a product state are polynomials in 1/N, of degree 2 for h of degree 3, Γ of degree 1 and
# collective jumps (see test_general_limit).
CASES = {
    "one species": ([Species()], [], [1, 2, 3]),
    "halves": ([Species("a", 2, Fraction(1, 2)), Species("b", 2, Fraction(1, 2))], [], [2, 4, 6]),
    "three levels": ([Species("q", 3)], [], [1, 2, 3]),
    "a mode": ([Species()], [Mode("field")], [1, 2, 3]),
}


@pytest.mark.parametrize(
    ("case", "powers"),
    [
        ("one species", 3),
        ("halves", 3),
        ("a mode", 3),
        ("three levels", 2),
        pytest.param("three levels", 3, marks=pytest.mark.slow),
    ],
)
def test_rates_in_product_states_are_exact_in_every_order(case, powers):
    species, modes, sizes = CASES[case]
    rng = np.random.default_rng(sorted(CASES).index(case))
    model = polynomial_model(rng, species, modes, degree=2)
    states = {s.name: random_density(rng, s.dim) for s in species}
    states |= {mode.name: Field(alpha=complex(*rng.normal(size=2)) * 0.4) for mode in modes}
    exact = [ProductDerivatives(model, states, N) for N in sizes]
    fit = np.linalg.inv(np.vander(1 / np.array(sizes, float), increasing=True))
    rates = np.tensordot(fit, np.array([e.rate for e in exact]), 1)
    flows = np.tensordot(fit, np.array([e.flow for e in exact]), 1)
    found, m = Coefficients(model, powers, lambda q, w: 0 if q <= 2 else -1), exact[0].means
    values, covariances = found.at(m), Covariances(model.space)
    drift = [found.tensor(values, (1, w, 0)) for w in range(powers)]
    for w in range(powers):
        assert np.abs(drift[w] - rates[w]).max() < EXACT
    for w in range(powers - 1):
        # dΣ/dt of order N^−w: noise, and what the rates of the averages change in the covariance of a product state
        flow = found.tensor(values, (2, w, 0)) + covariances.linear[:, :, 1:] @ drift[w]
        flow = flow + covariances.square * (np.outer(drift[w], m) + np.outer(m, drift[w]))
        flow = flow + (covariances.square * found.tensor(values, (2, w - 1, 0)) if w else 0)
        assert np.abs(np.outer(model.space.scale, model.space.scale) * flow - flows[w]).max() < EXACT


@pytest.mark.parametrize("kind", random_models.KINDS)
def test_the_first_coefficient_is_the_drift(kind):
    rng = np.random.default_rng(5)
    model, m = random_models.model(kind, rng), random_models.bloch(rng)
    found = Coefficients(model, 1, lambda q, w: 1)
    values = found.at(m)
    assert np.abs(found.tensor(values, (1, 0, 0)) - Limit(model).drift(m)).max() < LIMIT
    assert np.abs(found.tensor(values, (1, 0, 1)) - Limit(model).jacobian(m)).max() < LIMIT
