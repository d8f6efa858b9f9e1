"""Open quantum Hopfield network with one stored pattern, gauged to the ferromagnet, or with several.

Fiorelli et al. 2023, §5; Fiorelli 2024, §6.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.model.local_jump import LocalJump
from finite_n.model.model import Model
from finite_n.model.operators import SIGMA_MINUS, SIGMA_PLUS
from finite_n.model.polynomial import Polynomial, mx, mz
from finite_n.model.species import Species
from finite_n.model.validation import LARGEST_SEED, check_array, check_choice, check_number, check_size, check_whole

_MOST_PATTERNS = 6
_MOST_SIGNS = 100_000_000


def _heat_bath(x):
    """e^{x/2}/√(2 cosh x), written so that nothing overflows at low temperature."""
    small = np.exp(-np.where(np.real(x) > 0, x, -x))
    return np.where(np.real(x) > 0, 1.0, small) / np.sqrt(1 + small**2)


def hopfield(
    omega: float = 0.3,
    beta: float = 0.8,
    rates: Literal["exponential", "heat_bath"] = "exponential",
    self_energy: bool = True,
) -> Model:
    """H = Ω Σ σx, jumps σ±^(k) Γ±(ΔE), ΔE = m(σz); spins with ξ = −1 are rotated by π about x, so ξ drops out.

    omega: transverse field Ω. beta: inverse temperature β of the bath.
    rates: "exponential", Γ± = e^{±βΔE/2}/√2 (Fiorelli 2024, eq. 51), or "heat_bath", Γ± = e^{±βΔE/2}/√(2 cosh βΔE)
    (Fiorelli et al. 2023, eq. 59).
    self_energy: True, ΔE contains the spin that flips (Fiorelli et al. 2023, eq. 59); False, it is left out (eq. 58).
    """

    check_number(omega, "hopfield: omega")
    return Model(omega * mx, _flips(beta, rates, mz, self_energy, None), name="hopfield")


def _flips(beta: float, rates: str, delta: Polynomial, self_energy: bool, species: Species | None) -> list[LocalJump]:
    check_number(beta, "hopfield: beta")
    check_choice(rates, "hopfield: rates", ("exponential", "heat_bath"))

    def amplitude(sign):
        if rates == "exponential":
            return lambda d: np.exp(sign * beta * d / 2) / np.sqrt(2)
        return lambda d: _heat_bath(sign * beta * d)

    return [
        LocalJump(j, amplitude(s), delta, self_energy, species=species) for j, s in ((SIGMA_PLUS, 1), (SIGMA_MINUS, -1))
    ]


@dataclasses.dataclass(frozen=True)
class Patterns:
    """p patterns ξ^μ_k = ±1, shape (p, N), and the seed they were drawn with, None if they were given.

    Spins with ξ¹ = −1 are rotated by π about x, which makes the first pattern +1 everywhere; a species is then one
    column of the rest.
    """

    xi: np.ndarray
    seed: int | None = None

    def __post_init__(self):
        xi = check_array(self.xi, "patterns", wanted="an array (p, N) of signs ±1")
        if xi.ndim != 2 or not xi.size or not np.all(np.abs(xi) == 1):
            raise FiniteNError(f"patterns of shape {xi.shape}: give an array (p, N) of signs ±1.")
        object.__setattr__(self, "xi", xi)

    @classmethod
    def draw(cls, p: int, N: int, seed: int = 0) -> Patterns:
        """Independent, unbiased signs; the same seed with a larger N continues the same network."""
        p, N = check_size(p), check_size(N)
        if p * N > _MOST_SIGNS:
            raise FiniteNError(f"patterns: {p} of {N} spins; p N is at most {_MOST_SIGNS:,}.")
        check_whole(seed, "patterns: seed", 0, LARGEST_SEED)
        return cls(2 * np.random.default_rng(seed).integers(2, size=(N, p)).T - 1, seed)

    @property
    def sizes(self) -> dict[str, int]:
        """Number of spins of every species; "pm" has ξ = +, − in the gauge; empty ones are left out."""
        gauged = self.xi * self.xi[0]
        names = ["".join("p" if x > 0 else "m" for x in column) for column in gauged.T]
        return {name: names.count(name) for name in species_names(len(self.xi)) if name in names}


def species_names(p: int) -> list[str]:
    """The 2^(p−1) species of p patterns: signs of ξ in the gauge of the first pattern, p for + and m for −."""
    return ["p" + "".join("pm"[k >> i & 1] for i in range(p - 1)) for k in range(2 ** (p - 1))]


def hopfield_patterns(
    omega: float = 0.3,
    beta: float = 0.8,
    patterns: int | Patterns | Mapping[str, int] = 2,
    rates: Literal["exponential", "heat_bath"] = "exponential",
    self_energy: bool = True,
) -> Model:
    """H = Ω Σ σx, jumps σ±^(k) Γ±(ΔE_k), ΔE_k = (1/N) Σ_μ ξ^μ_k Σ_j ξ^μ_j σz^(j), after the gauge by the first pattern.

    omega, beta, rates, self_energy: as for `hopfield`; without self-energy j = k is left out of ΔE_k.
    patterns: p, for 2^(p−1) species of equal fractions (the self-averaging limit of Fiorelli 2024); or a draw
    `Patterns`, or sizes by name of species, for the fractions that they have.

    ΔE of species s is Σ_s′ f_s′ (ξ_s·ξ_s′) m_s′(σz), and H = N Ω Σ_s f_s m_s(σx): written with shares, so that
    `model.sized` gives the same network with other sizes.
    """
    check_number(omega, "hopfield_patterns: omega")
    if isinstance(patterns, Patterns):
        sizes = patterns.sizes
    elif isinstance(patterns, Mapping):
        sizes = {str(name): check_size(n) for name, n in patterns.items() if n}
    else:
        p = check_whole(patterns, "hopfield_patterns: number of patterns p, for 2^(p−1) species,", 1, _MOST_PATTERNS)
        sizes = dict.fromkeys(species_names(p), 1)
    lengths = {len(name) for name in sizes}
    if len(lengths) != 1 or not set(sizes) <= set(species_names(min(lengths.pop(), _MOST_PATTERNS))):
        raise FiniteNError(
            f"hopfield_patterns: sizes {dict(sizes)}; name species by signs, for two patterns 'pp' and 'pm'."
        )
    N = sum(sizes.values())
    species = [Species(name, fraction=Fraction(n, N)) for name, n in sizes.items()]
    sign = {s.name: np.array([1 if x == "p" else -1 for x in s.name]) for s in species}
    jumps = []
    for s in species:
        weights = [int(sign[s.name] @ sign[other.name]) for other in species]
        delta = sum((w * other.share * other.mz for w, other in zip(weights, species, strict=True)), Polynomial({}))
        jumps += _flips(beta, rates, delta, self_energy, s)
    field = sum((omega * s.share * s.mx for s in species), Polynomial({}))
    return Model(field, jumps, name="hopfield_patterns", species=species)
