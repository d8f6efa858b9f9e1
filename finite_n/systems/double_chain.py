"""Two chains of N independent oscillators in one bath (Benatti et al. 2017): a site, its Gibbs state, fluctuations."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.bosonic_particle import Boson, BosonicParticle
from finite_n.model.inputs import check_times
from finite_n.model.polynomial import Polynomial
from finite_n.model.validation import check_number, check_size
from finite_n.states.mode import Field

_LARGEST = 1e6
_SQUEEZED = (-50.0, 50.0)
_MOST = 1_000_000  # sites
FIRST, SECOND = Boson("first"), Boson("second")  # the two oscillators of a site


@dataclasses.dataclass(frozen=True)
class DoubleChain:
    """What `double_chain` returns.

    T, omega, coupling, k; particle: one site, a `BosonicParticle` of the bosons first and second; gibbs: its stationary
    state at temperature T, Fields by name; operators: X1 … X6, whose fluctuations are the paper's three modes.
    """

    T: float
    omega: float
    coupling: float
    k: float = 0.0

    @property
    def gamma(self) -> float:
        """γ = e^{−ω/T} (eq. 45)."""
        return float(np.exp(-self.omega / self.T))

    @property
    def eta(self) -> float:
        """η = tanh(ω/2T) (eq. 15)."""
        return float(np.tanh(self.omega / (2 * self.T)))

    @property
    def kossakowski(self) -> np.ndarray:
        """C of V = (x_1, p_1, x_2, p_2), eqs. 44 and 45: ρ̇ ∋ Σ C_αβ (V_β ρ V_α − ½{V_α V_β, ρ})."""
        a = (1 + self.gamma) / 2 * np.array([[1, 1j * self.eta], [-1j * self.eta, 1]])
        return np.kron([[1, self.coupling], [self.coupling, 1]], a)

    @property
    def particle(self) -> BosonicParticle:
        """One site: H = (ω/2) Σ_α (x_α² + p_α²), eq. 2, and the dissipator of eq. 43."""
        h = sum((b.x**2 + b.p**2 for b in (FIRST, SECOND)), Polynomial({})) * (self.omega / 2)
        jumps = [FIRST.x, FIRST.p, SECOND.x, SECOND.p]
        return BosonicParticle([FIRST, SECOND], h, jumps, self.kossakowski, name="double chain")

    @property
    def gibbs(self) -> dict[str, Field]:
        """exp(−H/T)/Z of one site (eq. 5): thermal with mean number γ/(1 − γ)."""
        n = self.gamma / (1 - self.gamma)
        return {b.name: Field(thermal=n) for b in (FIRST, SECOND)}

    @property
    def operators(self) -> dict[str, Polynomial]:
        """X1 … X6 of eq. 23, with √(η/2) in X5 and X6.

        Eq. 23 prints √(2/η) there. The symplectic form of eq. 32, the covariance of eq. 27 and the generator of eq. 53
        hold with √(η/2) only: with √(2/η), σ_56 would be (2/η)² and not 1.
        """
        one, mixed = np.sqrt(self.eta) / 2, np.sqrt(self.eta / 2)
        x1, p1, x2, p2 = FIRST.x, FIRST.p, SECOND.x, SECOND.p
        return {
            "X1": one * (x1**2 - p1**2),
            "X2": one * (x1 * p1 + p1 * x1),
            "X3": one * (x2**2 - p2**2),
            "X4": one * (x2 * p2 + p2 * x2),
            "X5": mixed * (x1 * x2 - p1 * p2),
            "X6": mixed * (x1 * p2 + p1 * x2),
        }

    def squeezed_covariance(self, k: float | None = None) -> np.ndarray:
        """Σ of the six fluctuations in the mesoscopic Gibbs state, its first two modes squeezed (eq. 69), N → ∞.

        (1 + η²)/(4η) diag(e^{4k}, e^{−4k}, e^{4k}, e^{−4k}, 1, 1), shape (6, 6), by default with k of the chain. As
        eqs. 67 and 68 are printed, with S = exp(ik(XP + PX)) and Sρ S†, it belongs to −k.
        """
        k = self.k if k is None else check_number(k, "squeezing k", *_SQUEEZED)
        return (1 + self.eta**2) / (4 * self.eta) * np.diag(np.exp([4 * k, -4 * k, 4 * k, -4 * k, 0, 0]))

    def limit_covariance(self, tlist: Sequence[float]) -> np.ndarray:
        """Σ of the six fluctuations, N → ∞, from the Gibbs state squeezed by k at tlist[0], (T, 6, 6)."""
        from finite_n.systems.squeezed_chains import limit_covariance  # models are written without scipy

        times = check_times(tlist)
        return limit_covariance(self, self.k, times - times[0])

    def fluctuation_products(self, N: int, tlist: Sequence[float]) -> np.ndarray:
        """⟨F_a F_b⟩ of the six fluctuations of N sites, exact at every N, complex (T, 6, 6): the real part is Σ, twice
        the imaginary part −i⟨[F_a, F_b]⟩, as `meanfield.entanglement_witness` takes them.

        At tlist[0] each chain is in its Gibbs state and squeezed by k along the ladder of its collective a², which all
        sites share; for N → ∞ that is the squeezing of eq. 68. The sites evolve independently.

        N : number of sites, up to 1 000 000; tlist : array, shape (T,). Raises FiniteNError where 163 840 levels of
        the ladder do not hold the start, as for |k| = 3.
        """
        from finite_n.systems.squeezed_chains import products_later  # models are written without scipy

        N, times = check_size(N), check_times(tlist)
        if N > _MOST:
            raise FiniteNError(f"double chain: N = {N}; give up to {_MOST} sites, or take limit_covariance.")
        return products_later(self, N, self.k, times - times[0])


def double_chain(T: float = 0.5, omega: float = 1.0, coupling: float = 0.9, k: float = 0.0) -> DoubleChain:
    """Two chains of N oscillators each, site by site in one bath (Benatti et al. 2017, eqs. 2, 5, 23, 43 to 45).

    Every site holds two oscillators of frequency ω, alike and without interaction, which the bath of temperature T
    couples with strength λ: a_± = (a_1 ± a_2)/√2 are lost at rate 1 ± λ and gained at rate γ(1 ± λ), γ = e^{−ω/T}.

    Parameters
    ----------
    T : temperature, above ω/200 and below 100 ω
    omega : ω, above 0
    coupling : λ, from −1 to 1
    k : squeezing of the first two modes of fluctuations at the start (eq. 69), default 0, the Gibbs state: all sites of
        a chain together, so that there is no start of one site

    Returns
    -------
    DoubleChain : for `evolve_particle(chain.particle, chain.gibbs, tlist, chain.operators)`, and with k for
        `chain.fluctuation_products(N, tlist)` and `chain.limit_covariance(tlist)`

    Example
    -------
    >>> chain = double_chain(T=0.5, coupling=0.9)
    >>> chain.eta.__round__(6), chain.gibbs["first"].thermal.__round__(6)
    (0.761594, 0.156518)
    """
    omega = check_number(omega, "double chain: omega", 0, _LARGEST, strict=True)
    T = check_number(T, "double chain: T", omega / 200, 100 * omega)
    if not -1 <= check_number(coupling, "double chain: coupling", -_LARGEST, _LARGEST) <= 1:
        raise FiniteNError(
            f"double chain: coupling = {shown(coupling)}; C is positive for λ from −1 to 1 only (eq. 45), so give a "
            "number between them."
        )
    return DoubleChain(T, omega, float(coupling), check_number(k, "double chain: squeezing k", *_SQUEEZED))
