"""The initial state in occupation numbers: which elements are not zero, and their values, without logarithms ~ N.

A product state has p_n = N!/(Π_α n_α!) Π_α ρ_α^{n_α}. With s off-diagonal units this is N!/(N − s)! Π ρ_α^{n_α}/n_α!
over those units times what a multinomial distribution of N − s particles over the levels has, as exp(log N!) would
leave an error of 1e-10 at N = 10⁵.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping

import numpy as np
from scipy.special import binom, xlogy

from finite_n.engine.thermal_states import down_populations
from finite_n.errors import FiniteNError, shown
from finite_n.model.model import Model
from finite_n.model.rotation import turned
from finite_n.occupations.columns import Columns
from finite_n.states.conversions import FullState
from finite_n.states.particles import BlockState, DickeState, ProductState, State, ThermalState, no_case

EXCHANGES = 4  # of up and down, at most, where a start in |J, M⟩ is written in products: sums there alternate
_ROUNDING = 1e-15  # of entries of one particle: taken for zero
_LARGEST = 700.0  # logarithm of what a number can hold
_NEAR = 0.1  # relative distance below which the deviance is a series
_TERMS = 9  # of that series: 0.1^(2 · 9) is below rounding


class Product:
    """ρ₁^⊗N of one species, ρ₁ (d, d) in its frame."""

    def __init__(self, density: np.ndarray):
        self.density = np.where(np.abs(density) < _ROUNDING, 0.0, density)
        self.is_real = not np.any(np.imag(self.density))
        self.is_diagonal = np.array_equal(self.density, np.diag(np.diag(self.density)))

    @property
    def units(self) -> np.ndarray:
        """Units |a⟩⟨b| that are not zero."""
        return np.flatnonzero(self.density.ravel())

    def labels(self, size: int) -> list[np.ndarray] | None:
        """Rows of off-diagonal units of what is not zero; None if they are many."""
        return [np.zeros(len(self.density) ** 2, int)] if self.is_diagonal else None

    def values(self, n: np.ndarray) -> np.ndarray:
        """p for occupations n (E, d²)."""
        d, size = len(self.density), int(n[0].sum()) if len(n) else 0
        diagonal = np.arange(d) * (d + 1)
        off = np.delete(np.arange(d * d), diagonal)
        level = np.clip(np.diag(self.density).real, 0.0, None)
        out = multinomial(n[:, diagonal], level / level.sum()).astype(float if self.is_real else complex)
        steps = np.log(size - np.arange(size))
        falling = np.concatenate([[0.0], np.cumsum(steps)])  # log N!/(N − s)!
        factorial = np.concatenate([[0.0], np.cumsum(steps[::-1])])  # log s!
        log = falling[n[:, off].sum(axis=1)]
        for c in off:
            count, x = n[:, c], self.density.flat[c]
            log = log - factorial[count]
            if x == 0:
                out = np.where(count > 0, 0.0, out)
                continue
            log = log + count * np.log(abs(x))
            phase = x / abs(x) if out.dtype == complex else np.sign(x.real)
            if phase != 1:
                out = out * np.cumprod(np.append(1.0, np.full(int(count.max(initial=0)), phase)))[count]
        if np.any((log > _LARGEST) & (out != 0)):
            raise FiniteNError(
                f"product state at N = {size}: some elements of symmetrised products are of size e^{log.max():.0f}, "
                "beyond what numbers can hold; use another basis or fewer particles."
            )
        return out * np.exp(np.where(out != 0, log, 0.0)) if off.size else out


class Thermal:
    """ρ ∝ exp(−β N h(m_z)) of two-level particles: populations only."""

    is_real, is_diagonal = True, True
    units = np.array([0, 3])

    def __init__(self, state: ThermalState):
        self.state = state

    def labels(self, size: int) -> list[np.ndarray]:
        """Rows of off-diagonal units of what is not zero."""
        return [np.zeros(4, int)]

    def values(self, n: np.ndarray) -> np.ndarray:
        """p for occupations n (E, 4)."""
        size = int(n[0].sum()) if len(n) else 0
        weight = down_populations(self.state, size)
        return np.where((n[:, 1] == 0) & (n[:, 2] == 0), weight[n[:, 3]], 0.0)


class Diagonal:
    """A state of two-level particles that is diagonal in |J, M⟩.

    Elements with n_ud = n_du = k add up the matrix elements between configurations of n = N/2 + M spins up that differ
    by k exchanges: on the copies of spin J = N/2 − s their sum is an eigenvalue of the Johnson scheme,
    E_k(s) = Σ_j (−1)^j C(s, j) C(n − s, k − j) C(N − n − s, k − j) (P. Delsarte, Philips Res. Rep. Suppl. 10 (1973)),
    and elements with n_ud ≠ n_du are zero.
    """

    is_real, is_diagonal = True, False
    units = np.arange(4)

    def __init__(self, state: DickeState | BlockState):
        self.state = state

    def labels(self, size: int) -> list[np.ndarray]:
        """Rows of off-diagonal units, those that are looked at."""
        return [np.array([0, k, k, 0]) for k in range(min(EXCHANGES, size // 2) + 1)]

    def values(self, n: np.ndarray) -> np.ndarray:
        """p for occupations n (E, 4)."""
        out = np.zeros(len(n))
        size = int(n[0].sum()) if len(n) else 0
        for k in np.unique(n[:, 1]):
            some = (n[:, 1] == k) & (n[:, 2] == k)
            if np.any(some):
                if k > EXCHANGES:
                    raise FiniteNError(not_a_product(self.state))
                out[some] = exchanged(populations_of(self.state, size), size, int(k))[n[some, 3]]
        return out


def populations_of(state: DickeState | BlockState, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """N/2 − J, J − M and the weight of every |J, M⟩ that is not empty."""
    if isinstance(state, DickeState):
        s, i = state.position(size)
        return np.array([s]), np.array([i]), np.ones(1)
    diagonals = [np.diag(b).real for b in state.of_size(size)]
    s = np.repeat(np.arange(len(diagonals)), [len(x) for x in diagonals])
    return s, np.concatenate([np.arange(len(x)) for x in diagonals]), np.concatenate(diagonals)


def exchanged(populations: tuple[np.ndarray, np.ndarray, np.ndarray], size: int, k: int) -> np.ndarray:
    """p of the elements with n_ud = n_du = k and n_dd = 0 … N − 2k, from `populations_of`."""
    s, i, weight = populations
    down = s + i
    sums = sum(
        (-1) ** j * binom(s, j) * binom(size - down - s, k - j) * binom(down - s, k - j) for j in range(k + 1)
    ) * np.ones(len(s))
    inside = (down >= k) & (down <= size - k)
    return np.bincount(down[inside] - k, (weight * sums)[inside], minlength=size + 1 - 2 * k)


class Given:
    """A state by its elements on the full space of few particles."""

    is_diagonal = False

    def __init__(self, state: FullState, frame: np.ndarray):
        self.size, self.dim = state.size, state.dim
        n, values = state.elements(state.size, frame)
        values = np.where(np.abs(values) > _ROUNDING, values, 0)
        self.is_real = not np.any(values.imag)
        self._place = (self.size + 1) ** np.arange(self.dim**2 - 1, dtype=object)  # no limit of digits
        self._values = dict(zip(self._codes(n), (values.real if self.is_real else values).tolist(), strict=True))
        self.units = np.flatnonzero(n[values != 0].any(axis=0))

    def _codes(self, n: np.ndarray) -> list[int]:
        return (n[:, :-1].astype(object) @ self._place).tolist()

    def labels(self, size: int) -> None:
        """Many, as a rule."""
        return

    def values(self, n: np.ndarray) -> np.ndarray:
        """p for occupations n (E, d²)."""
        if len(n) and n[0].sum() != self.size:
            raise FiniteNError(f"state on the full space: it is of {self.size} particles, not of {n[0].sum()}.")
        return np.array([self._values.get(c, 0.0) for c in self._codes(n)], float if self.is_real else complex)


Part = Product | Thermal | Diagonal | Given


def not_a_product(part: State) -> str:
    """What to say of a state that symmetrised products cannot start from."""
    return (
        f"{shown(part)} is no product of one-particle states, and symmetrised products start from those, or from "
        "two-level states that are diagonal in |J, M⟩ where elements with few coherences suffice; give a density "
        "matrix of one particle, or use basis='dicke' if all species have two levels."
    )


class Start:
    """The initial state of all species and modes.

    parts: name → a `Part`; fields: of every mode a matrix between its levels.
    """

    def __init__(self, columns: Columns, parts: Mapping[str, Part], fields: list[np.ndarray]):
        self.columns, self.fields = columns, fields
        self.parts = [parts[p.name] for p in columns.particles]

    @property
    def is_simple(self) -> bool:
        """Whether all its elements can be written, however many units they have off the diagonal."""
        return not any(isinstance(x, Diagonal) for x in self.parts)

    @property
    def is_real(self) -> bool:
        """Whether all of it is."""
        return all(x.is_real for x in self.parts) and not any(np.any(np.imag(f)) for f in self.fields)

    @property
    def units(self) -> list[np.ndarray]:
        """Units of every species that are not empty."""
        return [x.units for x in self.parts]

    @property
    def pairs(self) -> list[np.ndarray]:
        """(n, n′) of every mode that are not empty."""
        return [np.argwhere(f) for f in self.fields]

    def labels(self) -> np.ndarray | None:
        """Labels (`finite_n.occupations.labels`) of what is not zero; None if they are many."""
        groups = [x.labels(p.size) for p, x in zip(self.columns.particles, self.parts, strict=True)]
        if any(g is None for g in groups):
            return None
        groups += [[np.array([q, 0]) for q in np.unique(pairs[:, 0] - pairs[:, 1])] for pairs in self.pairs]
        return np.array([np.concatenate(rows) for rows in itertools.product(*groups)]).reshape(-1, self.columns.width)

    def values(self, n: np.ndarray) -> np.ndarray:
        """p for occupations n (E, width)."""
        out = np.ones(len(n))
        for p, part in zip(self.columns.particles, self.parts, strict=True):
            out = out * part.values(n[:, p.first : p.last])
        for b, rho in zip(self.columns.bosons, self.fields, strict=True):
            out = out * rho[n[:, b.first], n[:, b.first + 1]]
        return out


def parts_of(model: Model, state, frames: Mapping[str, np.ndarray]) -> dict[str, Part]:
    """Every species' part of an `InitialState` in the frames; refuses what is neither a product nor diagonal."""
    out = {}
    for s in model.species:
        part, frame = state.parts[s.name], frames[s.name]
        if isinstance(part, ProductState):
            out[s.name] = Product(turned(part.density, frame))
        elif isinstance(part, FullState):
            out[s.name] = Given(part, frame)
        elif not isinstance(part, ThermalState | DickeState | BlockState):
            raise FiniteNError(no_case(part, "symmetrised products"))
        elif part.is_diagonal(frame):
            out[s.name] = Thermal(part) if isinstance(part, ThermalState) else Diagonal(part)
        else:
            raise FiniteNError(f"initial state of {s}: {not_a_product(part)}")
    return out


def multinomial(n: np.ndarray, p: np.ndarray) -> np.ndarray:
    """N!/(Π n_a!) Π p_a^{n_a} for rows n (E, d) of any sums N and probabilities p (d,).

    By C. Loader's deviances: Stirling's series for the factorials, and n log(n/Np) − n + Np without cancellation.
    """
    total = n.sum(axis=1)
    log, root = _stirling_rest(total), np.where(total > 0, 2 * np.pi * total, 1.0)
    possible = np.ones(len(n), dtype=bool)
    for a, share in enumerate(p):
        count = n[:, a]
        if share == 0:
            possible &= count == 0
            continue
        log -= _stirling_rest(count) + _deviance(count, total * share)
        root /= np.where(count > 0, 2 * np.pi * count, 1.0)
    return np.where(possible, np.exp(log) * np.sqrt(root), 0.0)


@functools.lru_cache(maxsize=1)
def _small_rests() -> np.ndarray:
    """log n! − log(√(2πn) (n/e)^n) for n < 16, by its recurrence from the series far above."""
    n = np.arange(1, 64)
    steps = (n + 0.5) * np.log1p(1.0 / n) - 1  # from n to n + 1
    rest = _series(64.0) + np.cumsum(steps[::-1])[::-1]
    return np.concatenate([[0.0], rest[:15]])


def _series(n):
    square = 1.0 / (n * n)
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - square / 1188) * square) * square) * square) / n


def _stirling_rest(n: np.ndarray) -> np.ndarray:
    """log n! less Stirling's √(2πn) (n/e)^n, 0 for n = 0."""
    small = _small_rests()
    return np.where(n < len(small), small[np.minimum(n, len(small) - 1)], _series(np.maximum(n, len(small)) * 1.0))


def _deviance(n: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """n log(n/m) − n + m for m = `expected`, accurate near n = m too."""
    n = n.astype(float)
    both = n + expected
    v = np.divide(n - expected, both, out=np.zeros(len(n)), where=both > 0)
    far = np.flatnonzero(np.abs(v) >= _NEAR)
    square, series = v * v, np.zeros(len(n))
    for k in range(_TERMS, 0, -1):
        series = (series + 1 / (2 * k + 1)) * square
    out = (n - expected) * v + 2 * n * v * series
    n, expected = n[far], expected[far]
    out[far] = xlogy(n, n / expected) - n + expected
    return out
