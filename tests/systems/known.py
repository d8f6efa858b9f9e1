"""Systems whose exact dynamics is known at every N that is listed: closed forms, small chains, and the full space.

Known values are arrays (T,) by name, as `tests.engine_tester.measured` reads them off a result: "mean a", "second a b"
(the real part of ⟨m_a m_b⟩), "cov a b", "number mode", "e name" for an observable, with labels as the model has them.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import numpy as np
import qutip
from scipy.linalg import expm

from finite_n import CollectiveJumps, Field, LocalJump, Mode, Model, Species, average, mx, my, mz
from finite_n.model.polynomial import Polynomial
from finite_n.systems import hopfield
from tests import random_general_models as general
from tests import random_models
from tests.brute_force_general import GeneralBruteForce, basis_matrix

SM, SP, SZ = qutip.sigmam(), qutip.sigmap(), qutip.sigmaz()
UP, DOWN = [0, 0, 1.0], [0, 0, -1.0]
ALL = ("auto", "dicke", "symmetrised")
CLOSED = (*ALL, "energy eigenstates")
CLOSED_FORM = 1e-12  # rounding of a formula in a few functions of order one
FULL_SPACE = 1e-11  # the full space is integrated to 1e-12


@dataclasses.dataclass(frozen=True)
class System:
    """model(N), start(N), times (T,), exact(N) → {quantity: (T,)}, observables(N) → {name: Polynomial}.

    sizes: N to run, with 1, odd and even ones where the system has them; reference: error of `exact`, with its reason
    above;
    engines: values of basis that can run it, others refuse; steady: stationary values by quantity, of the only
    stationary state;
    independent: particles do not interact, so averages and covariances are those of the limit at every N; commuting:
    operators of spins commute and modes are linear, so that there are closed forms.
    """

    name: str
    model: Callable[[int], Model]
    start: Callable[[int], object]
    times: np.ndarray
    exact: Callable[[int], dict[str, np.ndarray]]
    sizes: tuple[int, ...]
    observables: Callable[[int], dict[str, Polynomial]] = lambda N: {}
    reference: float = CLOSED_FORM
    engines: tuple[str, ...] = ALL
    steady: Callable[[int], dict[str, float]] | None = None
    independent: bool = False
    commuting: bool = False

    def __str__(self):
        return self.name


def independent_decay() -> System:
    """H = ½ω Σσz, σ− at γ, σ+ at p, σz at d: ż = p − γ − (p + γ) z, coherences turn with ω and decay with ½(p + γ) +
    2d."""
    omega, decay, pump, dephasing, m0 = 1.3, 0.7, 0.2, 0.15, np.array([0.5, -0.3, 0.6])
    t = np.array([0.0, 0.4, 1.7])
    jumps = [LocalJump(SM, decay**0.5), LocalJump(SP, pump**0.5), LocalJump(SZ, dephasing**0.5)]
    rest = (pump - decay) / (pump + decay)

    def exact(N):
        z = rest + (m0[2] - rest) * np.exp(-(pump + decay) * t)
        turning = (m0[0] + 1j * m0[1]) * np.exp((1j * omega - (pump + decay) / 2 - 2 * dephasing) * t)
        m = dict(zip("xyz", (turning.real, turning.imag, z), strict=True))
        pairs = {
            f"cov {a} {b}": (a == b) - m[a] * m[b] for a, b in ("xx", "xy", "xz", "yy", "yz", "zz")
        }  # no correlations
        return {f"mean {a}": x for a, x in m.items()} | pairs | {"e zz": m["z"] ** 2 + (1 - m["z"] ** 2) / N}

    return System(
        "independent decay",
        lambda N: Model(omega / 2 * mz, jumps),
        lambda N: m0,
        t,
        exact,
        (1, 2, 5, 8),
        lambda N: {"zz": mz * mz},
        steady=lambda N: {"mean z": rest, "cov z z": 1 - rest**2, "mean x": 0.0},
        independent=True,
    )


def one_axis_twisting() -> System:
    """H = χS_z² from all spins along x (Kitagawa and Ueda, PRA 47, 5138 (1993)), χ = 1/N; pairs from two spins'
    phases."""
    t = np.array([0.0, 0.8, 2.5])

    def exact(N):
        angle = t / N
        x = np.cos(angle) ** (N - 1)
        double = np.cos(2 * angle) ** (N - 2) if N > 1 else 1.0
        xx, yy = ((1 + s * double) / 2 for s in (1, -1))
        yz = np.sin(angle) * np.cos(angle) ** (N - 2) if N > 1 else 0 * t
        one, pair = 1 / N, 1 - 1 / N
        return {
            "mean x": x,
            "mean y": 0 * t,
            "second x x": one + pair * xx,
            "second y y": one + pair * yy,
            "second y z": pair * yz,
            "second z z": one + 0 * t,
            "cov x x": N * (one + pair * xx - x**2),
        }

    return System(
        "one-axis twisting",
        lambda N: Model(mz * mz / 4),
        lambda N: [1.0, 0, 0],
        t,
        exact,
        (1, 2, 5, 8, 40),
        engines=CLOSED,
        commuting=True,
    )


def jaynes_cummings() -> System:
    """One atom at resonance, |up, 2⟩: ⟨σz⟩ = cos(2g√3 t); the atom's quantum is the field's."""
    f, g, t, photons = Mode("f"), 0.3, np.linspace(0, 4, 4), 2
    coupling = average(SP) * f.alpha

    def exact(N):
        z = np.cos(2 * g * np.sqrt(photons + 1) * t)
        return {"mean z": z, "number f": photons + (1 - z) / 2, "mean x": 0 * t, "mean f.phi": 0 * t}

    return System(
        "Jaynes-Cummings",
        lambda N: Model(1.7 * (f.number + 0.5 * mz) + g * (coupling + coupling.adjoint()), modes=[f]),
        lambda N: {"": UP, "f": Field(number=photons)},
        t,
        exact,
        (1,),
    )


def one_excitation() -> System:
    """Tavis–Cummings, one photon and all atoms down: the bright state takes it with frequency g, ⟨a†a⟩ = cos² gt at
    every N."""
    f, g, t = Mode("f"), 0.4, np.linspace(0, 4, 4)
    coupling = average(SP) * f.alpha

    def exact(N):
        n = np.cos(g * t) ** 2
        return {"number f": n, "mean z": -1 + 2 * (1 - n) / N}

    return System(
        "Tavis-Cummings with one quantum",
        lambda N: Model(g * (coupling + coupling.adjoint()), modes=[f]),
        lambda N: {"": DOWN, "f": Field(number=1)},
        t,
        exact,
        (1, 2, 5),
    )


def emission_into_a_mode() -> System:
    """Tavis–Cummings from all atoms up and vacuum: N + 1 states |J, M⟩|N/2 − M⟩ with one matrix element between
    neighbours."""
    f, g, t = Mode("f"), 0.5, np.linspace(0, 3, 3)
    coupling = average(SP) * f.alpha

    def exact(N):
        k = np.arange(N)  # quanta in the field; (g/√N) √(k + 1) √((J + M)(J − M + 1)), M = J − k
        element = g / np.sqrt(N) * np.sqrt((k + 1) * (N - k) * (k + 1))
        H = np.diag(element, 1) + np.diag(element, -1)
        p = np.array([np.abs(expm(-1j * H * x)[:, 0]) ** 2 for x in t])
        n = p @ np.arange(N + 1)
        z = 1 - 2 * np.arange(N + 1) / N
        return {"number f": n, "mean z": 1 - 2 * n / N, "second z z": p @ z**2}

    return System(
        "Tavis-Cummings with N quanta",
        lambda N: Model(g * (coupling + coupling.adjoint()), modes=[f]),
        lambda N: {"": UP, "f": Field()},
        t,
        exact,
        (1, 2, 3),
    )


def damped_driven_mode() -> System:
    """H = νa†a + √N ε(a + a†)/√2 and κD[a] beside idle spins: a turns into the stationary amplitude, squares of a stay
    those of a†a."""
    nu, kappa, drive, f = 0.9, 0.6, 0.3, Mode("f")
    t, field = np.array([0.0, 0.7, 2.0]), Field(beta=0.5 - 0.2j)
    rate = 1j * nu + kappa / 2

    def rest(N):
        return -1j * np.sqrt(N / 2) * drive / rate

    def exact(N):
        a = rest(N) + (field.beta - rest(N)) * np.exp(-rate * t)
        return {
            "mean f.phi": np.sqrt(2 / N) * a.real,
            "mean f.pi": np.sqrt(2 / N) * a.imag,
            "number f": np.abs(a) ** 2,
            "cov f.phi f.phi": 0.5 + 0 * t,
            "mean z": 1 + 0 * t,
        }

    return System(
        "damped, driven mode",
        lambda N: Model(nu * f.number + drive * f.phi, collective=[CollectiveJumps([f.alpha], kappa)], modes=[f]),
        lambda N: {"": UP, "f": field},
        t,
        exact,
        (1, 2),
        commuting=True,
    )


def polaron() -> System:
    """H = νa†a + (g/√N) Σσz (a + a†)/√2, spins along x, vacuum: with u = g/(ν√2N), displacements and a phase of the
    spins' square:

    ⟨σx⟩ = exp(−4u²(1 − cos νt)) cos^{N−1}(4u²(νt − sin νt)), ⟨a†a⟩ = 2N u²(1 − cos νt).
    """
    nu, g, f, t = 1.1, 0.5, Mode("f"), np.array([0.0, 0.9, 2.2])

    def exact(N):
        u2 = (g / nu) ** 2 / (2 * N)
        x = np.exp(-4 * u2 * (1 - np.cos(nu * t))) * np.cos(4 * u2 * (nu * t - np.sin(nu * t))) ** (N - 1)
        return {"mean x": x, "number f": 2 * N * u2 * (1 - np.cos(nu * t)), "mean z": 0 * t, "mean f.phi": 0 * t}

    return System(
        "polaron",
        lambda N: Model(nu * f.number + g * mz * f.phi, modes=[f]),
        lambda N: {"": [1.0, 0, 0], "f": Field()},
        t,
        exact,
        (1, 2, 3),
        commuting=True,
    )


def collective_decay() -> System:
    """(γ/N) D[S−] from all up: populations of |J, M⟩ fall from M to M − 1 with (γ/N)(J + M)(J − M + 1)."""
    gamma, t = 1.4, np.array([0.0, 0.6, 1.9])

    def exact(N):
        k = np.arange(N)  # J − M
        rates = gamma / N * (N - k) * (k + 1)
        chain = np.diag(np.append(-rates, 0.0)) + np.diag(rates, -1)
        p = np.array([expm(chain * x)[:, 0] for x in t])
        z = 1 - 2 * np.arange(N + 1) / N
        # ⟨S_x²⟩ = ⟨S_y²⟩ = ½(J(J + 1) − ⟨M²⟩)
        across = (1 + 2 / N - p @ z**2) / 2
        return {"mean z": p @ z, "second z z": p @ z**2, "second x x": across, "second y y": across}

    return System(
        "collective decay",
        lambda N: Model(collective=[CollectiveJumps([SM], gamma)]),
        lambda N: UP,
        t,
        exact,
        (1, 2, 5, 12),
    )


def curie_weiss() -> System:
    """Hopfield's rates without field: n spins up, one more with (N − n) e^{βm}/2, one less with n e^{−βm}/2."""
    beta, t, z0 = 0.7, np.array([0.0, 0.5, 2.0]), 0.4

    def chain(N):
        up = np.arange(N + 1)
        m = 2 * up / N - 1
        raising, lowering = (N - up) * np.exp(beta * m) / 2, up * np.exp(-beta * m) / 2
        return np.diag(-raising - lowering) + np.diag(raising[:-1], -1) + np.diag(lowering[1:], 1), m

    def exact(N):
        matrix, m = chain(N)
        binomial = functools.reduce(np.convolve, [[(1 - z0) / 2, (1 + z0) / 2]] * N)
        p = np.array([expm(matrix * x) @ binomial for x in t])
        return {"mean z": p @ m, "second z z": p @ m**2, "cov z z": N * (p @ m**2 - (p @ m) ** 2), "e zzz": p @ m**3}

    def steady(N):
        matrix, m = chain(N)
        # detailed balance: p(n + 1)/p(n) is the rate up from n over the rate down from n + 1
        p = np.cumprod(np.append(1.0, np.diag(matrix, -1) / np.diag(matrix, 1)))
        p = p / p.sum()
        return {"mean z": p @ m, "second z z": p @ m**2}

    return System(
        "Curie-Weiss",
        lambda N: hopfield(0.0, beta),
        lambda N: [0, 0, z0],
        t,
        exact,
        (1, 2, 5, 30),
        lambda N: {"zzz": mz**3},
        steady=steady,
    )


def three_level_cascade() -> System:
    """r → e → g, every atom by itself: exponentials; covariances of populations are those of independent atoms."""
    atoms, t = Species("q", 3), np.array([0.0, 0.5, 1.8])
    fast, slow = 1.0, 0.6
    names = {name: atoms.average(np.diag(np.eye(3)[k])) for k, name in enumerate("ger")}

    def unit(a, b):
        return np.outer(np.eye(3)["ger".index(a)], np.eye(3)["ger".index(b)])

    jumps = [LocalJump(unit("e", "r"), fast**0.5), LocalJump(unit("g", "e"), slow**0.5)]

    def exact(N):
        r = np.exp(-fast * t)
        e = fast / (slow - fast) * (np.exp(-fast * t) - np.exp(-slow * t))
        return {"e r": r, "e e": e, "e g": 1 - r - e, "e re": (1 - 1 / N) * r * e}

    return System(
        "three levels",
        lambda N: Model(jumps=jumps, species=[atoms]),
        lambda N: {"q": unit("r", "r").astype(complex)},
        t,
        exact,
        (1, 2, 5),
        lambda N: names | {"re": names["r"] * names["e"]},
        engines=("auto", "symmetrised"),
        independent=True,
    )


def exchange_of_two_species() -> System:
    """h = g(m_a(σ+) m_b(σ−) + h.c.), a up and b down, n of each: n + 1 states, between neighbours (N g/n²)(k + 1)(n −
    k)."""
    a, b, g, t = Species("a", fraction=0.5), Species("b", fraction=0.5), 0.35, np.array([0.0, 0.7, 2.1])
    hop = a.average(SM) * b.average(SP)

    def exact(N):
        n = N // 2
        k = np.arange(n)
        element = N * g / n**2 * (k + 1) * (n - k)
        H = np.diag(element, 1) + np.diag(element, -1)
        p = np.array([np.abs(expm(-1j * H * x)[:, 0]) ** 2 for x in t])
        z = 1 - 2 * np.arange(n + 1) / n
        return {"mean a.z": p @ z, "mean b.z": -p @ z, "second a.z b.z": -p @ z**2, "second a.z a.z": p @ z**2}

    return System(
        "exchange of two species",
        lambda N: Model(g * (hop + hop.adjoint()), species=[a, b]),
        lambda N: {"a": UP, "b": DOWN},
        t,
        exact,
        (2, 6),
        engines=CLOSED,
    )


def unequal_species() -> System:
    """Two species in one field, 1 : 2, each with its own frequency and decay: independent particles, of which a is
    damped."""
    a, b = Species("a", fraction=1 / 3), Species("b", fraction=2 / 3)
    wa, wb, gamma, t = 0.8, 1.9, 0.5, np.array([0.0, 0.6, 2.0])

    def exact(N):
        return {
            # h = f_s ½ω m_s is ½ω σz for every particle
            "mean a.x": np.cos(wa * t) * np.exp(-gamma * t / 2),
            "mean a.z": np.exp(-gamma * t) - 1,
            "mean b.x": np.cos(wb * t),
            "mean b.y": np.sin(wb * t),
            "second a.x b.x": np.cos(wa * t) * np.exp(-gamma * t / 2) * np.cos(wb * t),
        }

    return System(
        "unequal species",
        lambda N: Model(wa / 6 * a.mz + wb / 3 * b.mz, [LocalJump(SM, gamma**0.5, species=a)], species=[a, b]),
        lambda N: {"a": [1.0, 0, 0], "b": [1.0, 0, 0]},
        t,
        exact,
        (3, 6),
        independent=True,
    )


def random_one_species(kind: str, sizes=(1, 2, 3)) -> System:
    """A random model of one species of two levels, on 2^N."""
    rng = np.random.default_rng([77, random_models.KINDS.index(kind)])
    model, m = random_models.model(kind, rng), random_models.bloch(rng)
    density = 0.5 * (np.eye(2) + sum(x * basis_matrix(2, a) for a, x in enumerate(m, 1)))
    words = {"xyz": mx * my * mz, "zz": mz * mz}
    t = np.array([0.0, 0.3, 0.7])

    @functools.cache
    def exact(N):
        return _on_the_full_space(model, N, t, {"": density}, words)

    # operators Γ(Δ) of several axes have no common frame in which products stay products
    engines = ("auto", "dicke") if kind in ("two tilts", "everything") else CLOSED if model.is_closed else ALL
    return System(
        kind, lambda N: model, lambda N: m, t, exact, sizes, lambda N: words, FULL_SPACE, engines,
        independent=model.is_linear,
    )  # fmt: skip


def random_species(kind: str, dims=(2, 2), size=(2, 1)) -> System:
    """A random model of several species, on the full space."""
    rng = np.random.default_rng([78, len(kind), *dims])
    species, modes = general.parts(dims, size)
    model, state = general.model(kind, rng, species, modes), general.state(rng, species, modes)
    N, t = sum(size), np.array([0.0, 0.3, 0.7])
    observable = general.hamiltonian(rng, species, modes, 2)

    @functools.cache
    def exact(n):
        return _on_the_full_space(model, N, t, general.matrices(state, N), {"o": observable})

    return System(
        f"{kind} of {' and '.join(map(str, dims))} levels",
        lambda n: model,
        lambda n: state,
        t,
        exact,
        (N,),
        lambda n: {"o": observable},
        FULL_SPACE,
        (CLOSED if model.is_closed else ALL) if set(dims) == {2} else ("auto", "symmetrised"),
        independent=model.is_linear,
    )


def _on_the_full_space(model, N, times, parts, observables) -> dict[str, np.ndarray]:
    full = GeneralBruteForce(model, N)
    rho = full.product_state(parts)
    labels, rows = model.space.labels, []
    for step in np.diff(times, prepend=times[0]):
        rho = full.evolve(rho, step) if step else rho
        second = full.second(rho).real
        row = dict(zip((f"mean {a}" for a in labels), full.means(rho), strict=True))
        row |= {f"second {a} {b}": second[i, k] for i, a in enumerate(labels) for k, b in enumerate(labels)}
        row |= {f"e {name}": full.expect(p, rho) for name, p in observables.items()}
        rows.append(row)
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


CLOSED_FORMS = [
    independent_decay(),
    one_axis_twisting(),
    jaynes_cummings(),
    one_excitation(),
    emission_into_a_mode(),
    damped_driven_mode(),
    polaron(),
    collective_decay(),
    curie_weiss(),
    three_level_cascade(),
    exchange_of_two_species(),
    unequal_species(),
]
RANDOM = [random_one_species(kind) for kind in random_models.KINDS] + [
    random_species("rates without self"),
    random_species("everything"),
    random_species("tilted rates", (3,), (2,)),
    random_species("collective", (2, 3), (1, 1)),
]
SYSTEMS = {s.name: s for s in CLOSED_FORMS + RANDOM}
