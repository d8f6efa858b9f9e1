"""How fast a model can move its state: what offers say about applications of the generator, and entries of H."""

from __future__ import annotations

import numpy as np

from finite_n.engine.protocol import Question
from finite_n.model.model import Model
from finite_n.model.operators import hermitian_basis

_DIGITS = 10.0  # terms beyond the phase, of short times


def energies(question: Question, levels=()) -> float:
    """A bound of ‖N h‖ without its constant, averages taken at their norms."""
    largest = question.largest_average(levels)
    words = question.model.hamiltonian.words
    return question.N * float(sum(abs(c) * largest ** len(w) for w, c in words.items() if w))


def decay(question: Question, levels=()) -> float:
    """A bound of the rates of all jumps together."""
    model, N, total = question.model, question.N, 0.0
    largest = question.largest_average(levels)
    for jump in model.jumps:
        rate = float(jump.amplitude(0.0)) ** 2
        if not jump.amplitude.is_constant:
            rate = float(np.max(np.abs(jump.gamma(np.linspace(*jump.range(), 9)))) ** 2)
        size = N * float(model.species_of(jump).fraction)
        total += size * rate * float(np.linalg.norm(jump.operator, 2)) ** 2
    for part in model.collective:
        sizes = np.array([sum(abs(c) * largest ** len(w) for w, c in p.words.items()) for p in part.polynomials])
        total += N * float(sizes @ np.abs(part.kossakowski) @ sizes)
    return total


def applications(question: Question, levels=(), density: bool = True) -> float:
    """Applications of the generator over the times asked for, about: of −iH for a state vector, else of the
    Liouvillian.
    """
    rate = 2 * energies(question, levels) + decay(question, levels) if density else energies(question, levels)
    return terms(rate, question)


def terms(rate: float, question: Question) -> float:
    """Terms of a series over the times asked for, for a largest rate or frequency: its phase, and some more for the
    digits wanted."""
    phase = rate * float(question.times[-1] - question.times[0])
    return 1.0 + phase + (_DIGITS * np.cbrt(1.0 + phase) if phase > 0 else 0.0)


def entries_per_row(model: Model) -> int:
    """An upper bound of the entries in a row of H: the changes of occupation numbers that its words make."""
    moves: dict = {}
    for s in model.species:
        for a, v in zip(s.letters, hermitian_basis(s.dim)[1:], strict=True):
            units = np.eye(s.dim, dtype=int)
            moves[a] = {(s.name, tuple(units[i] - units[j])) for i, j in np.argwhere(v)}
    for mode in model.modes:
        moves |= {a: {(mode.name, (1,)), (mode.name, (-1,))} for a in mode.letters}
    found: set = {frozenset()}
    for word in {tuple(sorted(w)) for w in model.hamiltonian.words}:
        reached: set = {frozenset()}  # letter by letter, equal sums together: of the order of the degree, not 2^degree
        for a in word:
            reached = {_moved(total, name, step) for total in reached for name, step in moves[a]}
        found |= reached
    return len(found)


def _moved(total: frozenset, name: str, step: tuple[int, ...]) -> frozenset:
    """Changes of occupation numbers by owner, with one more."""
    changes = dict(total)
    changes[name] = tuple(a + b for a, b in zip(changes.get(name, (0,) * len(step)), step, strict=True))
    return frozenset((owner, change) for owner, change in changes.items() if any(change))
