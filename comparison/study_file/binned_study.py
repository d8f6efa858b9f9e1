"""A study file with [model.binned] as what `comparison.bin_convergence` takes: its model for any bins."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

from comparison.study_file.binned_model import distribution_of
from comparison.study_file.build import Subject, check_kind_of, observable_of, subject_of
from comparison.study_file.models import numbers_of
from comparison.study_file.names import names_of_numbers
from comparison.study_file.places import with_lines
from comparison.study_file.reading import Source
from comparison.study_file.schema import validated
from finite_n import Bins, FiniteNError


def ensemble_of(source: Source, allow_python: bool = False) -> dict:
    """Arguments of `bin_convergence` by name.

    allow_python : execute the Python files that the study file names

    Raises FiniteNError for a study without [model.binned], initial or times.
    """
    where, folder = source.where, Path(source.folder)
    with with_lines(source.text, where):
        spec = validated(source.raw, where)
        check_kind_of(spec, where)
        if spec.model is None or spec.model.binned is None:
            raise FiniteNError(
                f"{where}: it has no [model.binned], whose number of bins could be raised; add that table."
            )
        if missing := [key for key in ("initial", "times") if getattr(spec, key) is None]:
            raise FiniteNError(f"{where}: {', '.join(missing)} missing; a study of one's own model states them.")
        numbers = names_of_numbers(numbers_of(spec.model.parameters, f"{where}: model.parameters"))
        distribution, options = distribution_of(spec.model.binned, numbers, f"{where}: model.binned")

    @functools.lru_cache(maxsize=2)
    def subject(bins: Bins) -> Subject:
        with with_lines(source.text, where):
            chosen = {"initial": spec.initial, "times": spec.times}
            return subject_of(spec, chosen, folder, where, allow_python, bins)

    def observables(bins: Bins) -> dict:
        return {label: observable_of(x, subject(bins), label, where) for label, x in spec.observables.items()}

    return {
        "model": lambda bins: subject(bins).model,
        "distribution": distribution,
        "rho0": lambda bins: subject(bins).rho0,
        "tlist": np.linspace(spec.times.start, spec.times.stop, spec.times.points),
        "observables": observables if spec.observables else None,
        "rule": spec.model.binned.rule,
        "tol": spec.tolerance,
        **options,
    }
