"""How fast a model can move its state: what offers say about the number of applications of the generator."""

from __future__ import annotations

import numpy as np

from finite_n.engine.protocol import Question

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
