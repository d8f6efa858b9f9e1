"""The expansion of averages and covariances in 1/N about the limit N → ∞, derived from the model alone.

⟨m⟩ = m + c_1/N + c_2/N² + …,  Σ_N = Σ + C_1/N + …,  and in powers of N^−½ where fluctuations start with a mean value.
"""

from __future__ import annotations

import functools

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import check_times, read_observables
from finite_n.model.model import Model
from finite_n.model.validation import check_array, check_whole
from finite_n.states.initial_state import as_initial_state
from meanfield.corrections.coefficients import Coefficients
from meanfield.corrections.hierarchy import Hierarchy, needed, slopes_needed
from meanfield.corrections.initial_moments import initial_moments
from meanfield.corrections.observables import Covariances, Observable, averages
from meanfield.corrections.patience import patient
from meanfield.corrections.result import Expansion
from meanfield.limit.driven import course_of, integrate_over, values_at

LARGEST, LEVELS = 16, 3  # letters, and levels of a particle, up to which the second order is the default
MOST = 48  # letters for which the first order is derived


class Corrections:
    """The next orders in 1/N.

    Parameters
    ----------
    model : Model
    order : 1 or 2: averages up to N^−order, covariances up to N^−(order − 1). Default: 2 up to 16 letters
        and three levels, else 1.

    With product states ρ_x^⊗N as a basis (their averages x a quasi-distribution), the generator is a series of
    derivatives with coefficients K^(q,w)(x) N^(1−q−w), which `coefficients` derives from the Hamiltonian, the local and
    the collective jumps: drift and noise, self-interaction and the order of operators, and operator-valued rates
    through Γ, Γ′, Γ″, …. To first order, for example,

        ċ_1 = Q c_1 + ½ f″:(Σ_x) + K^(1,1)(m),     Σ_x = Σ − (covariance of a product state).

    Nothing of the exact engines enters. ħ = 1. See `hierarchy` for the moment equations. For classical chains these are
    the expansions of N. Gast, L. Bortolussi, M. Tribastone, Perform. Eval. 129, 60 (2019).

    Raises FiniteNError for what is not a model, for a Γ without a Taylor series or with a derivative that jumps (see
    `patience`), where averages leave the domain of Γ, and for generators of more than 5 million terms (about seven
    levels in which everything is coupled).

    Example
    -------
    >>> from finite_n import CollectiveJumps, Model, mx
    >>> import qutip
    >>> model = Model(0.5 * mx, collective=[CollectiveJumps([qutip.sigmam()])])
    >>> expansion = Corrections(model).evolve([0, 0, 1], [0, 0.5, 1])
    >>> expansion.c1.round(4)
    array([[ 0.    ,  0.    ,  0.    ],
           [ 0.    ,  0.5378, -1.1014],
           [ 0.    ,  2.148 , -1.1784]])
    >>> expansion.mean("z", N=20).round(4)  # exact 0.7906, 0.2489; limit 0.8439, 0.3071
    array([1.    , 0.7907, 0.2485])
    """

    def __init__(self, model: Model, order: int | None = None):
        if not isinstance(model, Model):
            raise FiniteNError(f"corrections: got {shown(model)}; give a finite_n.Model.")
        self.model, self.space = model, model.space
        if self.space.size > MOST:
            raise FiniteNError(
                f"corrections: the model has {self.space.size} letters, and they are derived for {MOST} at most; "
                "take fewer species, modes or levels."
            )
        if order is None:
            few = all(s.dim <= LEVELS for s in self.space.species)
            order = 2 if few and self.space.size <= LARGEST else 1
        self.order = check_whole(order, "corrections: order", 1, 2)

    @functools.cached_property
    def coefficients(self) -> Coefficients:
        """K^(q,w) and their derivatives."""
        return Coefficients(self.model, self.order + 1, slopes_needed(2 * self.order))

    def evolve(self, rho0, tlist, e_ops=None, first_moments=None) -> Expansion:
        """Averages, covariances and observables from a clustering initial state.

        Parameters
        ----------
        rho0 : as for `Limit.evolve`
        tlist : array, shape (T,), T ≥ 2
        e_ops : dict or list of Polynomial, optional; the order of their factors counts from 1/N on
        first_moments : array, shape (n,), optional
            ⟨F⟩ at the first time in place of that of `rho0`, as for `Limit.evolve`: averages then begin at
            m_a + ⟨F_a⟩/(s_a √N), with s = √f_s of species and 1 of modes.

        Returns
        -------
        Expansion
        """
        times = check_times(tlist)
        labels, polynomials = read_observables(e_ops, self.model)
        start = as_initial_state(rho0, self.model)
        m, _, first = start.limit()
        n, top = self.space.size, 2 * self.order
        if first_moments is not None:
            first = check_array(first_moments, "corrections: first_moments", (n,)) / self.space.scale
        keys = needed(top, odd=bool(np.any(first)))
        coefficients = self.coefficients
        hierarchy = Hierarchy(n, keys, coefficients.places)
        begin = np.concatenate([m, hierarchy.packed(initial_moments(start, keys, first))])

        def rhs(t, y):
            found = coefficients.at(y[:n], values_at(t))
            return np.concatenate([coefficients.tensor(found, (1, 0, 0)), hierarchy.flow(found, y[n:])])

        patiently = patient(rhs, self.model, start, times)
        y, evaluations = integrate_over(course_of(self.model, times), patiently, begin, times, "corrections")
        covariances = Covariances(self.space)
        observables = [Observable(p, self.space, top) for p in polynomials]
        means, seconds, values = [], [], []
        for row in y:
            moments = hierarchy.unpacked(row[n:])
            means.append(averages(row[:n], moments, top))
            seconds.append(covariances.series(means[-1], moments))
            values.append([o.series(row[:n], moments) for o in observables])
        return Expansion(
            times=times,
            means=np.moveaxis(means, 0, 1),
            covariances=np.moveaxis(seconds, 0, 1),
            labels=labels,
            expect=np.moveaxis(np.array(values).reshape(len(times), len(labels), top + 1), (0, 1, 2), (2, 0, 1)),
            space=self.space,
            stats={"evaluations": evaluations, "unknowns": len(begin)},
        )

    def __repr__(self):
        return f"Corrections to order {self.order} in 1/N of {self.model!r}"
