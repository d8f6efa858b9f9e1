"""A study: one model, one state, a ladder of sizes; exact numbers, claimed limits, verdicts."""

from __future__ import annotations

import dataclasses
import functools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version

import numpy as np
import xarray as xr

from comparison.ladder import Ladder
from comparison.referee.claim import Claim, derived_claim
from comparison.referee.extrapolation import FEWEST, Extrapolation, check_power, extrapolate, rate
from comparison.referee.quantities import covariance_names, first_moment_names, mean_names, named_quantities
from comparison.referee.verdict import Verdict, judge
from comparison.results_folder.identity import digest, identity
from finite_n.errors import FiniteNError, in_words, shortened, shown
from finite_n.model.inputs import check_times, read_observables
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.validation import check_array, check_function, check_kind, check_number, check_progress, check_sizes
from finite_n.solvers.evolve import check_evolution_memory
from finite_n.solvers.result import Result
from finite_n.states.initial_state import as_initial_state
from meanfield import Limit

Progress = Callable[[int, float], None]


@dataclasses.dataclass
class Study:
    """What is to be compared.

    Parameters
    ----------
    model : Model
    rho0 : State, Bloch vector or one-particle state; with several species or modes a dict of them and of Fields
        Must have a limit (product, coherent, …).
    tlist : times, shape (T,)
    sizes : four or more increasing N
    claims : claims to judge beside the derived limit, which is always judged
    e_ops : dict of Polynomial, further observables (Hermitian)
    accuracy : asked of "confirmed", relative for quantities above 1. Default 1e-4.
    tol : of the exact evolution. Default 1e-9.
    power : of the expansion in N^−power, 1 or ½. Default: ½ if fluctuations start with a mean value, as with a field of
        amplitude of order one, since averages then have terms N^−½; else 1.
    name, spec : for the report and the provenance
    cutoffs : highest Fock level of every mode by name, at all sizes. Default: chosen at every size for the tolerance.
    """

    model: Model
    rho0: object
    tlist: Sequence[float]
    sizes: Sequence[int]
    claims: Sequence[Claim] = ()
    e_ops: Mapping[str, Polynomial] | None = None
    accuracy: float = 1e-4
    tol: float = 1e-9
    power: float | None = None
    name: str = "study"
    spec: dict = dataclasses.field(default_factory=dict)
    cutoffs: Mapping[str, int] | None = None

    def __post_init__(self):
        self.tlist = check_times(self.tlist)
        if not isinstance(self.model, Model):
            raise FiniteNError(f"study: model = {shown(self.model)}; give a finite_n.Model.")
        self.rho0 = as_initial_state(self.rho0, self.model)
        self.claims = [self.claims] if isinstance(self.claims, Claim) else self.claims
        if not isinstance(self.claims, list | tuple) or any(not isinstance(c, Claim) for c in self.claims):
            raise FiniteNError(f"claims = {shown(self.claims)}: give a list of Claim objects.")
        self.sizes = check_sizes(self.sizes, FEWEST)
        self.accuracy = check_number(self.accuracy, "accuracy", 0, 1, strict=True)
        self.tol = check_number(self.tol, "tolerance", 1e-13, 0.1)
        check_kind(self.name, "study: name", str)
        check_kind(self.spec, "study: spec", dict)
        try:
            json.dumps(self.spec)
        except (TypeError, ValueError, RecursionError) as error:
            raise FiniteNError(
                f"study: spec = {shown(self.spec)} is stored as JSON, and {in_words(error).rstrip('.')}; give "
                "numbers, texts, lists and dicts."
            ) from None
        if not 100 * self.tol <= self.accuracy:
            raise FiniteNError(
                f"accuracy = {self.accuracy:g} with tolerance {self.tol:g}: extrapolation multiplies the tolerance, "
                f"so ask for an accuracy of {100 * self.tol:g} or more, or lower the tolerance."
            )
        if self.power is None:
            self.power = 0.5 if np.any(self.rho0.limit()[2]) else 1.0
        check_power(self.power)
        labels, polynomials = read_observables(self.e_ops, self.model)
        for label, p in zip(labels, polynomials, strict=True):
            if p.non_hermitian_part().words:
                raise FiniteNError(f"observable {label} = {p}: not Hermitian; symmetrise it, so that its mean is real.")
        space = self.model.space
        if taken := set(labels) & {*mean_names(space), *covariance_names(space), *first_moment_names(space)}:
            raise FiniteNError(
                f"observable name {min(taken)}: it is already a quantity of every study; choose another."
            )
        names = ["derived", *(c.name for c in self.claims)]
        if len(set(names)) < len(names):
            raise FiniteNError(
                f"claim {shown(max(names, key=names.count))}: the name is taken; 'derived' is the derived limit."
            )
        self.rho0.limit()  # refuses early what has no limit
        for N in self.sizes:
            space.sizes(N)  # every species needs whole numbers
        options = {"tlist": self.tlist, "tol": self.tol, "cutoffs": self.cutoffs}
        check_evolution_memory(self.model, self.sizes[-1], self.rho0, self.e_ops, **options)

    @property
    def quantities(self) -> list[str]:
        """Names of everything compared."""
        return [name for _, names in self.kinds for name in names]

    @property
    def kinds(self) -> list[tuple[str, list[str]]]:
        """Names by kind: averages, covariances, first moments of modes, observables."""
        space = self.model.space
        return [
            ("averages", list(mean_names(space))),
            ("covariances", list(covariance_names(space))),
            # without an amplitude of order one they only repeat how averages go to their limit, as N^−½
            ("first moments", list(first_moment_names(space)) if self.power == 0.5 else []),
            ("observables", read_observables(self.e_ops)[0]),
        ]

    @functools.cached_property
    def limit_means(self) -> np.ndarray:
        """Mean-field averages, shape (T, n)."""
        return Limit(self.model).evolve(self.rho0, self.tlist).means

    @property
    def all_claims(self) -> list[Claim]:
        """The derived limit, then the claims given."""
        return [derived_claim(self.model, self.rho0, self.e_ops), *self.claims]

    def limits(self) -> dict[str, dict[str, np.ndarray]]:
        """Values of every claim at every time, {claim: {quantity: (T,)}}; refuses what is not real, finite or known."""
        return {c.name: self._read(c) for c in self.all_claims}

    def _read(self, claim: Claim) -> dict[str, np.ndarray]:
        times = self.tlist
        try:
            given = claim.values(times)
        except FiniteNError:
            raise
        except Exception as error:  # the user's own function
            raise FiniteNError(
                f"claim {shown(claim.name)}: values(times) failed with {type(error).__name__}, "
                f"{shortened(str(error), 120)}."
            ) from error
        return self.read_values(claim.name, given)

    def read_values(self, name: str, given: Mapping) -> dict[str, np.ndarray]:
        """Values of a claim, {quantity: (T,)}, as float arrays; refuses unknown quantities and what is not real and
        finite."""
        out, quantities = {}, self.quantities
        if not isinstance(given, Mapping):
            raise FiniteNError(
                f"claim {shown(name)}: its values are {shown(given)}; give a dict of arrays by quantity."
            )
        for q, values in given.items():
            if not isinstance(q, str) or q not in quantities:
                if isinstance(q, str) and q in first_moment_names(self.model.space):
                    continue
                raise FiniteNError(
                    f"claim {shown(name)}: unknown quantity {shown(q)}; known are {', '.join(quantities)}."
                )
            out[q] = check_array(values, f"claim {shown(name)}: {q}, one for each time,", self.tlist.shape)
        return out

    def run(self, progress: Progress | None = None, keep: Callable[[StudyResult], None] | None = None) -> StudyResult:
        """Evolve every size, then judge every claim.

        progress : function of N and the share of its evolution that is done; 1 only when the result of N is kept
        keep : function of the result so far, called after every size but the last, to store it

        What is done is kept: interrupted (Ctrl-C), or stopped by an error after the first size, it returns the sizes
        before, and `interrupted` and `failure` of the result say why it ended. An error in the first size is raised;
        of an unexpected error in a later one the traceback is logged.
        """
        check_progress(progress)
        if keep is not None:
            check_function(keep, "keep", "a function of the result so far, or None")
        started = time.perf_counter()
        limits = self.limits()  # before the long work, so that nothing is lost to a claim that cannot be evaluated
        ladder = Ladder(self.sizes, FEWEST)

        def so_far(interrupted: bool) -> StudyResult:
            seconds = time.perf_counter() - started
            return StudyResult(self, ladder.results[:], limits, interrupted, seconds, ladder.failure)

        def store(N: int) -> None:
            if keep is not None and N != self.sizes[-1]:
                keep(so_far(interrupted=True))

        options = {"tol": self.tol, "cutoffs": self.cutoffs, "progress": progress, "after": store, "keep": True}
        try:
            ladder.evolve(self.model, self.rho0, self.tlist, self.e_ops, **options)
        except KeyboardInterrupt:  # before the first size was done
            return so_far(interrupted=len(ladder.results) < len(self.sizes))
        return so_far(ladder.interrupted)


@dataclasses.dataclass(repr=False)
class StudyResult:
    """Exact results by size, limits, extrapolations and verdicts.

    study : Study
    results : list of Result, one for every size that is done
    limits : values of every claim, {claim: {quantity: (T,)}}
    interrupted : True if it was ended by a signal before its last size
    seconds : wall time of the run
    failure : the error that ended it before its last size, in a sentence; empty if there was none
    """

    study: Study
    results: list[Result]
    limits: dict[str, dict[str, np.ndarray]]
    interrupted: bool
    seconds: float
    failure: str = ""

    def __post_init__(self):
        study = self.study
        quantities, names = study.quantities, dict(study.kinds)
        rows, errors = [], []
        for r in self.results:
            first = np.sqrt(r.N) * (r.means - study.limit_means) if names["first moments"] else None
            data = named_quantities(r.means, r.covariance, r.space, first) | {k: v.real for k, v in r.e_data.items()}
            rows.append(np.stack([data[q] for q in quantities], axis=1))
            b = r.budget
            error = dict.fromkeys(names["averages"], b.moment_error)
            error |= dict.fromkeys(names["covariances"], b.covariance_error(r.N))
            error |= dict.fromkeys(names["first moments"], np.sqrt(r.N) * b.moment_error)
            for label, p in zip(r.labels, r.polynomials, strict=True):
                error[label] = max(p.size * b.moment_error, b.observable_difference or 0.0)
            # never below the tolerance asked for: the promise of the run, whatever a second run happened to give
            errors.append([max(error[q], self.study.tol) for q in quantities])
        shape = (len(self.results), len(self.study.tlist), len(quantities))
        self.exact = np.array(rows).reshape(shape)  # (N, time, quantity)
        self.errors = np.array(errors).reshape(len(self.results), 1, len(quantities)) * np.ones(shape)

    @property
    def claims(self) -> list[Claim]:
        """All claims, the derived limit first."""
        return self.study.all_claims

    @property
    def sizes(self) -> list[int]:
        """Sizes that were run."""
        return [r.N for r in self.results]

    @functools.cached_property
    def extrapolation(self) -> Extrapolation:
        """N → ∞ of every quantity at every time, arrays (time, quantity)."""
        return extrapolate(self.sizes, self.exact, self.errors, self.study.power, ordered=True)

    def judge_values(self, name: str, values: Mapping[str, np.ndarray]) -> list[Verdict]:
        """Verdicts on any claimed {quantity: (T,)}."""
        e, study = self.extrapolation, self.study
        values = study.read_values(check_kind(name, "claim: name", str), values)
        top = self.sizes[-1]
        # planted errors are those of the derived limit
        claim = next((c for c in self.claims if c.name == name), self.claims[0])
        out = []
        for q, claimed in values.items():
            i = study.quantities.index(q)
            v = judge(
                name,
                q,
                study.tlist,
                e.value[:, i],
                e.error[:, i],
                claimed,
                study.accuracy,
                advice=f"Try a size of {2 * top}, more sizes between {self.sizes[0]} and {top}, or earlier times.",
                claimed_error=claim.error_of(claimed),
            )
            at = int(np.argmin(np.abs(study.tlist - v.time)))
            r = rate(self.sizes, self.exact[:, at, i], v.claimed, self.errors[:, at, i], study.power)
            out.append(dataclasses.replace(v, rate=r.asymptotic, rate_error=r.asymptotic_error))
        return out

    @functools.cached_property
    def verdicts(self) -> list[Verdict]:
        """One verdict for every claim and each of its quantities; none with fewer than four sizes."""
        if len(self.results) < FEWEST:
            return []
        return [v for name, values in self.limits.items() for v in self.judge_values(name, values)]

    def status(self, claim: str) -> str:
        """The worst verdict of a claim: refuted, else undecided, else confirmed."""
        if not isinstance(claim, str) or claim not in self.limits:
            raise FiniteNError(f"claim {shown(claim)}: this study judges {', '.join(self.limits)}.")
        found = {v.status for v in self.verdicts if v.claim == claim}
        return next((s for s in ("refuted", "undecided") if s in found), "confirmed" if found else "undecided")

    @functools.cached_property
    def digest(self) -> str:
        """Hash of all numbers and of what they belong to, which every written file carries."""
        return self.dataset.attrs["digest"]

    @property
    def dataset(self) -> xr.Dataset:
        """Exact values with errors (N, time, quantity), limits (claim, time, quantity), extrapolation, provenance,
        digest."""
        study, quantities = self.study, self.study.quantities
        limits = np.full((len(self.claims), len(study.tlist), len(quantities)), np.nan)
        for c, claim in enumerate(self.claims):
            for q, values in self.limits[claim.name].items():
                limits[c, :, quantities.index(q)] = values
        dims = ("N", "time", "quantity")
        data = {
            "exact": (dims, self.exact),
            "exact_error": (dims, self.errors),
            "limit": (("claim", "time", "quantity"), limits),
        }
        if len(self.results) >= FEWEST:
            e = self.extrapolation
            data["extrapolated"] = (dims[1:], e.value)
            data["extrapolated_error"] = (dims[1:], e.error)
        for field in ("truncation_bound", "trace_drift", "smallest_eigenvalue", "moment_difference"):
            data[field] = (("N",), [float(getattr(r.budget, field)) for r in self.results])
        data["applications"] = (("N",), [r.stats["applications"] for r in self.results])
        coords = {
            "N": self.sizes,
            "time": study.tlist,
            "quantity": quantities,
            "claim": [c.name for c in self.claims],
            "source": ("claim", [c.source for c in self.claims]),
        }
        packages = ("finite-n", "numpy", "scipy", "numba", "qutip", "xarray")
        provenance = {
            "study": study.name,
            "spec": study.spec,
            "model": repr(study.model),
            "initial state": repr(study.rho0),
            "tolerance": study.tol,
            "cutoffs": None if study.cutoffs is None else dict(study.cutoffs),
            "accuracy": study.accuracy,
            "power": study.power,
            "sizes": list(study.sizes),
            "interrupted": self.interrupted,
            "failure": self.failure,
            "versions": {p: version(p) for p in packages},
        }
        own = provenance["identity"] = identity(study)
        out = xr.Dataset(data, coords)
        return out.assign_attrs(provenance=json.dumps(provenance, ensure_ascii=False), digest=digest(out, own))

    def __repr__(self):
        ended = ", interrupted" if self.interrupted else f", ended by {self.failure}" if self.failure else ""
        return f"StudyResult({self.study.name}, N = {self.sizes}, {len(self.verdicts)} verdicts{ended})"
