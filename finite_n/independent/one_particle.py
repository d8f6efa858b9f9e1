"""One particle's master equation in the averages of its operators, and its solution.

With v = (1, v_1, …) the Hermitian basis and x_a = ⟨v_a⟩: ẋ = Gx, G_ab the coefficient of v_b in
L†(v_a) = i[H, v_a] + Σ_j (j† v_a j − ½{j†j, v_a}), real, so that x(t) = exp(Gt) x(0).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from scipy.linalg import expm

from finite_n.model.model import Model
from finite_n.model.operators import from_coefficients, hermitian_basis
from finite_n.model.polynomial import linear_coefficients
from finite_n.model.species import Species
from finite_n.propagation.propagate import TAYLOR, propagate
from finite_n.propagation.sparse_problem import DrivenSparseProblem


def operators(model: Model, species: Species) -> tuple[np.ndarray, list[np.ndarray]]:
    """H (d, d) of one particle of a species, and its jumps, from a model of degree one with constant rates.

    N h = N Σ_a c_a m_a = Σ_k Σ_a (c_a / f_s) v_a^(k).
    """
    c = linear_coefficients(model.hamiltonian, species.letters) / float(species.fraction)
    c[0] = 0.0
    jumps = [float(j.amplitude(0.0)) * j.operator for j in model.jumps if model.species_of(j) == species]
    return from_coefficients(c), jumps


def generator(H: np.ndarray, jumps: list[np.ndarray]) -> np.ndarray:
    """G, shape (d², d²), real; its first row is zero."""
    v = hermitian_basis(len(H))
    image = 1j * (H @ v - v @ H)
    for j in jumps:
        both = j.conj().T @ j
        image += j.conj().T @ v @ j - (both @ v + v @ both) / 2
    out = _coefficients(image).real
    out[0] = 0.0
    return out


def propagators(H: np.ndarray, jumps: list[np.ndarray], times: np.ndarray) -> np.ndarray:
    """exp(G(t − t_0)) at every time, step by step, shape (T, d², d²)."""
    G, steps = generator(H, jumps), np.diff(times)
    known = {step: expm(G * step) for step in dict.fromkeys(steps.tolist())}
    out = [np.eye(len(G))]
    for step in steps.tolist():
        out.append(known[step] @ out[-1])
    return np.array(out)


def again(H: np.ndarray, jumps: list[np.ndarray], times: np.ndarray) -> np.ndarray:
    """The same by another way: from ρ̇ = Lρ on the elements |i⟩⟨j|, every time at once from the first."""
    d, one = len(H), np.eye(len(H))
    L = -1j * (np.kron(H, one) - np.kron(one, H.T))
    for j in jumps:
        both = j.conj().T @ j
        L += np.kron(j, j.conj()) - (np.kron(both, one) + np.kron(one, both.T)) / 2
    v = hermitian_basis(d)
    dual = v / np.r_[d, np.full(d * d - 1, 2.0)][:, None, None]  # ρ = Σ_b x_b dual_b
    rows, columns = v.swapaxes(1, 2).reshape(d * d, -1), dual.reshape(d * d, -1).T
    return np.array([(rows @ expm(L * (t - times[0])) @ columns).real for t in times])


def driven_propagators(
    parts: list[tuple[np.ndarray, list[np.ndarray]]], course: Callable, times: np.ndarray, tol: float, safety: float
) -> np.ndarray:
    """X(t) of Ẋ = Σ_k f_k(t) G_k X, X = 1 at times[0], shape (T, d², d²), by Taylor's series in t.

    parts: H_k and the jumps of every part, whose functions `course` gives (`finite_n.engine.drive`).
    """
    generators = [generator(H, jumps) for H, jumps in parts]
    n = len(generators[0])
    one = sp.eye_array(n, format="csr")
    each = [sp.kron(sp.csr_array(G), one, format="csr") for G in generators]
    every = sp.eye_array(n * n, format="csr")
    problem = DrivenSparseProblem(sum(abs(m) for m in each), np.eye(n).ravel(), every, each, course)
    return propagate(problem, times, tol, method=TAYLOR, safety=safety).values.reshape(-1, n, n)


def phase(H: np.ndarray, jumps: list[np.ndarray], span: float) -> float:
    """‖G‖ × span: rounding grows with it."""
    return float(np.linalg.norm(generator(H, jumps), 2)) * span


def density(x: np.ndarray) -> np.ndarray:
    """One-particle states (…, d, d) of averages x (…, d²)."""
    d = round(np.sqrt(x.shape[-1]))
    return np.einsum("...a,aij->...ij", x / np.r_[d, np.full(d * d - 1, 2.0)], hermitian_basis(d))


def _coefficients(x: np.ndarray) -> np.ndarray:
    """Coefficients of operators (n, d, d) in the Hermitian basis, (n, d²)."""
    d = x.shape[-1]
    flat = x.reshape(len(x), -1) @ hermitian_basis(d).swapaxes(1, 2).reshape(d * d, -1).T
    return flat / np.r_[d, np.full(d * d - 1, 2.0)]
