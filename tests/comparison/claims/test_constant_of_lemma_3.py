"""The constant of Lemma 3 of Fiorelli et al. 2023, whose last term is printed without ‖j‖²: the parts of the dissipator
in the full space of few particles, the bounds of the proof's terms, and what they add up to."""

import numpy as np
import pytest

from comparison.claims.exact.full_space import commutator
from comparison.claims.fiorelli_2023.constants import bounds_of_terms, sum_of_bounds, sum_of_terms
from comparison.claims.fiorelli_2023.facts import Jump, lindblad, norm, random_matrix, setting, site

N = 4
DEGREE = 5
ROUNDING = 1e-12  # matrices of dimension 16, with rates of order 1
SEEDS = range(6)


def jump_of(seed):
    """A jump whose amplitude is a constant and a high power, so that the second derivative counts most."""
    random = np.random.default_rng(seed)
    c = np.zeros(DEGREE + 1)
    c[0], c[-1] = 1.0, 0.1 * random.choice([-1, 1])
    return Jump(random_matrix(random, 2), random.normal(size=4) / 2, tuple(c))


def parts_of(jump, o):
    """D_12, D_21, D_221, D′, D″ and D‴ of eqs. A.4–A.7 for an operator of one site."""
    where = np.tensordot(jump.r, setting(2).averages(N), 1)
    rate = jump.amplitude(where)
    own = [site(jump.j, k, N) for k in range(N)]
    n = sum(x.conj().T @ x for x in own)
    moved, inner = commutator(rate, o), commutator(where, o)
    powers = [np.linalg.matrix_power(where, k) for k in range(DEGREE + 1)]
    sums = np.zeros((3, *o.shape), complex)
    for k, c in enumerate(jump.c):
        for i in range(k):
            left, right = powers[i], powers[k - 1 - i]
            sums[0] += c * commutator(left, n) @ inner @ right
            sums[1] += c * left @ commutator(inner, n) @ right
            sums[2] += c * left @ inner @ commutator(right, n)
    parts = {
        "12": rate @ commutator(lindblad(o, own), rate),
        "21": moved @ commutator(n, rate) / 2,
        "221": commutator(moved, rate) @ n / 2,
        **{f"222{prime}": rate @ x / 2 for prime, x in zip("′″‴", sums, strict=True)},
    }
    full = [x @ rate for x in own]
    return parts, lindblad(o, full) - rate @ rate @ lindblad(o, own)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_six_parts_are_all_that_is_left_and_stay_below_the_bounds_of_their_terms(seed):
    jump = jump_of(seed)
    o = site(setting(2).v[1], 0, N)
    parts, rest = parts_of(jump, o)
    assert norm(sum(parts.values()) - rest) <= ROUNDING * norm(jump.j) ** 2
    bounds = bounds_of_terms(jump.majorants["delta"], jump.c)
    assert set(bounds) == set(parts)
    for name, x in parts.items():
        assert N * norm(x) <= norm(jump.j) ** 2 * norm(o) * bounds[name], name


@pytest.mark.parametrize("seed", SEEDS)
def test_the_constant_and_the_dissipator_grow_alike_with_the_jump_and_neither_bound_is_broken(seed):
    jump, twice = jump_of(seed), Jump(2 * jump_of(seed).j, jump_of(seed).r, jump_of(seed).c)
    left = []
    for x in (jump, twice):
        rate = x.amplitude(np.tensordot(x.r, setting(2).averages(N), 1))
        own = [site(x.j, k, N) for k in range(N)]
        off = [lindblad(m, [y @ rate for y in own]) - rate @ rate @ lindblad(m, own) for m in setting(2).averages(N)]
        left.append(N * max(norm(y) for y in off))
    assert left[1] == pytest.approx(4 * left[0], rel=ROUNDING)
    terms = norm(jump.j) ** 2 * sum_of_terms(jump.majorants["delta"], jump.c)
    b = jump.majorants
    without = 2 * norm(jump.j) ** 2 * (2 * b["delta"] * b["g1"] + 3 * b["g0"]) * b["delta"] * b["g1"]
    assert left[0] <= without <= terms  # what is printed lies between them for every jump with ‖j‖ ≥ 1


def test_terms_give_half_of_the_last_printed_bounds_and_all_of_the_others():
    jump = jump_of(0)
    b = jump.majorants
    last = 2 * b["g0"] * b["delta"] ** 2 * b["g2"]
    assert sum_of_bounds(**b) - sum_of_terms(b["delta"], jump.c) == pytest.approx(last, rel=ROUNDING)
    linear = Jump(jump.j, jump.r, (0.7, 0.4))  # no second derivative
    b = linear.majorants
    assert sum_of_terms(b["delta"], linear.c) == pytest.approx(sum_of_bounds(**b), rel=ROUNDING)


@pytest.mark.parametrize("strength", [0.5, 1.0, np.sqrt(2), 5.0])
@pytest.mark.parametrize("growth", [0.05, 0.7, 3.0])
def test_where_the_printed_constant_is_a_bound_all_the_same(growth, strength):
    """‖[A, j†j]‖ ≤ ‖A‖ ‖j‖², since 0 ≤ j†j ≤ ‖j‖²: of D_21, D′, D″ and D‴ half is left. That is enough with
    Γ = eˣ for jumps of every strength, with the Γ of this file for those up to ‖j‖² = 2."""
    n = np.arange(80)
    exponential = 1 / np.cumprod(np.maximum(n, 1).astype(float))
    for c, bound in ((exponential, True), (np.array(jump_of(0).c), strength**2 <= 2 + ROUNDING)):
        terms = bounds_of_terms(growth, c)
        half = sum(x / (1 if name in ("12", "221") else 2) for name, x in terms.items())
        last = terms["222′"] + terms["222‴"]
        printed = strength**2 * (sum(terms.values()) - last) + last
        assert not bound or strength**2 * half <= printed
