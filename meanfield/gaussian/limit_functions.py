"""Functions of the state as N → ∞, from the Gaussian state of the fluctuations: entropy, purity, negativity, Fisher
information, fidelity, squeezing."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy.linalg import block_diag
from scipy.special import entr

from finite_n.errors import FiniteNError
from finite_n.model.inputs import check_times, read_operator
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.species import Mode, Space, Species
from finite_n.model.squeezing import squeezing
from finite_n.states.initial_state import as_initial_state
from finite_n.states.particles import ProductState
from meanfield.gaussian.fidelity import averaged_root_fidelity
from meanfield.gaussian.states import bosonic_entropy, conditional, state_eigenvalues, symplectic_eigenvalues
from meanfield.limit.limit import Limit

PURE = 1e-8  # 1 − |m| below which a one-particle state counts as pure
SHORT = 1e-6  # |m| below which fluctuations of a species have no canonical pair
SAME = 1e-8  # of averages; where they differ, states become orthogonal
_DARK = 1e-6  # photons, below which g²(0) is not defined; as of `finite_n.g2_zero`


@dataclasses.dataclass(frozen=True)
class GaussianLimit:
    """Functions of the state of N particles and modes as N → ∞, at T times: each is an array (T,), nan where no limit
    is derived.

    Fluctuations of two-level particles with averages m are a canonical pair across m, [F_1, F_2] = 2i|m|, and a
    classical variable along m, the length J of the spin, which every function of ρ = ⊕ ρ_J ⊗ 1/d_J knows. So the state
    for a given J is a Gaussian one with the conditional covariance (2k, 2k) of the pairs. Particles in pure states that
    never jump alone stay on J = N_s/2, where there is no such variable. Where a one-particle state is pure although
    particles jump alone, the distribution of N_s/2 − J is not Gaussian, and there is no value but at the first time.

    space : species of two levels, and modes
    means, first_moments : (T, n), as of `LimitResult`
    covariance : (T, n, n), as of `LimitResult`
    symmetric : (T, S), where each of S species is known to be on J = N_s/2
    """

    space: Space
    means: np.ndarray
    covariance: np.ndarray
    first_moments: np.ndarray
    symmetric: np.ndarray

    @classmethod
    def of(cls, model: Model, rho0, tlist) -> GaussianLimit:
        """The limit of a model from an initial state rho0, as `Limit.evolve` takes it, at times tlist (T,).

        Raises FiniteNError for particles of more than two levels, and for modes that start in a number state, whose
        fluctuations are not Gaussian.

        Example
        -------
        >>> from finite_n import Model, coherent, mz
        >>> limit = GaussianLimit.of(Model(mz * mz), coherent(1.5707963267949), [0, 0.1])
        >>> limit.squeezing().round(6), limit.pair_negativity_times_N().round(6)
        (array([1.      , 0.672078]), array([0.      , 0.163961]))
        """
        space, start, times = model.space, as_initial_state(rho0, model), check_times(tlist)
        for name in start.number_states:
            raise FiniteNError(f"functions of the state: mode {name} starts in a number state, which is not Gaussian.")
        found = Limit(model).evolve(start, times)
        return cls(space, found.means, found.covariance, found.first_moments, symmetric_species(model, start, times))

    def __post_init__(self):
        if large := next((s for s in self.space.species if s.dim != 2), None):
            raise FiniteNError(f"functions of the state: {large} has {large.dim} levels; only two are supported.")

    def squeezing(self, species: Species | str | None = None) -> np.ndarray:
        """Wineland's ξ² = min nᵀΣn/|m|², n ⊥ m, of a species, the only one by default, (T,); see
        `finite_n.model.squeezing`."""
        return squeezing(self.means, self.covariance, self.space, species)

    def entropy_per_particle(self, of=None) -> np.ndarray:
        """−tr ρ₁ ln ρ₁ of the one-particle state; of several species the mean value over their particles,
        (T,).

        of : species or modes, one or several, by default all; modes add nothing
        """
        species = [o for o in self._parts(of) if isinstance(o, Species)]
        if not species:
            raise FiniteNError("entropy per particle: give a species; of modes take the entropy itself.")
        weights = np.array([float(s.fraction) for s in species])
        half = [np.linalg.norm(self.means[:, self.space.part(s)], axis=1) / 2 for s in species]
        each = [entr(np.clip(0.5 + h, 0, 1)) + entr(np.clip(0.5 - h, 0, 1)) for h in half]
        return weights @ each / weights.sum()

    def entropy(self, of=None) -> np.ndarray:
        """Von Neumann entropy Σ_k g(2ν_k) in nats, (T,); nan with species that do not stay on J = N_s/2, whose entropy
        grows with N.

        of : modes or species, one or several, by default all; the others are traced out
        """
        return self._of_eigenvalues(of, lambda nu: float(bosonic_entropy(2 * nu).sum()))

    def purity(self, of=None) -> np.ndarray:
        """Tr ρ² = Π 1/(2ν_k), (T,); of : as of `entropy`."""
        return self._of_eigenvalues(of, lambda nu: float(np.prod(0.5 / nu)))

    def negativity(self, first, second=None) -> np.ndarray:
        """(‖ρ^{T_A}‖₁ − 1)/2 = ½(Π max(1, 1/(2ν̃_k)) − 1) between two parts for given J, (T,); all else is traced out.

        first, second : each a species or mode, or several; the second by default all that is not in the first
        """
        one = self._parts(first)
        other = [o for o in self.space.owners if o not in one] if second is None else self._parts(second)
        if not other or set(one) & set(other):
            raise FiniteNError("negativity: the two parts must be different species or modes.")
        flip = np.array([1.0, -1.0] * len(one) + [1.0, 1.0] * len(other))

        def value(V: np.ndarray) -> float:
            nu = symplectic_eigenvalues(flip[:, None] * V * flip)
            return (float(np.prod(np.maximum(1.0, 0.5 / nu))) - 1) / 2

        return self._each(lambda t: self._of_state(t, one + other, value))

    def pair_negativity_times_N(self, species: Species | str | None = None) -> np.ndarray:
        """N_s (‖ρ₂^{T_A}‖₁ − 1)/2 of two particles of a species, (T,): max(0, ½(1 − ξ²)) on J = N_s/2; 0 where the
        one-particle state is mixed."""
        owner = self.space.species_of(species)
        at, xi = self.space.species.index(owner), self.squeezing(owner)
        mixed = 1 - np.linalg.norm(self.means[:, self.space.part(owner)], axis=1) > PURE
        return np.where(self.symmetric[:, at], np.maximum(0.0, (1 - xi) / 2), np.where(mixed, 0.0, np.nan))

    def fisher_information_per_particle(self, generator: Polynomial) -> np.ndarray:
        """F/N of e^{−iφG}, G = N g(m): dᵀV⁻¹d, d = −i⟨[F, G]⟩/√N the shift of the pairs, V their covariance
        for given J, (T,).

        generator : g, a Hermitian polynomial of averages and modes
        """
        g = read_operator(generator, "generator", self)
        partials = g.partials(self.space.letters)

        def value(t: int) -> float:
            m, scale = self.means[t], self.space.scale
            sigma = np.outer(scale, scale) * np.real(-1j * self.space.bracket_values(m))
            at = dict(zip(self.space.letters, m, strict=True))
            slopes = np.real([p.value(at) for p in partials])
            d = sigma @ (slopes / scale)
            return self._of_state(t, self.space.owners, lambda V, T: float(T @ d @ np.linalg.solve(V, T @ d)), True)

        return self._each(value)

    def fidelity(self, other: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None) -> np.ndarray:
        """Uhlmann's fidelity with a state, (T,): 0 where averages differ, else that of the Gaussian states.

        other : averages (n,), covariance (n, n) and first moments (n,) of a state with a limit, such as those of this
            limit at its first time. Default: at every time the product state with the averages of the limit, particles
            ½(1 + m·σ), coherent modes of amplitude √N (m_φ + i m_π)/√2.
        """

        def value(t: int) -> float:
            if other is not None and np.abs(self.means[t] - other[0]).max() > SAME:
                return 0.0
            found = self._pairs(t, self.space.owners)
            if found is None:
                return np.nan
            T, C = found
            product = block_diag(*self._products(t), *[np.eye(2) / 2] * len(self.space.modes))
            covariance, shift = (product, 0.0) if other is None else other[1:]
            first, covariances = self.first_moments[t] - shift, (self.covariance[t], covariance)
            V, K = zip(*(conditional(x, T, C) for x in covariances), strict=True)
            return averaged_root_fidelity((T @ first, C @ first), V, K, [C @ x @ C.T for x in covariances]) ** 2

        return self._each(value)

    def g2_zero(self, mode: Mode | str | None = None) -> np.ndarray:
        """⟨b†b†bb⟩/⟨b†b⟩² of a mode, the only one by default, (T,): 1 with an amplitude of order √N, else that of a
        Gaussian state; nan without light."""
        modes = self.space.modes
        if mode is None and len(modes) != 1:
            raise FiniteNError("g2 of a mode: say which." if modes else "g2 of a mode: the model has none.")
        owner = self._parts(modes[0] if mode is None else mode)[0]
        if not isinstance(owner, Mode):
            raise FiniteNError(f"g2 of a mode: {owner} is none.")
        part = self.space.part(owner)
        m, V, first = self.means[:, part], self.covariance[:, part, part], self.first_moments[:, part]
        beta2 = (first[:, 0] + 1j * first[:, 1]) ** 2 / 2
        n, M = (V[:, 0, 0] + V[:, 1, 1] - 1) / 2, (V[:, 0, 0] - V[:, 1, 1]) / 2 + 1j * V[:, 0, 1]
        shifted = np.abs(beta2)
        four = shifted**2 + 4 * shifted * n + 2 * np.real(beta2.conj() * M) + 2 * n**2 + np.abs(M) ** 2
        found = np.divide(four, (n + shifted) ** 2, out=np.full(len(n), np.nan), where=n + shifted > _DARK)
        return np.where(np.linalg.norm(m, axis=1) > PURE, 1.0, found)

    def _parts(self, given) -> list[Species | Mode]:
        return list(self.space.owners) if given is None else self.space.owners_of(given, "parts of the state")

    def _products(self, t: int) -> list[np.ndarray]:
        """Covariances 1 − mmᵀ of products of particles; |m| times those of m/|m| on J = N_s/2, where m may be rounded
        and the product is pure all the same: fidelities go with the root of what is lacking."""
        out = []
        for k, s in enumerate(self.space.species):
            m = self.means[t, self.space.part(s)]
            length = np.linalg.norm(m)
            known = self.symmetric[t, k]
            out.append(length * np.eye(3) - np.outer(m, m) / length if known else np.eye(3) - np.outer(m, m))
        return out

    def _each(self, value) -> np.ndarray:
        return np.array([value(t) for t in range(len(self.means))], float)

    def _of_eigenvalues(self, of, value) -> np.ndarray:
        parts = self._parts(of)
        rows = [self.space.species.index(o) for o in parts if isinstance(o, Species)]

        def at(t: int) -> float:
            if not np.all(self.symmetric[t, rows]):
                return np.nan
            return self._of_state(t, parts, lambda V: value(state_eigenvalues(V)))

        return self._each(at)

    def _of_state(self, t: int, parts: Sequence[Species | Mode], value, with_rows: bool = False) -> float:
        """A function of the covariance of the canonical pairs of some parts, for given J."""
        found = self._pairs(t, parts)
        if found is None:
            return np.nan
        T, C = found
        V = conditional(self.covariance[t], T, C)[0]
        state_eigenvalues(V)  # refuses what is no state
        return value(V, T) if with_rows else value(V)

    def _pairs(self, t: int, parts: Sequence[Species | Mode]) -> tuple[np.ndarray, np.ndarray] | None:
        """Rows that give canonical pairs, (2k, n), and classical variables, (c, n), of some parts; None where there are
        none."""
        pairs, classical, n = [], [], self.space.size
        for owner in parts:
            part, rows = self.space.part(owner), np.zeros((3, n))
            if isinstance(owner, Mode):
                rows[:2, part] = np.eye(2)
            else:
                m = self.means[t, part]
                length, known = np.linalg.norm(m), self.symmetric[t, self.space.species.index(owner)]
                if length < SHORT or (1 - length <= PURE and not known):
                    return None
                along = m / length
                across = np.linalg.svd(along[None])[2][1:]
                across[1] *= np.sign(np.linalg.det([*across, along]))
                rows[:2, part], rows[2, part] = across / np.sqrt(2 * length), along
                classical += [] if known else [rows[2]]
            pairs += [rows[0], rows[1]]
        return np.array(pairs), np.array(classical).reshape(-1, n)


def symmetric_species(model: Model, start, times: np.ndarray) -> np.ndarray:
    """Where every species is known to be on J = N_s/2, (T, number of species): pure product states whose particles
    never jump alone, and all pure product states at the first time."""
    jumping = {model.species_of(jump) for jump in model.jumps}
    out = np.zeros((len(times), len(model.species)), bool)
    for k, s in enumerate(model.species):
        part = start.parts[s.name]
        if isinstance(part, ProductState) and s.dim == 2 and 1 - np.linalg.norm(part.bloch) <= PURE:
            out[: 1 if s in jumping else None, k] = True
    return out
