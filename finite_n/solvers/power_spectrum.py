"""`power_spectrum`: the Fourier transform of a stationary correlation, by the resolvent of the Liouvillian."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from finite_n.dicke_blocks.liouvillian.elements import closed_elements, terms_matrix
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.dicke_blocks.moments import operators_read
from finite_n.dicke_blocks.operator_blocks import OperatorBlocks
from finite_n.dicke_blocks.operators import BandOperator
from finite_n.eigenmodes.dicke_sectors import largest_rate, typical_rate
from finite_n.eigenmodes.resolvent import Resolvent
from finite_n.errors import FiniteNError
from finite_n.model.inputs import check_letters, read_observables
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.validation import check_array, check_kind, check_number, check_switch
from finite_n.solvers.correlation import stationary_parts, weighted
from finite_n.solvers.evolve_operator import evolve_operator
from finite_n.threads import one_blas_thread
from finite_n.typing import Cutoffs, StateLike

_NEGLIGIBLE = 1e-15  # of the largest element of bρ
_MOST, _MOST_OF_FEW = 13_000, 60_000  # elements that sparse decompositions are for: of any, and of a few orders k − i
_ORDERS = 3
_LATE = 1e-4  # of X that is left where its slowest mode is looked for
_VECTORS, _STEP, _NEW = 12, 2.0, 1e-9  # looked at for that, typical times apart, as long as there is something new
_ALONE, _THERE = 1e-6, 1e-3  # residual of a mode, in units of the rate; its share of X
_AT_ZERO, _PRESENT = 1e-9, 1e-8  # of a rate: distance to a mode that z is taken to lie on; what of it is there
_NODES, _PHASE = 16, 8.0  # of a Gauss–Legendre panel, over which the fastest phase turns by so much: exact to rounding
_BEGIN = 4.0  # typical times that X is evolved at first
_LONGEST = 1e6  # rates × time of an evolution
_AT_ONCE = 2_000_000  # times × frequencies


@dataclasses.dataclass(repr=False)
class PowerSpectrum:
    """S(ω) = 2 Re ∫₀^∞ ⟨a(τ) b(0)⟩ e^{−iωτ − γτ} dτ in the stationary state of N particles.

    N; omegas: ω, (W,); values: S, (W,); coherent: ⟨a⟩⟨b⟩, of which the coherent line is 2π ⟨a⟩⟨b⟩ δ(ω); total: ⟨ab⟩,
    (1/2π) ∫ S dω for b = a†, with the coherent part; resolution: γ; slowest: the eigenvalue λ of the Liouvillian with
    the largest real part among the modes of the incoherent part, nan if none was found; error: of values, estimated;
    stats.
    """

    N: int
    omegas: np.ndarray
    values: np.ndarray
    coherent: complex
    total: complex
    resolution: float
    slowest: complex
    error: float
    stats: dict

    @property
    def line_width(self) -> float:
        """Full width at half maximum of the narrowest line, −2 Re λ of the slowest mode; it lies at ω = Im λ."""
        return -2 * self.slowest.real

    def __repr__(self):
        s = self.stats
        return "\n".join(
            [
                f"Power spectrum, N = {self.N}, {len(self.omegas)} frequencies from {self.omegas[0]:g} to "
                f"{self.omegas[-1]:g}",
                f"  largest      {self.values.max():.8g} at ω = {self.omegas[np.argmax(self.values)]:g}",
                f"  coherent     {self.coherent:.8g} of {self.total:.8g}",
                f"  narrowest    at ω = {self.slowest.imag:.6g}, full width {self.line_width:.6g}",
                f"  error        about {self.error:.0e}",
                f"  method       {s['method']}, {s['elements']} elements, {s['run time']:.2f} s",
            ]
        )


@one_blas_thread
def power_spectrum(
    model: Model,
    N: int,
    omegas: Sequence[float],
    a: Polynomial,
    b: Polynomial,
    *,
    rho0: StateLike | None = None,
    coherent: bool = False,
    resolution: float = 0.0,
    tol: float = 1e-9,
    cutoffs: Cutoffs | None = None,
) -> PowerSpectrum:
    """S(ω) = 2 Re ∫₀^∞ (⟨a(τ) b(0)⟩ − ⟨a⟩⟨b⟩) e^{−iωτ} dτ = 2 Re Tr(a (iω − L)⁻¹ (b − ⟨b⟩)ρ), L_N ρ = 0 (ħ = 1).

    For a = m(σ₊), b = m(σ₋) it is the spectrum of the light of J₋, over N²; what turns as a(τ) ~ e^{iωτ} has its line
    at ω. For b other than a† it is twice the real part of the one-sided integral, as in qutip.

    Parameters
    ----------
    model : Model
        Of two-level species and modes.
    N : int
    omegas : array, shape (W,), in any order
    a, b : Polynomial of averages and modes
    rho0 : as for `steady_state`
        Where there are several stationary states.
    coherent : bool
        Keep ⟨a⟩⟨b⟩: a line of the width of the resolution, which must then be above 0. Default False.
    resolution : float
        γ ≥ 0, half-width of what a detector resolves: e^{−γτ} in the integral. Default 0.
    tol : of residuals, relative to bρ
    cutoffs : as for `steady_state`

    Raises FiniteNError for bad input, where there is no unique stationary state, or if the spectrum is infinite
    or modes decay too slowly, as at ω = 0 where bρ holds a stationary part besides ⟨b⟩ρ.

    Example
    -------
    >>> import qutip
    >>> from finite_n import LocalJump, Model, average, mz, power_spectrum
    >>> up, down = average(qutip.sigmap()), average(qutip.sigmam())
    >>> model = Model(0.5 * mz, jumps=[LocalJump(qutip.sigmam()), LocalJump(qutip.sigmap(), 0.5)])
    >>> found = power_spectrum(model, 10, [0.0, 1.0], up, down)
    >>> found.values.round(8), round(found.line_width, 8)
    (array([0.01797753, 0.064     ]), 1.25)
    """
    started = time.perf_counter()
    check_kind(model, "model", Model, "a finite_n.Model")
    (a, b), omegas = _read(model, a, b), check_array(omegas, "omegas", (None,), "frequencies")
    if omegas.size == 0:
        raise FiniteNError("omegas: give one frequency or more.")
    resolution, tol = check_number(resolution, "resolution", 0), check_number(tol, "tol", 1e-13, 0.1)
    if check_switch(coherent, "coherent") and resolution == 0:
        raise FiniteNError("spectrum: with coherent=True the line has no width; give a resolution above 0.")
    (parts,), error = stationary_parts(model, N, rho0, cutoffs)
    whole = weighted(model, parts, b)
    means = [sum(_trace(p, x) for p in some) for some, x in ((parts, a), (parts, b), (whole, a))]
    x = whole if coherent else weighted(model, parts, b, connected=True)
    z = resolution + 1j * omegas
    values, found, stats = _solved(model, N, x, a, z, tol) or _evolved(model, N, x, a, z, tol)
    slowest, distance, estimated = found
    estimated += 8 * a.size * b.size * error / distance  # of the state: of bρ in trace norm, and of b − ⟨b⟩
    stats["run time"] = time.perf_counter() - started
    return PowerSpectrum(N, omegas, values, means[0] * means[1], means[2], resolution, slowest, float(estimated), stats)


def _read(model: Model, *polynomials: Polynomial) -> list[Polynomial]:
    _, read = read_observables(dict(zip("ab", polynomials, strict=True)), model)
    return [check_letters(p, model, "spectrum") for p in read]


def _trace(part: OperatorBlocks, p: Polynomial) -> complex:
    """Tr(pX)."""
    (operator,) = operators_read([p], part.space, part.blocks, part.frames)
    elements, row = _row(operator, part)
    return complex(row @ part.full()[elements])


def _row(operator: BandOperator, part: OperatorBlocks) -> tuple[np.ndarray, np.ndarray]:
    """Tr(OX) = Σ row X[elements]: O_(r − a, r) = c_a(r) reads X_(r, r − a)."""
    blocks, elements, values = part.blocks, [np.zeros(0, int)], [np.zeros(0, complex)]
    base = blocks.element_start[blocks.row_block] + blocks.row_index * (blocks.size[blocks.row_block] + 1)
    for a, c in operator.diagonals.items():
        used = c.nonzero()[0]
        elements.append(base[used] - a)
        values.append(c[used])
    return np.concatenate(elements), np.concatenate(values)


def _solved(model: Model, N: int, parts: Sequence[OperatorBlocks], a: Polynomial, z: np.ndarray, tol: float):
    """2 Re Tr(a (z − L)⁻¹X); the slowest mode, the distance of z from eigenvalues, the error; how. None where sparse
    decompositions would take too long."""
    problems = [_on_elements(model, N, part, a) for part in parts]
    if any(problem is None for problem in problems):
        return None
    values, slowest, distance, error, counts = np.zeros(len(z)), complex(-np.inf), np.inf, 0.0, np.zeros(3, int)
    for matrix, x, row, rate in problems:
        resolvent = Resolvent(matrix, x, row[None], rate)
        poles = resolvent.at(z, tol)
        if not poles.vectors:
            continue
        if poles.distance < _AT_ZERO * rate and np.abs(poles.values).max() * poles.distance > _PRESENT * a.size:
            raise FiniteNError(
                "spectrum: one of the frequencies is that of a mode that does not decay, where the spectrum is "
                "infinite; leave it out, or give a resolution above 0."
            )
        values += 2 * poles.values[:, 0].real
        error += 2 * float(np.linalg.norm(row)) * resolvent.size * poles.residual / poles.distance
        slowest, distance = max(slowest, poles.slowest, key=np.real), min(distance, poles.distance)
        counts += len(x), poles.vectors, poles.decompositions
    method = f"resolvent by a rational Krylov space of {counts[1]} vectors with {counts[2]} poles"
    return values, (slowest, distance, error), {"method": method, "elements": int(counts[0])}


def _on_elements(model: Model, N: int, part: OperatorBlocks, a: Polynomial):
    """L, X and the row of a on the elements that X leads to and that lead to a, and a typical rate; None if these are
    too many."""
    blocks = part.blocks
    generator = Liouvillian(model, N, part.frames, blocks)
    (operator,) = operators_read([a], part.space, blocks, part.frames)
    read, weight = _row(operator, part)
    x = part.full()
    if len(generator.parts) > 1:
        if blocks.dim > _MOST:
            return None
        chosen, matrix = np.arange(blocks.dim), generator.csr()
    else:
        terms = generator.parts[0].terms.all()
        seeds = np.flatnonzero(np.abs(x) > _NEGLIGIBLE * np.abs(x).max(initial=0.0))
        forward = closed_elements(terms, blocks, seeds, True, _MOST_OF_FEW)
        backward = closed_elements(terms, blocks, read, False, _MOST_OF_FEW)
        if forward is None and backward is None:
            return None
        both = (forward is not None) and (backward is not None)
        chosen = np.intersect1d(forward, backward) if both else backward if forward is None else forward
        _, i, k = blocks.locate(chosen)
        if len(chosen) > (_MOST if len(np.unique(k - i)) > _ORDERS else _MOST_OF_FEW):
            return None
        matrix = terms_matrix(terms, blocks, chosen)
    row = np.zeros(blocks.dim, complex)
    np.add.at(row, read, weight)
    return sp.csr_array(matrix), x[chosen], row[chosen], typical_rate(generator)


def _slowest(model: Model, N: int, parts: Sequence[OperatorBlocks], generators, rate: float) -> complex:
    """The slowest mode that a late X holds, by Rayleigh–Ritz on X, e^{δL}X, e^{2δL}X, …; nan if none is found."""
    basis: list[np.ndarray] = []
    images: list[np.ndarray] = []
    for _ in range(_VECTORS):
        vector = np.concatenate([part.full() for part in parts]).astype(complex)
        size = np.linalg.norm(vector)
        if size == 0:
            break
        parts, vector = [dataclasses.replace(part, values=part.values / size) for part in parts], vector / size
        for _ in range(2):
            for v in basis:
                vector = vector - np.vdot(v, vector) * v
        new = np.linalg.norm(vector)
        if new < _NEW:
            break
        basis.append(vector / new)
        cuts = np.cumsum([part.blocks.dim for part in parts])[:-1]
        pieces = zip(generators, np.split(basis[-1], cuts), strict=True)
        images.append(np.concatenate([generator.apply(x) for generator, x in pieces]))
        step = np.array([0.0, _STEP / rate])
        parts = evolve_operator(model, N, parts, step, [], tol=1e-13, final_state=True, check=False).final
    if not basis:
        return complex(np.nan, np.nan)
    v, w = np.array(basis).T, np.array(images).T
    theta, right = np.linalg.eig(v.conj().T @ w)
    weight = np.abs(np.linalg.solve(right, np.eye(len(basis))[0]))  # of each in X
    rest = np.linalg.norm(w @ right - theta * (v @ right), axis=0)
    found = [x for x, r, c in zip(theta, rest, weight, strict=True) if r < _ALONE * rate and c > _THERE]
    return complex(max(found, key=np.real)) if found else complex(np.nan, np.nan)


def _evolved(model: Model, N: int, parts: Sequence[OperatorBlocks], a: Polynomial, z: np.ndarray, tol: float):
    """The same by an evolution of X until nothing is left, ∫ Tr(a e^{τL}X) e^{−zτ} dτ by Gauss–Legendre panels."""
    generators = [Liouvillian(model, N, part.frames, part.blocks) for part in parts]
    rate, fastest = max(map(typical_rate, generators)), max(map(largest_rate, generators))
    nodes, weight = np.polynomial.legendre.leggauss(_NODES)
    start = left = sum(part.norm() for part in parts)
    values, t, length, applications = np.zeros(len(z), complex), 0.0, _BEGIN / rate, 0
    damping, late = z.real.min(), parts
    while left > tol * start:
        if fastest * t > _LONGEST:
            raise FiniteNError(
                f"spectrum: after a time {t:.4g} a share {left / start:.1e} of bρ is left, since modes decay slowly; "
                "give a resolution above their rates, or take a smaller N."
            )
        panels = int(np.ceil(length * (fastest + np.abs(z).max()) / _PHASE))
        edges = np.linspace(0, length, panels + 1)
        half = length / panels / 2
        times = ((edges[:-1] + half)[:, None] + half * nodes).ravel()
        run = evolve_operator(
            model,
            N,
            parts,
            np.concatenate([[0.0], times, [length]]),
            [a],
            tol=tol * left,
            final_state=True,
            check=False,
        )
        parts, applications = run.final, applications + run.stats["applications"]
        for some in np.array_split(np.arange(len(times)), 1 + len(times) * len(z) // _AT_ONCE):
            factor = np.tile(weight, panels)[some] * half * run.values[1 + some, 0]
            values += np.exp(-np.outer(z, t + times[some])) @ factor
        t, length = t + length, 2 * length
        rest = sum(part.norm() for part in parts)
        late = parts if rest > _LATE * start else late
        left = rest * np.exp(-damping * t)
    elements = sum(part.blocks.elements for part in parts)
    method = f"Fourier transform of an evolution over {t:.4g}, {applications} applications"
    distance = np.log(1 / tol) / t
    found = _slowest(model, N, late, generators, rate), distance, 2 * a.size * tol * start / distance
    return 2 * values.real, found, {"method": method, "elements": elements}
