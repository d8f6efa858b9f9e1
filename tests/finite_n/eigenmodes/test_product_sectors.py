"""Sectors on symmetrised products: what they hold together, and the memory told of them."""

import gc
import tracemalloc

import numpy as np
import pytest

from finite_n import FiniteNError, memory, spectrum, steady_state
from finite_n.eigenmodes.product_sectors import ProductLindbladian
from finite_n.systems import three_level
from tests import random_general_models as random_models

WITHIN = 0.35  # of the peak that Python's allocator sees


def constant():
    return random_models.model("constant", np.random.default_rng(1), random_models.parts((3,), (1,))[0])


@pytest.mark.parametrize(
    ("model", "N", "reached"),
    [(three_level(control=0.5), 6, False), (three_level(), 14, True), (constant(), 5, False)],
    ids=["all", "reached", "complex"],
)
def test_memory_is_told_before_it_is_taken(model, N, reached):
    lindbladian = ProductLindbladian("the spectrum", model, N, ())
    told = lindbladian.bytes_of(1.0)  # makes what is kept before
    seeds = lindbladian.diagonal
    gc.collect()
    tracemalloc.start()
    try:
        made = lindbladian.reached(seeds, 10**6) if reached else lindbladian.all()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert told * made.elements.count == pytest.approx(peak, rel=WITHIN)


def test_what_does_not_fit_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 3e6)
    with pytest.raises(FiniteNError, match=r"the spectrum needs .* GiB, .* the largest N that fits is"):
        spectrum(three_level(control=0.5), 7)
    with pytest.raises(FiniteNError, match=r"the stationary state needs .* the largest N that fits is"):
        steady_state(three_level(), 16)


def test_sectors_hold_every_hermitian_matrix_once():
    """x of random elements, part by part, and the Frobenius norm of all parts together."""
    made = ProductLindbladian("the spectrum", three_level(control=0.5), 3, ()).all()
    size, rng = made.elements.size, np.random.default_rng(0)
    vector = rng.normal(size=2 * size)
    vector[size:][made.elements.self_conjugate] = 0.0
    parts = [s.restrict(vector) for s in made.sectors]
    assert sum(map(len, parts)) == made.elements.count
    np.testing.assert_allclose(sum(s.embed(x) for s, x in zip(made.sectors, parts, strict=True)), vector, atol=1e-14)
    assert np.sqrt(sum(x @ x for x in parts)) == pytest.approx(made.frobenius(vector))
    assert made.density(vector).purity() == pytest.approx(made.frobenius(vector) ** 2)
