"""Canonical forms: the same in every process, different for whatever differs in one bit, refused where nothing proves
what a function does."""

import functools
import json
import math
import os
import random
import subprocess
import sys
from fractions import Fraction

import numba
import numpy as np
import pytest
import qutip
from scipy.interpolate import CubicSpline, make_interp_spline

from comparison import load
from comparison.point_store.canonical import canonical
from comparison.point_store.functions import NoCanonicalForm
from comparison.study.points import StudyPoints
from finite_n import (
    CollectiveJumps,
    Field,
    LocalJump,
    Mode,
    Model,
    Species,
    average,
    cat,
    coefficient,
    dicke,
    ghz,
    mx,
    my,
    mz,
    product,
    squeezed,
    thermal,
)
from finite_n.states.particles import ProductState
from finite_n.systems import PARTICLES, SYSTEMS

SCALE = 0.3
TABLE = np.array([0.0, 0.5, 2.0])
LISTED = [1.0, 2.0]


def of_a_global(x):
    return np.exp(SCALE * x)


def of_a_table(x):
    return np.interp(x, TABLE, TABLE**2)


def squared(x):
    return x * x


def of_another(x):
    return 1 + squared(x)


def with_text(x):
    """Say nothing."""
    y = x if np.all(np.isfinite(x)) else 0.0 * x
    return sum(y**k / math.factorial(k) for k in range(4))


def scaled(scale):
    return lambda x: scale * np.tanh(x)


def written(x):
    return json.dumps(canonical(x))


def rate(function):
    return Model(jumps=[LocalJump(qutip.sigmam(), rate=0.1), LocalJump(qutip.sigmap(), function, delta=mz)])


GOOD = {
    "ufunc": np.cosh,
    "builtin": math.sin,
    "lambda": lambda x: 0.5 * np.exp(0.3 * x),
    "default": lambda x, b=0.3: b * x,
    "global": of_a_global,
    "table": of_a_table,
    "another": of_another,
    "generator": with_text,
    "closure": scaled(0.5),
    "partial": functools.partial(lambda b, x: b * x, 0.25),
    "polynomial": np.polynomial.Polynomial([1.0, 0.2]),
    "spline": CubicSpline([0.0, 1.0, 2.0], [0.3, 0.1, 0.2]),
    "other spline": make_interp_spline([0.0, 1.0, 2.0], [0.3, 0.1, 0.25], k=2),
    "closure over a function": (lambda f: lambda x: f(x) + 1)(np.cos),
}


class Counter:
    """A function that remembers."""

    def __init__(self):
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        return x


def remembering(seen):
    def function(x):
        seen[0] = 1.0
        return x

    return function


def importing(x):
    import random as chance

    return chance.random() * x


def counting():
    count = 0

    def function(x):
        nonlocal count
        count += 1
        return count * x

    return function


def setting(x):
    global SCALE
    SCALE = 0.3
    return x


BAD = {
    "a closure over «scale», a list, which may change": scaled([1.0]),
    "uses «LISTED», a list": lambda x: LISTED[0] * x,
    r"uses \.random": lambda x: np.random.random() * x,  # noqa: NPY002
    r"uses \.normal": lambda x, rng=SCALE: np.tanh(rng.normal()),
    "uses «open»": lambda x: open(x),
    r"uses \.getpid": lambda x: os.getpid() * x,
    "uses «random», a module": lambda x: random.log(x),
    "uses «missing»": lambda x: missing(x),  # noqa: F821
    "«importing» changes or imports": importing,
    "«function» changes or imports": counting(),
    "«setting» changes or imports": setting,
    "may change an array": remembering(np.zeros(1)),
    "may change an array that": (lambda out: lambda x: np.exp(x, out=out))(np.zeros(3)),
    "is a Counter": Counter(),
    "is a CPUDispatcher": numba.njit(lambda x: 2 * x),
    "bound method .* is a method": np.random.default_rng(0).normal,
    "print.* is not a function of Python": print,
    "not a function of numpy itself": np.frompyfunc(abs, 1, 1),
    "is a closure over «q», and .* is a Qobj": (lambda q: lambda x: q)(qutip.sigmax()),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_function_that_only_calculates_has_a_form(name):
    assert written(GOOD[name]) == written(GOOD[name])
    others = [written(f) for other, f in GOOD.items() if other != name]
    assert written(GOOD[name]) not in others


@pytest.mark.parametrize("why", BAD)
def test_a_function_that_might_do_more_has_none(why):
    with pytest.raises(NoCanonicalForm, match=why):
        canonical(BAD[why])


def test_the_jump_is_named():
    seen = []
    model = rate(lambda x: 1.0 + 0 * (seen[0] if seen else x))
    with pytest.raises(NoCanonicalForm, match=r"^Γ of jump 1: the lambda is a closure over «seen», a list"):
        canonical(model)


def test_every_number_counts_to_its_last_bit(monkeypatch):
    up = math.nextafter(0.3, 1)
    assert written(scaled(0.3)) != written(scaled(up))
    assert written(lambda x: 0.3 * x) != written(lambda x: 0.30000000000000004 * x)
    assert written(functools.partial(max, 0.0)) != written(functools.partial(max, -0.0))
    before = written(of_a_global)
    monkeypatch.setattr(f"{__name__}.SCALE", up)
    assert written(of_a_global) != before
    for one, other in [
        (Model(0.3 * mx), Model(up * mx)),
        (Model(mx * my + my * mx), Model(mx * my + my * mx + 1e-300 * mz)),
        (rate(scaled(0.3)), rate(scaled(up))),
        (Model(jumps=[LocalJump(qutip.sigmam(), rate=0.3)]), Model(jumps=[LocalJump(qutip.sigmam(), np.sqrt(0.3))])),
        (
            Model(collective=[CollectiveJumps([qutip.sigmam()], 0.3)]),
            Model(collective=[CollectiveJumps([qutip.sigmam()], up)]),
        ),
        (product([0, 0, 0.3]), product([0, 0, 0.3 + 1e-15])),
        (thermal(mz, 0.3), thermal(mz, up)),
        (Field(beta=0.3), Field(beta=up)),
        (Field(beta=0.3), Field(alpha=0.3)),
        (squeezed(0.3), squeezed(0.3, 0.1)),
        (cat(0.3), cat(0.3, 0.1)),
        (Model(coefficient(scaled(0.3)) * mx), Model(coefficient(scaled(up)) * mx)),
        (Model(coefficient(np.cos) * mx), Model(0.3 * coefficient(np.cos) * mx)),
        (Model(coefficient(TABLE, TABLE) * mx), Model(coefficient(TABLE, TABLE, order=1) * mx)),
        (Model(coefficient(TABLE, TABLE, order=0) * mx), Model(coefficient(TABLE, TABLE + up, order=0) * mx)),
        (dicke(2, 1), dicke(2, 0)),
        (dicke(lambda N: N / 2, 0), dicke(lambda N: N / 2 - 1, 0)),
        (ghz(), dicke(1, 1)),
        (np.zeros(2), np.zeros((2, 1))),
        (np.zeros(2), np.zeros(2, int)),
        (1, 1.0),
        (1, True),
        ([1], (1,)),
        ("1", 1),
        (Fraction(1, 3), 1 / 3),
        ({"a": 1, "b": 2}, {"a": 2, "b": 1}),
    ]:
        assert written(one) != written(other), (one, other)


def test_averages_with_and_without_the_particle_itself_differ():
    """Equal polynomials of which one has taken in m(1) = 1: without the particle that jumps they are different Δ."""
    up = average(qutip.num(2))
    same = 0.5 - 0.5 * mz
    assert up == same
    one, other = (Model(jumps=[LocalJump(qutip.sigmax(), np.cosh, delta=d, include_self=False)]) for d in (up, same))
    assert written(one) != written(other)


def test_what_does_not_change_numbers_does_not_count():
    assert written(Model(mx, name="one")) == written(Model(mx, name="other"))
    one, other = (Model(coefficient(np.cos, text=text) * mx) for text in ("one", "other"))
    assert written(one) == written(other)
    model = Model(mx * mx, species=[Species("a", fraction=0.25), Species("b", fraction=0.75)][:0], modes=[Mode()])
    before = written(model)
    _ = model.space.brackets  # kept once it is asked for
    assert written(model) == before
    start = squeezed(0.4)
    before = written(start)
    start.cutoff(10, 1e-9)
    assert written(start) == before


def test_a_class_of_the_user_is_not_that_of_the_package():
    class Mine(ProductState):
        pass

    with pytest.raises(NoCanonicalForm, match="is a Mine"):
        canonical(Mine(np.eye(2) / 2))


def keys():
    """Of every system, before and after a use of it."""
    out = {}
    for name in [*SYSTEMS, *PARTICLES]:
        study = load(name, {"sizes": [4, 6, 8, 12], "times": {"points": 3}})
        out[name] = StudyPoints(study, "nowhere").key(4)
    return out


@pytest.mark.slow
def test_keys_are_the_same_in_every_process():
    code = "import json; from tests.comparison.point_store.test_canonical import keys; print(json.dumps(keys()))"
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | {"PYTHONHASHSEED": seed}
        )
        assert json.loads(run.stdout) == keys(), run.stderr
