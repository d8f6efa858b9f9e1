"""Functions of time: their arithmetic, tables as in qutip, and the polynomials on pieces that stand for them."""

import time

import numpy as np
import pytest
import qutip

from finite_n import CollectiveJumps, FiniteNError, LocalJump, Model, Species, coefficient, mx, my, mz
from finite_n.model.piecewise import resolved
from finite_n.model.time_dependent import TimeDependentError

SM = qutip.sigmam()
SMOOTH = 5e-14  # of polynomials, beside functions of order one
TIMES = np.random.default_rng(0).uniform(0, 2, 20_000)


@pytest.mark.parametrize(
    ("f", "most"),
    [
        (lambda t: np.exp(-((t - 1) ** 2)), 3),
        (lambda t: np.abs(t - 0.7312), 2),
        (lambda t: np.abs(t - 1), 2),  # on an end of the pieces that are looked at first
        (lambda t: np.abs(t - 1 / 3), 2),
        (lambda t: np.where(t > 1 / 3, 1.0, 0.0) * np.cos(t), 2),
        (lambda t: np.maximum(np.sin(5 * t), 0), 4),
        (lambda t: np.maximum(t - 0.8, 0) ** 2, 3),
        (lambda t: np.cos(40 * t), 24),
        (lambda t: np.sqrt(t), 60),
        (lambda t: np.exp(-(((t - 1.1) / 1e-2) ** 2)), 30),
    ],
)
def test_polynomials_on_pieces_are_the_function(f, most):
    """Kinks and jumps are found without being declared, and pieces are few."""
    pieces = resolved(f, 0.0, 2.0)
    np.testing.assert_allclose(pieces(TIMES), f(TIMES), atol=SMOOTH)
    assert len(pieces.error) <= most


def test_breaks_show_what_is_narrower_than_the_net():
    def narrow(t):
        return np.exp(-(((t - 1.2345) / 1e-6) ** 2))

    pieces = resolved(narrow, 0.0, 2.0, breaks=[1.2345 - 1e-5, 1.2345, 1.2345 + 1e-5])
    at = 1.2345 + 1e-6 * np.linspace(-20, 20, 401)
    np.testing.assert_allclose(pieces(at), narrow(at), atol=1e-9)  # the slope is 1e6: times are rounded


def test_noise_is_refused():
    rng = np.random.default_rng(1)
    with pytest.raises(FiniteNError, match=r"not smooth on any scale.*breaks"):
        coefficient(lambda t: rng.normal(size=np.shape(t))).resolved(0.0, 1.0)


@pytest.mark.parametrize("order", [0, 1, 3])
def test_tables_are_those_of_qutip(order):
    times, values = np.linspace(0, 2, 15), np.random.default_rng(2).normal(size=15)
    theirs = qutip.coefficient(values, tlist=times, order=order)
    ours = coefficient(values, times, order)
    at = np.linspace(0, 2, 200, endpoint=False)
    np.testing.assert_allclose(ours(at), [theirs(t).real for t in at], atol=1e-12)
    np.testing.assert_allclose(ours.resolved(0, 2)(at), ours(at), atol=SMOOTH * np.abs(values).max())


def test_arithmetic():
    f, g = coefficient(np.sin), coefficient(np.exp, breaks=[0.5])
    made = 2 - f * g / 3 + 1
    assert made(0.7) == pytest.approx(3 - np.sin(0.7) * np.exp(0.7) / 3, rel=1e-15)
    assert made.breaks == (0.5,)
    assert (2 / g)(0.7) == pytest.approx(2 / np.exp(0.7), rel=1e-15)
    assert coefficient(f) is f
    h = 0.2 * mz + f * mx - (my * g + 1) * 2
    np.testing.assert_allclose(
        [h.at(0.7).value([1, 2, 3]).real], [0.6 + np.sin(0.7) - 2 * (2 * np.exp(0.7) + 1)], rtol=1e-14
    )
    assert (mx * (f * mz)).at(0.3) == np.sin(0.3) * mx * mz
    assert ((f * mz) * mx).at(0.3) == np.sin(0.3) * mz * mx


def test_the_parts_of_a_model_add_up_to_it():
    f, g = coefficient(np.sin), coefficient(np.cosh)
    model = Model(
        0.2 * mz + f * mx,
        [LocalJump(SM, lambda d: 1 + d / 3, mz, time=g), LocalJump(SM, rate=0.5, time=g), LocalJump(SM, 0.1)],
        [CollectiveJumps([SM], rate=g)],
    )
    at = model.at(0.4)
    assert at.hamiltonian == 0.2 * mz + np.sin(0.4) * mx
    rates = [float(j.amplitude(0.6)) ** 2 for j in at.jumps]
    np.testing.assert_allclose(sorted(rates), sorted([(1.2 * np.cosh(0.4)) ** 2, 0.5 * np.cosh(0.4), 0.01]))
    np.testing.assert_allclose(at.collective[0].kossakowski, [[np.cosh(0.4)]])
    assert not at.depends_on_time
    assert model.depends_on_time


def test_sizes_and_frames_keep_functions_of_time():
    a, b = Species("a", fraction=0.25), Species("b", fraction=0.75)
    f = coefficient(np.sin)
    model = Model(f * a.share * a.mz + b.mx, [LocalJump(SM, species="a", time=np.cosh)], species=[a, b])
    half = model.sized({"a": 1, "b": 1}, constants=True).at(0.3)
    assert half.hamiltonian == 0.5 * np.sin(0.3) * a.mz + b.mx
    assert model.sized({"a": 0, "b": 4}, constants=True).at(0.3).hamiltonian == b.mx
    U = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    turned = model.rotated({"a": U, "b": np.eye(2)}).at(0.3)
    assert turned.hamiltonian == model.at(0.3).rotated({"a": U, "b": np.eye(2)}).hamiltonian
    np.testing.assert_allclose(turned.jumps[0].operator, U @ SM.full() @ U.conj().T)


def test_what_takes_constant_models_refuses():
    from finite_n import spectrum, steady_state
    from meanfield import FixedLength, Limit, attractors, fixed_points

    driven = [Model(coefficient(np.sin) * mx, [LocalJump(SM)]), Model(mx, [LocalJump(SM, time=np.cosh)])]
    driven += [Model(mx, collective=[CollectiveJumps([SM], time=np.cosh)])]
    for model in driven:
        ask = [lambda m: spectrum(m, 4), lambda m: steady_state(m, 4), fixed_points, attractors]
        ask += [
            FixedLength,
            lambda m: Limit(m).drift([0, 0, 1]),
            lambda m: Limit(m).power_spectrum([0] * 3, [0], mx, mx),
        ]
        for question in ask:
            with pytest.raises(TimeDependentError, match="depends on time"):
                question(model)
    with pytest.raises(TimeDependentError, match=r"model\.at\(t\)"):
        _ = driven[0].hamiltonian.words
    assert not hasattr(driven[0].hamiltonian, "words")


def test_sums_of_many_coefficients_are_one_function():
    """900 of them, added one by one, in a second and to the digits of one sum; products inside one another are refused
    as soon as there are too many."""
    waves = [(0.3 * np.sin(k), 0.04 * k, 0.7 * k) for k in range(900)]
    total, begin = coefficient(0.0), time.process_time()
    for a, w, p in waves:
        total = total - coefficient(lambda t, a=a, w=w, p=p: -a * np.cos(w * t + p))
    pieces, t = total.resolved(0.0, 2.0), np.linspace(0, 2, 41)
    assert time.process_time() - begin < 10  # minutes, when every sum called the one before
    right = sum(a * np.cos(w * t + p) for a, w, p in waves)
    np.testing.assert_allclose(pieces(t), right, atol=1e-11)  # phases up to 600 are rounded to 1e-13, of 900 terms
    nested = coefficient(np.cos)
    for _ in range(900):
        nested = nested * coefficient(lambda t: 1 + 0 * t)
    with pytest.raises(FiniteNError, match="one inside the other"):
        nested(np.zeros(3))


def test_noise_is_refused_at_once():
    rng, begin = np.random.default_rng(0), time.process_time()
    with pytest.raises(FiniteNError, match="not smooth on any scale"):
        coefficient(lambda t: rng.normal(size=np.shape(t))).resolved(0.0, 2.0)
    assert time.process_time() - begin < 1
