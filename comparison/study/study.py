"""A study: one model, one state, a ladder of sizes; exact numbers, claimed limits, verdicts."""

from __future__ import annotations

import dataclasses
import functools
import os
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from comparison.growing_ladder import GrowingLadder
from comparison.growth import BUDGET, SizeSequence, read_budget, read_largest
from comparison.ladder import Ladder
from comparison.point_store.store import PointStore
from comparison.referee.claim import Claim
from comparison.referee.claimed import Claimed, check_same, positions, read_claim, union
from comparison.referee.cumulant_witness import CumulantWitness
from comparison.referee.expansion import DerivedExpansion
from comparison.referee.extrapolation import FEWEST, check_power
from comparison.referee.fluctuation import Fluctuation, first_powers, kinds_of, read_fluctuations, variances
from comparison.referee.implied import Implied
from comparison.referee.implied_functions import check_limits, first_term
from comparison.referee.quantities import covariance_names, first_moment_names, mean_names
from comparison.referee.state_function import (
    AskedFunction,
    StateFunction,
    kinds_of_functions,
    read_state_functions,
)
from comparison.referee.witnesses import Closed
from comparison.study.checks import check_accuracy, check_names, check_observables, check_spec, read_claims
from comparison.study.fluctuation_values import Found, fluctuation_values, product_values
from comparison.study.particles import ParticlesAtN, ParticleSubject
from comparison.study.points import Point, StudyPoints, read_points
from comparison.study.result import StudyResult
from comparison.study.squeezed import SqueezedSubject
from comparison.study.state_function_values import state_function_values
from comparison.study.subject import ModelSubject
from finite_n.errors import FiniteNError, shown
from finite_n.model.bosonic_particle import BosonicParticle
from finite_n.model.inputs import check_times, read_observables
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.species import Space
from finite_n.model.validation import check_function, check_kind, check_number, check_progress, check_sizes
from finite_n.solvers.result import Result
from finite_n.systems.double_chain import DoubleChain

Progress = Callable[[int, float], None]


@dataclasses.dataclass
class Study:
    """What is to be compared.

    Parameters
    ----------
    model : Model, or BosonicParticle of which there are N that do not interact
    rho0 : State, Bloch vector or one-particle state; with several species or modes a dict of them and of Fields
        Must have a limit (product, coherent, …). Of a BosonicParticle Fields by name of the boson; of a
        site of `double_chain` with squeezing k the chain itself.
    tlist : times, shape (T,); those of claims that have times of their own are evolved and judged too, see `times`
    sizes : four or more increasing N, or "auto" (default): they are chosen while it runs, small ones first, until every
        verdict is settled or no larger size fits into `budget`, into memory or below `largest`; see
        `comparison.growing_ladder.GrowingLadder`
    claims : claims to judge beside the derived limit, which is always judged; theories at finite N are judged at every
        size, tables with sizes of their own at those, which are run too. What they say is read here, so that nothing is
        refused after the run.
    e_ops : dict of Polynomial, further observables (Hermitian)
    accuracy : asked of "confirmed", relative for quantities above 1. Default 1e-4.
    tol : of the exact evolution. Default 1e-9.
    power : of the expansion in N^−power, 1 or ½. Default: ½ if fluctuations start with a mean value, as with a field of
        amplitude of order one, since averages then have terms N^−½; else 1.
    name, spec : for the report and the provenance
    fluctuations : dict by name of fluctuations r·F that are looked at beyond their covariance, each a number for every
        letter of the model, a dict of numbers by label, or a `Fluctuation`. Default: none. By {"f": {"z": 1.0}} the
        quantities re_chi_f, im_chi_f, kappa3_f and kappa4_f are judged: ⟨e^{i r·F}⟩ and the third and fourth cumulants,
        of which every claimed limit with covariances states those of its Gaussian.
    state_functions : dict by name of functions of the state that are looked at, each a kind, such as "squeezing", or a
        `StateFunction`. Default: none. By {"S": StateFunction("entropy", of="light")} the quantity S is judged, the
        entropy of the mode; every claimed limit with all covariances states that of its Gaussian.
    operators : of a BosonicParticle, the Hermitian polynomials of its x and p, by name, whose averages and fluctuations
        are looked at
    cutoffs : highest Fock level of every mode by name, at all sizes. Default: chosen at every size for the tolerance.
    budget : seconds for sizes that are chosen automatically, a number or a text such as "2min". Default 60. Compiling
        does not count. No size is begun that is predicted to go beyond, and one that goes far beyond is stopped.
    largest : the largest size that may be chosen automatically. Default: none.
    """

    model: Model | BosonicParticle
    rho0: object
    tlist: Sequence[float]
    sizes: Sequence[int] | str = "auto"
    claims: Sequence[Claim] = ()
    e_ops: Mapping[str, Polynomial] | None = None
    accuracy: float = 1e-4
    tol: float = 1e-9
    power: float | None = None
    name: str = "study"
    spec: dict = dataclasses.field(default_factory=dict)
    cutoffs: Mapping[str, int] | None = None
    budget: float | str | None = None
    largest: int | None = None
    fluctuations: Mapping[str, Fluctuation | Sequence[float] | Mapping[str, float]] | None = None
    operators: Mapping[str, Polynomial] | None = None
    state_functions: Mapping[str, StateFunction | str] | None = None

    def __post_init__(self):
        self.tlist = check_times(self.tlist)
        self.tol = check_number(self.tol, "tolerance", 1e-13, 0.1)
        self.subject = self._read_subject()
        self.rho0 = self.subject.rho0
        self.claims = read_claims(self.claims)
        self._check_sizes()
        self.accuracy = check_number(self.accuracy, "accuracy", 0, 1, strict=True)
        check_kind(self.name, "study: name", str)
        check_spec(self.spec)
        check_accuracy(self.accuracy, self.tol)
        if self.power is None:
            self.power = self.subject.power
        check_power(self.power)
        labels = check_observables(self.e_ops, self.model)
        self.directions = read_fluctuations(self.fluctuations, self.space)
        self.functions = self._read_functions()
        of_fluctuations, of_state = {q for d in self.directions for q in d.quantities}, {f.name for f in self.functions}
        self._implied_names = of_fluctuations | of_state
        _ = self.derived  # refuses fluctuations that have no derived limit
        check_names(self.space, of_fluctuations, of_state, labels)
        for N in self.least_sizes:
            self.space.sizes(N)  # every species needs whole numbers
        self._read: dict[tuple, tuple[Claim, Claimed]] = {}
        self._read_claims()
        if self.functions:
            alone = self.expansion.note if self.expansion.coefficients is None else ""
            check_limits(self.functions, self.said(self.derived).values, self.times, alone)
        self.subject.check(self.least_sizes[-1], self.times, self.evolution)

    def _read_subject(self) -> ModelSubject | ParticleSubject:
        """Where exact numbers and limits come from."""
        if isinstance(self.model, BosonicParticle):
            kind = SqueezedSubject if isinstance(self.rho0, DoubleChain) else ParticleSubject
            return kind(self.model, self.rho0, self.operators, self.e_ops, self.cutoffs, self.tol)
        if not isinstance(self.model, Model):
            raise FiniteNError(f"study: model = {shown(self.model)}; give a finite_n.Model.")
        if self.operators is not None:
            raise FiniteNError("study: operators are of a BosonicParticle; give e_ops for further observables.")
        return ModelSubject(self.model, self.rho0, self.e_ops)

    def _read_functions(self) -> list[AskedFunction]:
        """Functions of the state, which are those of models."""
        if self.state_functions and not isinstance(self.subject, ModelSubject):
            raise FiniteNError("state functions: they are of models; of a BosonicParticle fluctuations are known.")
        return read_state_functions(self.state_functions, self.space)

    @functools.cached_property
    def implied(self) -> Implied:
        """What averages and covariances of claims say beyond themselves, at all `times`."""
        if not self.functions:
            return Implied(self.directions)
        known = (self.subject.symmetric(self.times), self.subject.first_moments(self.times))
        return Implied(self.directions, self.functions, self.space, *known)

    @property
    def space(self) -> Space:
        """Of the averages and fluctuations."""
        return self.subject.space

    def _check_sizes(self) -> None:
        self.largest = read_largest(self.largest)
        own = {N: c.name for c in self.claims if c.sizes is not None for N in c.sizes}
        if self.is_auto:
            if own:
                raise FiniteNError(
                    f"claim {shown(own[max(own)])}: it is a table at N = {shown(sorted(own))}, and the sizes of the "
                    "study are chosen automatically; give four or more, such as --sizes 10,20,40,80, to which those of "
                    "the claim are added."
                )
            self.budget = BUDGET if self.budget is None else read_budget(self.budget)
            self._sequence = SizeSequence(self.space, FEWEST, self.largest)
            return
        if isinstance(self.sizes, str):
            raise FiniteNError(
                f'sizes = {shown(self.sizes)}: give "auto", or numbers of particles such as [10, 20, 40].'
            )
        self.sizes = sorted({*check_sizes(self.sizes, FEWEST), *own})
        for what in ("budget", "largest"):
            if getattr(self, what) is not None:
                raise FiniteNError(
                    f"{what} = {shown(getattr(self, what))} is for sizes that are chosen automatically, and sizes "
                    f'{shown(self.sizes)} are given; leave {what} out, or give sizes = "auto".'
                )

    @property
    def is_auto(self) -> bool:
        """Whether sizes are chosen automatically."""
        return isinstance(self.sizes, str) and self.sizes == "auto"

    @property
    def least_sizes(self) -> list[int]:
        """The sizes that are sure to be needed: all that are given, or the smallest four that may be chosen."""
        return self._sequence.smallest(FEWEST) if self.is_auto else self.sizes

    def doubling_sizes(self, count: int) -> list[int]:
        """The sizes that are given, or the smallest that may be chosen and its doubles, `count` of them."""
        if not self.is_auto:
            return self.sizes
        return self._sequence.doubling(count)

    def may_run(self, N: int) -> bool:
        """Whether a size N is among those given, or among those that may be chosen."""
        return N in (self._sequence if self.is_auto else self.sizes)

    @property
    def quantities(self) -> list[str]:
        """Names of everything compared."""
        return [name for _, names in self.kinds for name in names]

    @property
    def kinds(self) -> list[tuple[str, list[str]]]:
        """Names by kind: averages, covariances, first moments of modes, fluctuations beyond, functions of the state,
        observables."""
        space = self.space
        return [
            ("averages", list(mean_names(space))),
            ("covariances", list(covariance_names(space))),
            # without an amplitude of order one they only repeat how averages go to their limit, as N^−½
            ("first moments", list(first_moment_names(space)) if self.power == 0.5 else []),
            *kinds_of(self.directions),
            *kinds_of_functions(self.functions),
            ("observables", read_observables(self.e_ops)[0]),
        ]

    @property
    def times(self) -> np.ndarray:
        """All times at which something is judged, shape (T,): `tlist` and the times of claims, increasing."""
        return union(self.tlist, self.claims)

    @property
    def last(self) -> int:
        """The place of the last time of `tlist` among all `times`; claims may have later ones."""
        return int(positions(self.tlist[-1:], self.times)[0])

    @property
    def powers(self) -> np.ndarray | None:
        """p of the first term N^−p of every quantity, and steps of those that follow, (Q, 2); None where it is `power`
        for all."""
        return first_powers(self.quantities, self.directions, self.power)

    @property
    def evolution(self) -> dict:
        """Options of every evolution."""
        states = bool(self.directions) or any(f.needs_states for f in self.functions)
        return {"tol": self.tol, "cutoffs": self.cutoffs, "keep_states": states}

    @functools.cached_property
    def limit_means(self) -> np.ndarray:
        """Mean-field averages at all `times`, shape (T, n)."""
        return self.subject.means(self.times)

    @functools.cached_property
    def expansion(self) -> DerivedExpansion:
        """How all quantities go with N at all `times`, derived from the model."""
        found = self.subject.expansion(self.times, self.quantities, self.power, self.claims, self.directions)
        if found.coefficients is not None:  # the limit of what averages and covariances imply
            limit = self.said(self.derived).values
            for i, q in enumerate(self.quantities):
                if q in self._implied_names:
                    found.coefficients[0, :, i] = limit.get(q, np.nan)  # refused in a moment where there is none
            for f in self.functions:
                first = first_term(f, self.quantities, found.coefficients, self.space)
                if first is not None:
                    found.coefficients[1, :, self.quantities.index(f.name)] = first
        return found

    def closed(self, sizes: Sequence[int]) -> Closed | None:
        """All quantities at all `times` and these sizes by a cumulant expansion of the model; None where there is none
        beside which the exact numbers are looked at."""
        if self._cumulants is None:
            return None
        return self._cumulants.at(sizes, self.expansion.coefficients[0])

    @functools.cached_property
    def _cumulants(self) -> CumulantWitness | None:
        return self.subject.cumulants(self.times, self.quantities, self.accuracy)

    @functools.cached_property
    def derived(self) -> Claim:
        """The limit that is derived from the model."""
        return self.subject.derived(self.directions)

    @property
    def all_claims(self) -> list[Claim]:
        """The derived limit, then the claims given."""
        return [self.derived, *self.claims]

    def limits(self) -> dict[str, dict[str, np.ndarray]]:
        """Values of every claimed limit, {claim: {quantity: (T,)}} over all `times`, nan where it says nothing; refuses
        what is not real, finite or known."""
        return {c.name: self.said(c).values for c in self.all_claims if not c.per_size}

    def _read_claims(self) -> None:
        """Refuse claims that cannot be judged."""
        for claim in self.claims:
            if claim.per_size:
                check_same(claim, {N: self.said(claim, N) for N in claim.among(self.least_sizes)})
            else:
                self.said(claim)

    def said(self, claim: Claim, N: int | None = None) -> Claimed:
        """What a claim says over all `times`, at N particles if it is a theory at finite N; read once."""
        times = self.times
        tlist = times if claim is self.derived else self.tlist
        key = (id(claim), N, times.tobytes())
        if key not in self._read:
            unheard = first_moment_names(self.space)
            read = read_claim(claim, times, tlist, self.quantities, N, unheard)
            derived = read.values if claim is self.derived else self.said(self.derived).values
            self._read[key] = (claim, self.implied.of(read, derived, claim))
        return self._read[key][1]

    def run(
        self,
        progress: Progress | None = None,
        keep: Callable[[StudyResult], None] | None = None,
        points: PointStore | StudyPoints | str | os.PathLike | None = None,
    ) -> StudyResult:
        """Evolve every size, then judge every claim.

        progress : function of N and the share of its evolution that is done; 1 only when the result of N is kept
        keep : function of the result so far, called after every size but the last, to store it; after every size that
            was chosen automatically
        points : PointStore, the path of its folder, or StudyPoints of this study, where every finished size is stored
            at once and found again by this study and others. Default: nothing is stored. The command line stores points
            in the user's cache: `PointStore()`.

        What is done is kept: interrupted (Ctrl-C), or stopped by an error after the first size, it returns the sizes
        before, and `interrupted` and `failure` of the result say why it ended. An error in the first size is raised;
        of an unexpected error in a later one the traceback is logged.
        """
        check_progress(progress)
        if keep is not None:
            check_function(keep, "keep", "a function of the result so far, or None")
        started = time.perf_counter()
        limits = self.limits()  # before the long work, so that nothing is lost to a claim that cannot be evaluated
        self._read_claims()
        _ = self.expansion  # seconds at most, which an interruption later would find in its way
        ladder = Ladder(self.sizes, FEWEST) if not self.is_auto else self._growing(limits)
        ladder.points = None if points is None else read_points(points, self)

        def so_far(interrupted: bool) -> StudyResult:
            seconds, growth = time.perf_counter() - started, ladder.growth if self.is_auto else None
            of_run = (interrupted, seconds, ladder.failure, growth)
            return self._result(ladder.results, limits, *of_run, points=ladder.points)

        def store(N: int) -> None:
            if keep is not None and (self.is_auto or N != self.sizes[-1]):
                keep(so_far(interrupted=True))

        options = self.evolution | {"progress": progress, "after": store, "keep": True, "read": self.point}
        try:
            self.subject.climb(ladder, self.times, **options)
        except KeyboardInterrupt:  # before the first size was done
            return so_far(interrupted=not ladder.is_complete)
        return so_far(ladder.interrupted)

    def point(self, result: Result | ParticlesAtN) -> Point:
        """What is kept of an exact result: its numbers, and the readings of fluctuations and of functions of the state,
        without its states."""
        found: Found = (
            state_function_values(result, self.functions, self.limit_means, self.rho0) if self.functions else {}
        )
        if self.directions:
            derived = variances(self.directions, self.said(self.derived).values)
            own = (self.times, self.tol, self.cutoffs)
            found |= fluctuation_values(result, self.directions, derived) | product_values(
                self.directions, lambda r: self.subject.product(result.N, own[0], r, *own[1:])
            )
        return Point(self.subject.without_states(result), found)

    def _result(self, done: Sequence[Point], limits: dict, *of_run, **more) -> StudyResult:
        beyond = {p.result.N: p.readings for p in done if p.readings}
        return StudyResult(self, [p.result for p in done], limits, *of_run, readings=beyond, **more)

    def _growing(self, limits: dict[str, dict[str, np.ndarray]]) -> GrowingLadder:
        """A ladder that grows until all that it can say is said."""

        def settled(points: list[Point]) -> bool:
            return self._result(points, limits, False, 0.0).settled

        def before(N: int) -> None:  # a theory that cannot be read at N ends the ladder there
            for claim in self.claims:
                if claim.per_size:
                    self.said(claim, N)

        return GrowingLadder(self._sequence, self.budget, FEWEST, settled, before, self.subject.cost)
