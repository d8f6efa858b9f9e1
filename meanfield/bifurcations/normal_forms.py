"""Bifurcations of fixed points: their kinds, and normal-form coefficients, which tell super- from subcritical.

With Q = ∂f/∂m, B and C its first and second derivatives (bilinear and trilinear forms), Qv = 0, wQ = 0, w·v = 1:

    real crossing   u̇ = a u² + c u³,  a = ½ w·B(v,v),  c = w·(C(v,v,v)/6 + ½ B(v,h)),  Qh = −B(v,v)
    Hopf            l₁ = Re[p̄·C(q,q,q̄) − 2 p̄·B(q,Q⁻¹B(q,q̄)) + p̄·B(q̄,(2iω−Q)⁻¹B(q,q))]/(2ω),  Qq = iωq, p̄·q = 1,
    |q| = 1

(Kuznetsov, Elements of Applied Bifurcation Theory, Springer 2004, eqs. 5.62 and 10.53.) Negative c or l₁:
supercritical, what emerges is stable in these directions and exists where the fixed point is unstable.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from meanfield.bifurcations import vector_field
from meanfield.bifurcations.fixed_points import ZERO

_STEP = 2e-3  # of a fourth-order second difference: its error is about step⁴
_EVEN = 1e-6  # |a| below this, relative to |c| and one, counts as zero by a symmetry
_DEFECTIVE = 1e-8  # p̄·q of unit vectors below this: two eigenvectors coincide, to the root of rounding


@dataclasses.dataclass(frozen=True)
class Bifurcation:
    """A fixed point whose stability changes.

    kind: "fold", "pitchfork", "transcritical", "Hopf", or "multiple" (several eigenvalues at once). parameters (1,) or
    (2,); m (n,);
    frequency: ω of the pair ±iω at a Hopf point, else 0. coefficient: l₁, or c for a pitchfork, or a for the others;
    nan if several eigenvalues lie on the axis, where it does not decide. side: "supercritical" or "subcritical" for
    pitchfork and Hopf points, else "", as where the coefficient is nan.
    """

    kind: str
    parameters: np.ndarray
    m: np.ndarray
    frequency: float
    coefficient: float
    side: str

    def __repr__(self):
        at = ", ".join(f"{p:.9f}" for p in self.parameters)
        rest = f", ω = {self.frequency:.6f}" if self.kind == "Hopf" else ""
        return f"Bifurcation({self.side + ' ' if self.side else ''}{self.kind} at {at}{rest})"


def describe(limit, m: np.ndarray, parameters: np.ndarray, kind: str, pair: complex | None = None) -> Bifurcation:
    """The bifurcation at m; kind "branch point" becomes pitchfork or transcritical. `pair`: iω, roughly, at a Hopf
    point."""
    parameters = np.atleast_1d(np.asarray(parameters, dtype=float))
    if kind == "Hopf":
        omega, value = lyapunov(limit, m, pair)
        return Bifurcation(kind, parameters, m, omega, value, _side(value))
    if kind == "multiple" or not np.all(np.isfinite(vector_field.jacobian(limit, m))):
        return Bifurcation(kind, parameters, m, 0.0, np.nan, "")
    a, c = normal_form(limit, m)
    if kind == "branch point":
        kind = "pitchfork" if abs(a) < _EVEN * max(1.0, abs(c)) else "transcritical"
    if kind == "pitchfork":
        return Bifurcation(kind, parameters, m, 0.0, c, _side(c))
    return Bifurcation(kind, parameters, m, 0.0, a, "")


def normal_form(limit, m: np.ndarray) -> tuple[float, float]:
    """a and c of u̇ = a u² + c u³ at a fixed point with one zero eigenvalue, its vector v of length one.

    The sign of a is that of v, whose first component of at least half the largest is positive.
    """
    q = vector_field.jacobian(limit, m)
    v, w = null_vectors(q)
    v = v * np.sign(v[np.argmax(np.abs(v) >= np.abs(v).max() / 2)])
    w = w / (w @ v)
    bend = _along(limit, m, v) @ v
    a = w @ bend / 2
    bordered = np.block([[q, w[:, None]], [v[None, :], np.zeros((1, 1))]])
    h = np.linalg.lstsq(bordered, np.append(-bend, 0), rcond=None)[0][:-1]
    c = w @ (_twice_along(limit, m, v) @ v) / 6 + w @ (_along(limit, m, v) @ h) / 2
    return float(a), float(c)


def lyapunov(limit, m: np.ndarray, pair: complex | None = None) -> tuple[float, float]:
    """ω and the first Lyapunov coefficient l₁, for |q| = 1, at a fixed point with eigenvalues ±iω, iω being the one
    nearest `pair`, or without that nearest the imaginary axis.

    l₁ is nan where it is not defined: other eigenvalues lie on the imaginary axis too, or the pair is not complex (then
    ω is 0).
    """
    matrix = vector_field.jacobian(limit, m)
    n = len(m)
    if not np.all(np.isfinite(matrix)):
        return 0.0, np.nan
    values, vectors = np.linalg.eig(matrix)
    distance = np.abs(values.real if pair is None else values - pair)
    k = int(np.argmin(np.where(values.imag > 0, distance, np.inf)))
    omega, q = float(values[k].imag), vectors[:, k]
    if omega <= 0:
        return 0.0, np.nan
    left, dual = np.linalg.eig(matrix.T)
    p = dual[:, int(np.argmin(np.abs(left - values[k].conj())))]  # Qᵀp = −iωp
    others = np.delete(values, [k, k + 1])  # LAPACK puts iω before −iω
    if np.abs(others.real).min(initial=np.inf) <= ZERO or abs(p.conj() @ q) < _DEFECTIVE:
        return omega, np.nan
    p = p / (p.conj() @ q).conj()
    first = _along(limit, m, q.real) + 1j * _along(limit, m, q.imag)  # B(q, ·)
    even = solve(matrix, first @ q.conj())
    double = solve(2j * omega * np.eye(n) - matrix, first @ q)
    cubic = (_twice_along(limit, m, q.real) + _twice_along(limit, m, q.imag)) @ q  # C(q, q̄, q)
    total = p.conj() @ (cubic - 2 * first @ even + first.conj() @ double)
    return omega, float(total.real / (2 * omega))


def pair_invariants(values: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Sum and product, shape (2,), of the two eigenvalues for which they are nearest to `near`, shape (2,); nan if
    there are none.

    Only complex pairs and pairs of real eigenvalues count. Sum and product are smooth functions of the matrix where the
    pair becomes real, ω² = λ_i λ_j = 0, while the eigenvalues themselves change by the root of a rounding error.
    """
    i, j = np.triu_indices(len(values), 1)
    of_real_matrix = values[i] == values[j].conj()
    of_real_matrix |= (values[i].imag == 0) & (values[j].imag == 0)
    i, j = i[of_real_matrix], j[of_real_matrix]
    if not len(i):
        return np.full(2, np.nan)
    found = np.column_stack([(values[i] + values[j]).real, (values[i] * values[j]).real])
    scale = np.array([np.abs(values).max(), 1.0])  # both of dimension λ²
    return found[np.argmin(np.abs(found - near) @ scale)]


def solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The solution of a linear system, nan if the matrix is singular."""
    try:
        return np.linalg.solve(matrix, right)
    except np.linalg.LinAlgError:
        return np.full(len(right), np.nan)


def null_vectors(q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Right and left singular vectors of the smallest singular value."""
    u, _, v = np.linalg.svd(q)
    return v[-1], u[:, -1]


def _side(value: float) -> str:
    return "" if np.isnan(value) else "supercritical" if value < 0 else "subcritical"


def _along(limit, m, a):
    """∂Q along a, for a of any length."""
    h = _STEP
    q = [vector_field.jacobian(limit, m + k * h * a) for k in (-2, -1, 1, 2)]
    return (q[0] - 8 * q[1] + 8 * q[2] - q[3]) / (12 * h)


def _twice_along(limit, m, a):
    """∂²Q along a, twice."""
    h = _STEP
    q = [vector_field.jacobian(limit, m + k * h * a) for k in (-2, -1, 0, 1, 2)]
    return (-q[0] + 16 * q[1] - 30 * q[2] + 16 * q[3] - q[4]) / (12 * h**2)
