"""The map of fluctuations, Φ_t[W(r)] = e^{−½ r·Y_t r} W(X_tᵀr): how the Gaussian dynamics of the limit acts on Weyl
operators."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from scipy.special import eval_laguerre

from finite_n.errors import FiniteNError
from finite_n.model.bosonic_particle import BosonicParticle, OperatorSpace
from finite_n.model.inputs import check_times
from finite_n.model.polynomial import Polynomial
from finite_n.model.species import Space
from finite_n.model.validation import check_array
from finite_n.states.initial_state import as_initial_state
from meanfield.limit.limit import Limit
from meanfield.limit.particle_map import particle_map
from meanfield.limit.propagators import propagators


@dataclasses.dataclass(repr=False)
class FluctuationMap:
    """X and Y at T times for n letters, with Σ_t = X Σ Xᵀ + Y and ⟨F⟩_t = X ⟨F⟩.

    times (T,); means (T, n): m(t); X, Y: (T, n, n); covariance, symplectic: Σ and σ of the start, (n, n); space;
    number_states: n of the modes that start in a number state, which is not Gaussian, by name.
    """

    times: np.ndarray
    means: np.ndarray
    X: np.ndarray
    Y: np.ndarray
    covariance: np.ndarray
    symplectic: np.ndarray
    space: Space
    number_states: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def three_point(self, r) -> np.ndarray:
        """Ω(W(r_1) Φ_t[W(r)] W(r_2)) in the state Ω of the start, complex (T,): the limit of
        `finite_n.weyl_three_point`, of particles made of bosons that of `three_point_function`. For Gaussian Ω

            e^{−½ r·Yr} e^{−½ v·Σv} e^{−(i/2)(r_1·σs + r_1·σr_2 + s·σr_2)},   s = Xᵀr,  v = r_1 + s + r_2,

        by W(r)W(r′) = W(r + r′) e^{−(i/2) r·σr′}; a mode in a number state n has e^{−u/2} L_n(u), u = |v|²/2 of its v,
        in place of e^{−(n + ½)u}. r : (r_1, r, r_2), shape (3, n)
        """
        r = check_array(r, "r", wanted="three lists of numbers (r_1, r, r_2)")
        if r.shape != (3, self.space.size):
            labels = ", ".join(self.space.labels)
            raise FiniteNError(f"r: got shape {r.shape}; give (r_1, r, r_2) with a number for each of {labels}.")
        first, now, second = r
        s = now @ self.X  # (T, n)
        v = first + s + second
        sigma = self.symplectic
        phase = s @ (sigma.T @ first) + first @ sigma @ second + s @ (sigma @ second)
        damped = np.einsum("a,tab,b->t", now, self.Y, now) + np.einsum("ta,ab,tb->t", v, self.covariance, v)
        found = np.exp(-0.5 * damped - 0.5j * phase)
        for name, n in self.number_states.items():
            u = (v[:, self.space.part(name)] ** 2).sum(axis=1) / 2
            found = found * np.exp(n * u) * eval_laguerre(n, u)
        return found

    def __repr__(self):
        return f"Map of {self.space.size} fluctuations at {len(self.times)} times to {self.times[-1]:g}"


def fluctuation_map(model, rho0, tlist, operators: Mapping[str, Polynomial] | None = None) -> FluctuationMap:
    """Integrate Ẋ = Q̃X, Ẏ = Q̃Y + YQ̃ᵀ + 𝒟 along m(t), from X = 1, Y = 0.

    Parameters
    ----------
    model : Model or BosonicParticle
    rho0 : as for `Limit.evolve`; of a particle made of bosons as for `finite_n.evolve_particle`
    tlist : array, shape (T,)
    operators : dict of Polynomial
        Of a particle made of bosons, as for `finite_n.evolve_particle`: the X_a whose fluctuations are mapped. One
        particle's dynamics must lead from them to combinations of them and 1.

    Returns
    -------
    FluctuationMap

    Raises FiniteNError as `Limit.evolve` does, and for operators that are not closed under the dynamics. Where averages
    move, the map of t + s is not that of s followed by that of t, since it depends on the state that it starts from
    (Benatti et al. 2016, section 3.2; Fiorelli 2024, Theorem 2).

    Example
    -------
    >>> from finite_n.systems import hopfield
    >>> r = [[0.2, 0, 0.4], [0.2, 0.5, 0.6], [0, 0.3, -0.3]]
    >>> fluctuation_map(hopfield(0.3, 0.8), [0, 0.3, 0.4], [0, 1.5]).three_point(r).round(7)
    array([0.5968526-0.0671284j, 0.542953 -0.0549584j])
    """
    times = check_times(tlist)
    if isinstance(model, BosonicParticle):
        return FluctuationMap(times, *particle_map(model, rho0, times, operators), OperatorSpace(list(operators)))
    if operators is not None:
        raise FiniteNError("fluctuation map: operators are of a finite_n.BosonicParticle; a model has its letters.")
    limit = Limit(model)
    state = as_initial_state(rho0, model)
    m, covariance, _ = state.limit()
    means, x, noise = propagators(limit, m, times, "map of fluctuations", noise=True)
    arguments = (times, means, x, noise, covariance, limit.symplectic(m), model.space, state.number_states)
    return FluctuationMap(*arguments)
