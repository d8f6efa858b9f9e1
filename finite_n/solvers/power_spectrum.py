"""`power_spectrum`: the Fourier transform of a stationary correlation, with the coherent line apart."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.model.inputs import read_operator
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.validation import check_array, check_kind, check_number, check_switch
from finite_n.solvers.correlation import stationary_parts, weighted
from finite_n.solvers.laplace import trace_with, transform
from finite_n.threads import one_blas_thread
from finite_n.typing import Cutoffs, StateLike


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
        Of species of any number of levels and of modes.
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
    a, b = read_operator(a, "a", model), read_operator(b, "b", model)
    omegas = check_array(omegas, "omegas", (None,), "frequencies")
    if omegas.size == 0:
        raise FiniteNError("omegas: give one frequency or more.")
    resolution, tol = check_number(resolution, "resolution", 0), check_number(tol, "tol", 1e-13, 0.1)
    if check_switch(coherent, "coherent") and resolution == 0:
        raise FiniteNError("spectrum: with coherent=True the line has no width; give a resolution above 0.")
    (parts,), error, _ = stationary_parts(model, N, rho0, cutoffs)
    whole = weighted(model, parts, b)
    means = [sum(trace_with(p, x) for p in some) for some, x in ((parts, a), (parts, b), (whole, a))]
    z = resolution + 1j * omegas
    found = transform(model, N, weighted(model, parts, b, connected=True), a, z, tol, b.size)
    # of the state: of bρ in trace norm, and of b − ⟨b⟩
    error = 2 * found.error + 8 * a.size * b.size * error / found.distance
    stats = {"method": found.method, "elements": found.elements, "run time": time.perf_counter() - started}
    line = means[0] * means[1]
    values = 2 * (found.values + (line / z if coherent else 0.0)).real
    return PowerSpectrum(N, omegas, values, line, means[2], resolution, found.slowest, float(error), stats)
