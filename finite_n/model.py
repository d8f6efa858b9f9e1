"""The model: one N-free description of a permutation-symmetric Lindblad generator.

ρ̇ = −i[H, ρ] + Σ_l Σ_k 𝒟[j_l^(k) Γ_l(Δ_l)] ρ + Σ_c Σ_μν D^c_μν (L_ν ρ L_μ† − ½{L_μ† L_ν, ρ}),  ħ = 1,

with H = N h(m), m(x) = (1/N) Σ_k x^(k), L_μ = √N m(v_μ) and 𝒟[J]ρ = JρJ† − ½{J†J, ρ}.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from finite_n.algebra import Polynomial, as_polynomial, linear
from finite_n.amplitude import Amplitude
from finite_n.basis import PAULI, as_operator, from_coefficients
from finite_n.errors import FiniteNError


class LocalJump:
    """The jumps J_k = j^(k) Γ(Δ), one for every particle k.

    Parameters
    ----------
    operator : 2×2 array or Qobj
        j, any complex single-particle operator.
    amplitude : float or function
        Γ, a real constant or a real function of Δ; the rate is Γ². Default 1.
    delta : Polynomial, optional
        Δ, a Hermitian linear combination of averages, such as m(σz) or 0.3 m(σx) + m(σz) + 0.1.
    include_self : bool
        True: Δ contains particle k (002 eq. 59, 003 eq. 51). False: it is left out of the sum, which is still divided
        by N (002 eq. 58). Default True.
    derivative : function, optional
        Γ′, for a Γ that numpy cannot evaluate at complex argument.

    Raises FiniteNError if Δ is not linear and Hermitian, if Γ is complex or not finite on the range of Δ, or if an
    option would be ignored.
    """

    def __init__(
        self,
        operator,
        amplitude: float | Callable = 1.0,
        delta: Polynomial | None = None,
        include_self: bool = True,
        derivative: Callable | None = None,
    ):
        self.operator = as_operator(operator, "jump operator j")
        self.amplitude = amplitude if isinstance(amplitude, Amplitude) else Amplitude(amplitude, derivative)
        if not isinstance(include_self, bool | np.bool_):
            raise FiniteNError(f"local jump: include_self = {include_self!r}; give True or False.")
        self.include_self = bool(include_self)
        if self.amplitude.is_constant:
            if delta is not None or not include_self or derivative is not None:
                raise FiniteNError(
                    "local jump: a constant amplitude depends on no Δ, so delta, include_self and derivative would be "
                    "ignored; give a function of Δ as amplitude, or leave them out."
                )
            self.delta = np.zeros(4)
            if not abs(float(self.amplitude(0.0))) * float(np.abs(self.operator).max()) < 1e100:
                raise FiniteNError("local jump: the rate Γ²|j|² is beyond what numbers can hold; lower the amplitude.")
        else:
            if delta is None:
                raise FiniteNError(
                    "local jump: the amplitude is a function of Δ, but delta is missing; give for example delta=mz."
                )
            self.delta = _linear_hermitian(delta)
            low, high = self.range()
            self.amplitude.check(low, high)

    def range(self) -> tuple[float, float]:
        """Smallest interval that holds every value of Δ, at every N."""
        length = float(np.linalg.norm(self.delta[1:]))
        low, high = self.delta[0] - length, self.delta[0] + length
        return (low, high) if self.include_self else (min(low, 0.0), max(high, 0.0))

    def rotated(self, unitary: np.ndarray) -> LocalJump:
        """The same jumps in a frame turned by U; the range of Δ stays, so Γ is not checked again."""
        image = copy.copy(self)
        image.operator = turned(self.operator, unitary)
        image.delta = np.concatenate([self.delta[:1], adjoint_matrix(unitary) @ self.delta[1:]])
        return image

    def __repr__(self):
        if self.amplitude.is_constant:
            return f"LocalJump({_show(self.operator)}, Γ = {self.amplitude})"
        left_out = "" if self.include_self else ", particle k left out"
        return f"LocalJump({_show(self.operator)}, Γ = {self.amplitude}, Δ = {linear(self.delta)}{left_out})"


class CollectiveJumps:
    """Collective dissipation Σ_μν D_μν (L_ν ρ L_μ† − ½{L_μ† L_ν, ρ}) with L_μ = √N m(v_μ) = N^{-1/2} Σ_k v_μ^(k).

    Parameters
    ----------
    operators : sequence of 2×2 arrays or Qobj
        v_μ; need not be Hermitian.
    kossakowski : array, shape (n, n)
        D, Hermitian and positive semi-definite (000 eq. 17). A number for a single operator. Default 1.
    """

    def __init__(self, operators: Sequence, kossakowski=1.0):
        if isinstance(operators, str) or not (hasattr(operators, "full") or hasattr(operators, "__len__")):
            raise FiniteNError(f"collective jumps: got {operators!r}; give a list of operators v_μ.")
        if hasattr(operators, "full") or (isinstance(operators, np.ndarray) and operators.ndim == 2):
            operators = [operators]
        self.operators = np.array([as_operator(v, "collective operator v_μ") for v in operators]).reshape(-1, 2, 2)
        try:
            matrix = np.atleast_2d(np.array(kossakowski, dtype=complex))
        except (TypeError, ValueError):
            raise FiniteNError(f"Kossakowski matrix: got {kossakowski!r}; give a square array of numbers.") from None
        n = len(self.operators)
        if n == 0:
            raise FiniteNError(
                "collective jumps: the list of operators is empty; give at least one, for example qutip.sigmam()."
            )
        if matrix.shape != (n, n):
            raise FiniteNError(
                f"Kossakowski matrix: got shape {matrix.shape} for {n} operator(s); give one row and column per operator."
            )
        if not np.all(np.isfinite(matrix)):
            raise FiniteNError("Kossakowski matrix: has an entry that is not finite; give finite numbers.")
        scale = np.abs(matrix).max()
        gap = np.abs(matrix - matrix.conj().T).max()
        if gap > 1e-12 * scale:
            raise FiniteNError(
                f"Kossakowski matrix: not Hermitian, D − D† has an entry of size {gap:.3g}; try (D + D†)/2."
            )
        smallest = np.linalg.eigvalsh(matrix).min()
        if smallest < -1e-12 * scale:
            raise FiniteNError(
                f"Kossakowski matrix: not positive semi-definite, its smallest eigenvalue is {smallest:.6g}; "
                "a Lindblad generator needs all eigenvalues ≥ 0."
            )
        self.kossakowski = (matrix + matrix.conj().T) / 2

    def __repr__(self):
        names = ", ".join(_show(v) for v in self.operators)
        return f"CollectiveJumps([{names}], D = {np.array2string(self.kossakowski, precision=4, separator=', ')})"


@dataclasses.dataclass(frozen=True)
class Model:
    """One open quantum many-body model of N identical two-level particles, written without N.

    Parameters
    ----------
    hamiltonian : Polynomial or number
        h, with H = N h(m): an ordered, Hermitian polynomial of averages. Σ_k ε·σ^(k) + (1/N) Σ_kj h_ab σ_a^(k) σ_b^(j)
        is h = ε·m + m·h·m. Default 0.
    jumps : sequence of LocalJump
    collective : sequence of CollectiveJumps
    name : str

    Raises FiniteNError if h is not Hermitian or a part has the wrong type.

    Example
    -------
    >>> import numpy as np, qutip
    >>> from finite_n import LocalJump, Model, mx, mz
    >>> Model(0.3 * mx, jumps=[LocalJump(qutip.sigmap(), lambda d: np.exp(0.4 * d) / np.sqrt(2), delta=mz),
    ...                        LocalJump(qutip.sigmam(), lambda d: np.exp(-0.4 * d) / np.sqrt(2), delta=mz)])
    Model(h = 0.3 m(σx), 2 local jumps, 0 collective)
    """

    hamiltonian: Polynomial | float = 0.0
    jumps: Sequence[LocalJump] = ()
    collective: Sequence[CollectiveJumps] = ()
    name: str = ""

    def __post_init__(self):
        h = as_polynomial(self.hamiltonian)
        if not all(np.isfinite(c) for c in h.words.values()):
            raise FiniteNError(f"Hamiltonian: a coefficient of h = {h} is not finite; give finite numbers.")
        rest = h.non_hermitian_part()
        if rest.words:
            raise FiniteNError(
                f"Hamiltonian: h is not Hermitian, ½(h − h†) = {rest}; order matters, so symmetrise products "
                "(½(m_a m_b + m_b m_a)) and use real coefficients."
            )
        object.__setattr__(self, "hamiltonian", h)
        for field, kind in (("jumps", LocalJump), ("collective", CollectiveJumps)):
            parts = getattr(self, field)
            try:
                parts = (parts,) if isinstance(parts, kind) else tuple(parts)
            except TypeError:
                raise FiniteNError(f"model, {field}: got {parts!r}; give a list of {kind.__name__} objects.") from None
            for part in parts:
                if not isinstance(part, kind):
                    raise FiniteNError(f"model, {field}: got {part!r}; give {kind.__name__} objects.")
            object.__setattr__(self, field, parts)

    @property
    def is_linear(self) -> bool:
        """True if the drift is linear in the averages: h of degree ≤ 1, constant amplitudes, no collective jumps."""
        return self.hamiltonian.degree <= 1 and all(j.amplitude.is_constant for j in self.jumps) and not self.collective

    def rotated(self, unitary) -> Model:
        """The same model in a frame turned by a 2×2 unitary U: every single-particle operator x becomes U x U†."""
        u = np.asarray(unitary, dtype=complex)
        images = [Polynomial(dict(zip([(1,), (2,), (3,)], row, strict=True))) for row in adjoint_matrix(u).T]
        jumps = [jump.rotated(u) for jump in self.jumps]
        collective = [CollectiveJumps([turned(v, u) for v in c.operators], c.kossakowski) for c in self.collective]
        return Model(self.hamiltonian.evaluate(images, Polynomial({(): 1})), jumps, collective, self.name)

    def __repr__(self):
        name = f"{self.name}: " if self.name else ""
        return f"Model({name}h = {self.hamiltonian}, {len(self.jumps)} local jumps, {len(self.collective)} collective)"


def adjoint_matrix(u: np.ndarray) -> np.ndarray:
    """The rotation R with U (c·σ) U† = (R c)·σ, shape (3, 3), real."""
    return np.real(without_rounding(np.einsum("aij,jk,bkl,li->ab", PAULI[1:], u, PAULI[1:], u.conj().T) / 2))


def turned(x: np.ndarray, u: np.ndarray) -> np.ndarray:
    """U x U†, without what rounding leaves of a zero."""
    return without_rounding(u @ x @ u.conj().T)


def without_rounding(x: np.ndarray, relative: float = 1e-15) -> np.ndarray:
    """Real and imaginary parts below `relative` times the largest entry set to zero, so that turned zeros stay zeros."""
    floor = relative * np.abs(x).max(initial=0)
    return np.where(np.abs(x.real) > floor, x.real, 0) + 1j * np.where(np.abs(x.imag) > floor, x.imag, 0)


def _linear_hermitian(delta) -> np.ndarray:
    """Coefficients (r_0, r_x, r_y, r_z) of Δ = r_0 + Σ_a r_a m(σ_a); refuses anything else."""
    delta = as_polynomial(delta)
    if delta.degree > 1:
        raise FiniteNError(
            f"Δ = {delta} has degree {delta.degree}; Γ is a function of one linear combination of averages. "
            "Put powers into Γ instead."
        )
    if delta.non_hermitian_part().words:
        raise FiniteNError(f"Δ = {delta} is not Hermitian; use real coefficients with σx, σy, σz.")
    r = np.array([delta.words.get(w, 0).real for w in ((), (1,), (2,), (3,))])
    if not np.all(np.isfinite(r)):
        raise FiniteNError(f"Δ = {delta} has a coefficient that is not finite; give finite numbers.")
    return r


def _show(x: np.ndarray) -> str:
    for name, c in (("σ+", [0, 0.5, 0.5j, 0]), ("σ-", [0, 0.5, -0.5j, 0])):
        if np.allclose(x, from_coefficients(c), atol=1e-14):
            return name
    for name, v in zip(("1", "σx", "σy", "σz"), PAULI, strict=True):
        if np.allclose(x, v, atol=1e-14):
            return name
    return np.array2string(x, precision=4, separator=", ").replace("\n", "")
