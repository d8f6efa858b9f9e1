"""A study that was written to a folder, read back to judge other claims by its numbers without running it again."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import xarray as xr

from comparison.referee.claim import Claim
from comparison.referee.claimed import check_same, positions, read_claim
from comparison.referee.finite_size import FiniteSizeVerdict, judge_sizes
from comparison.referee.fluctuation import Direction
from comparison.referee.implied import Implied
from comparison.referee.judging import Evidence, judge_limit
from comparison.referee.prediction import Prediction, check_target, predict
from comparison.referee.state_function import AskedFunction, from_data
from comparison.referee.verdict import Verdict
from comparison.results_folder.identity import digest
from comparison.study.limit_arrays import coefficients_of, limit_of, powers_of
from finite_n.errors import FiniteNError, shown
from finite_n.model.species import Mode, Space, Species
from finite_n.model.validation import check_kind


@dataclasses.dataclass(frozen=True)
class SavedStudy:
    """The numbers of a study as `study.nc` holds them.

    name : of the study
    evidence : what claims are judged by
    kinds : names of its quantities by kind, as `Study.kinds`
    digest : of its numbers
    species : of its model; None if an older version saved it, without what `predict` needs
    implied : its fluctuations beyond their covariance and its functions of the state
    derived : values of the derived limit by quantity, (T,)
    """

    name: str
    evidence: Evidence
    kinds: list[tuple[str, list[str]]]
    digest: str
    species: tuple[Species, ...] | None = None
    implied: Implied = dataclasses.field(default_factory=Implied)
    derived: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)

    @property
    def directions(self) -> Sequence[Direction]:
        """Its fluctuations beyond their covariance."""
        return self.implied.directions

    @property
    def functions(self) -> Sequence[AskedFunction]:
        """Its functions of the state."""
        return self.implied.functions

    def predict(self, N: int) -> Prediction:
        """Every quantity at every time at N particles, with an error; that of `StudyResult.predict`."""
        if self.species is None:
            raise FiniteNError(
                f"study {shown(self.name)} was saved by an older version of finite-n, without what predictions need; "
                "run it again."
            )
        Space(self.species, ()).sizes(check_target(N, self.evidence.sizes))
        return predict(self.evidence, N)

    def judge(self, claim: Claim) -> list[Verdict] | list[FiniteSizeVerdict]:
        """Verdicts on a claim at those of its times that were saved; those of `StudyResult.judge`.

        Raises FiniteNError if the claim cannot be evaluated or none of its times, or of its sizes, was saved.
        """
        check_kind(claim, "saved study: claim", Claim)
        averages = dict(self.kinds).get("averages", [])
        unheard = [f"first_{q.removeprefix('mean_')}" for q in averages if q.endswith((".phi", ".pi"))]
        e = self.evidence
        arguments = (e.times, e.times, e.quantities)
        if claim.per_size:
            said = {N: read_claim(claim, *arguments, N, unheard) for N in claim.among(e.sizes)}
            said = {N: self.implied.of(x, self.derived, claim) for N, x in said.items()}
            if not said:
                raise FiniteNError(
                    f"claim {shown(claim.name)}: none of its N = {_listed(claim.sizes)} is among the sizes of the "
                    f"saved study, {_listed(e.sizes)}; run the study with this claim."
                )
            check_same(claim, said)
            return judge_sizes(e, claim.name, said)
        said = self.implied.of(read_claim(claim, *arguments, unheard=unheard), self.derived)
        return judge_limit(e, claim.name, said)

    def missing(self, claim: Claim) -> np.ndarray:
        """Times of a claim that were not saved, shape (number of them,)."""
        if claim.times is None:
            return np.zeros(0)
        return claim.times[positions(claim.times, self.evidence.times) < 0]

    def missing_sizes(self, claim: Claim) -> list[int]:
        """Sizes of a claim that were not saved."""
        return [N for N in claim.sizes or () if N not in self.evidence.sizes]


def read_saved(folder: str | os.PathLike) -> SavedStudy:
    """The study in a folder that `write` or `finite-n run --out` has written, or in the file study.nc itself."""
    if not isinstance(folder, str | os.PathLike) or "\0" in str(folder):
        raise FiniteNError(f"saved study: got {shown(folder)}; give the path of a folder, such as out/hopfield.")
    path = Path(folder)
    path = path / "study.nc" if path.is_dir() else path
    try:
        with xr.open_dataset(path, engine="h5netcdf") as file:
            data = file.load()
    except FileNotFoundError:
        raise FiniteNError(
            f"{path}: there is no saved study; write one with finite-n run STUDY --out FOLDER, or give a study file."
        ) from None
    except Exception as error:
        said = getattr(error, "strerror", None) or "it is not a file of this package"
        raise FiniteNError(f"{path}: cannot be read as a saved study, {said}.") from None
    try:
        whole = digest(data, json.loads(data.attrs["provenance"])["identity"]) == data.attrs["digest"]
        saved = _from_dataset(data)
    except (KeyError, ValueError, TypeError, AttributeError):
        raise FiniteNError(
            f"{path}: cannot be read as a study of this version of finite-n; run the study again."
        ) from None
    if not whole:
        raise FiniteNError(
            f"{path}: its numbers are not those of the digest that was saved with them; run the study again."
        )
    return saved


def _listed(sizes) -> str:
    return ", ".join(map(str, sizes[:8])) + (", …" if len(sizes) > 8 else "")


def _from_dataset(data: xr.Dataset) -> SavedStudy:
    provenance = json.loads(data.attrs["provenance"])
    dims = ("N", "time", "quantity")
    evidence = Evidence(
        [int(N) for N in data["N"].values],
        data["time"].values.astype(float),
        [str(q) for q in data["quantity"].values],
        *(data[x].transpose(*dims).values.astype(float) for x in ("exact", "exact_error")),
        limit_of(data),
        float(provenance["accuracy"]),
        float(provenance["power"]),
        coefficients_of(data),
        powers_of(data),
    )
    kinds = [(str(kind), [str(q) for q in names]) for kind, names in provenance["kinds"].items()]
    shares = provenance.get("fractions")
    species = None if shares is None else tuple(Species(name, fraction=Fraction(x)) for name, x in shares.items())
    own = {"asked": tuple, "r": tuple, "between": lambda rows: tuple(map(tuple, rows))}
    given = [{k: own.get(k, lambda x: x)(x) for k, x in d.items()} for d in provenance.get("fluctuations", [])]
    rows = data["limit"].sel(claim="derived").transpose("time", "quantity").values
    derived = {q: x.astype(float) for q, x in zip(evidence.quantities, rows.T, strict=True)}
    names = (str(provenance["study"]), str(data.attrs["digest"]))
    implied = _implied([Direction(**d) for d in given], provenance.get("state functions"), species)
    return SavedStudy(names[0], evidence, kinds, names[1], species, implied, derived)


def _implied(directions: Sequence[Direction], functions: Mapping | None, species) -> Implied:
    if functions is None:
        return Implied(directions)
    space = Space(species, [Mode(name) for name in functions["modes"]])
    known = (np.array(functions[name]) for name in ("symmetric", "first_moments"))
    return Implied(directions, [from_data(f) for f in functions["asked"]], space, *known)
