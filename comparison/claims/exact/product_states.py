"""Large spins without correlations whose rates are exponentials, e^{± β Σ w m_z / 2} / √2: every average is a product
of one-spin numbers, exact at any size, and so are those of what the generator makes of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.linalg import expm

from comparison.claims.exact.ladders import of_sizes

PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
_SIGNS = (1, -1)
_FLIP = {1: np.array([[0, 1], [0, 0]], complex), -1: np.array([[0, 0], [1, 0]], complex)}
_SIZES = (100, 150, 200, 300, 400, 600, 800)
Letters = Mapping[str, np.ndarray]


@dataclasses.dataclass(frozen=True, eq=False)
class LargeSpins:
    """n large spins of equal sizes, and their generator.

    bloch : averages of Pauli matrices, (n, 3)
    beta, coupling : jumps σ_± e^{± β Σ_k w_hk m_z,k / 2} / √2 of every spin of h, w (n, n); no jumps where beta is None
    field : H = Σ_a field_a σ_a of every spin, (3,)
    pairs : (h, a, k, b, c): the Hamiltonian c/size Σ_{i in h, j in k} a_i b_j of 2×2 matrices a and b
    """

    bloch: np.ndarray
    beta: float | None
    coupling: np.ndarray
    field: np.ndarray
    pairs: Sequence[tuple[int, np.ndarray, int, np.ndarray, complex]] = ()

    def moments(self, word: str, size: int, common: Sequence[Letters], special: Sequence[tuple[int, Letters]] = ()):
        """Averages of a product of operators, with sums over spins where x and y stand in it: (1 + 3n, 1 + 3n), by the
        component of σ − ⟨σ⟩ that takes the place of x and y, 0 for none.

        word : letters, each a product over all spins of the matrix of that name, or of 1. A d in front, instead of y:
            the derivative by the averages of the state.
        common : matrices of the spins of each h
        special : single spins with matrices of their own, as pairs of their h and matrices
        """
        n = len(self.bloch)
        z, first, second = 1.0, np.zeros((n, 3), complex), np.zeros((n, 3), complex)
        both = np.zeros((n, 3, n, 3), complex)
        for h in range(n):
            count, table = size - sum(h == k for k, _ in special), self._one(h, word, common[h])
            z0 = table[0, 0]
            z = z * z0**count
            a, b = table[1:, 0] / z0, table[0, 1:] / z0
            first[h], second[h] = count * a, count * b
            both[h, :, h] = count * (table[1:, 1:] / z0 - np.outer(a, b))
        out = np.outer(np.append(1, first), np.append(1, second))
        out[1:, 1:] += both.reshape(3 * n, 3 * n)
        out = z * out
        for h, letters in special:
            out = _times(out, self._one(h, word, letters), h)
        return out

    def _one(self, h: int, word: str, letters: Letters) -> np.ndarray:
        """One spin's averages of the word, (4, 4)."""
        moved = np.array([np.eye(2), *(PAULI - self.bloch[h][:, None, None] * np.eye(2))])
        known = {"x": moved[:, None], "y": moved[None, :]}
        state = (np.eye(2) + np.tensordot(self.bloch[h], PAULI, 1)) / 2
        value = np.array([state, *(PAULI / 2)])[None] if word[0] == "d" else state
        for letter in word:
            if letter in known:
                value = value @ known[letter]
            elif letter in letters:
                value = value @ letters[letter]
        table = np.atleast_2d(np.trace(value, axis1=-2, axis2=-1))
        return np.pad(table, [(0, 4 - n) for n in table.shape])

    def flips(self, words: Mapping[str, complex], size: int, weyl=None, signs=_SIGNS) -> np.ndarray:
        """Σ over all spins and both jumps of words with Γ as g, j as j and j† as J, W = e^{i r·F} as w and W† as v;
        shape of `moments`.

        weyl : r (n, 3)
        """
        out = 0
        for h in range(len(self.bloch)):
            for sign in signs:
                common = self.weyl(weyl, size)
                for k, letters in enumerate(common):
                    rate = np.exp(sign * self.beta * self.coupling[h, k] / (2 * size) * np.array([1, -1]))
                    letters["g"] = np.diag(rate).astype(complex)
                own = common[h] | {"j": _FLIP[sign], "J": _FLIP[sign].T}
                for word, factor in words.items():
                    value = self.moments(word, size, common, [(h, own)])
                    out = out + factor * size * 2 ** (-word.count("g") / 2) * value
        return out

    def generated(self, parts: Mapping[str, complex], size: int, weyl=None, d: str = "") -> np.ndarray:
        """The average of L[X], X a sum of words in x, y and w with factors; shape of `moments`."""
        words: dict[str, complex] = {}
        for x, factor in parts.items():
            words |= {f"{d}gJ{x}jg": factor, f"{d}gJjg{x}": -factor / 2, f"{d}{x}gJjg": -factor / 2}
        out = 0 if self.beta is None else self.flips(words, size, weyl)
        own = np.tensordot(self.field, PAULI, 1)
        hamiltonian: list = [(size, [(h, {"H": own})]) for h in range(len(self.bloch)) if np.any(self.field)]
        for h, a, k, b, c in self.pairs:
            if c == 0:
                continue
            hamiltonian.append((c * (size - (h == k)), [(h, {"H": a}), (k, {"H": b})]))
            if h == k:
                hamiltonian.append((c, [(h, {"H": a @ b})]))
        common = self.weyl(weyl, size)
        for amount, special in hamiltonian:
            special = [(h, common[h] | letters) for h, letters in special]
            for x, factor in parts.items():
                for word, sign in ((f"{d}H{x}", 1j), (f"{d}{x}H", -1j)):
                    out = out + sign * factor * amount * self.moments(word, size, common, special)
        return out

    def weyl(self, r, size: int) -> list[dict[str, np.ndarray]]:
        """W and W† of the spins of each h, by their letters w and v."""
        if r is None:
            return [{} for _ in self.bloch]
        centred = [PAULI - m[:, None, None] * np.eye(2) for m in self.bloch]
        parameters = [np.tensordot(s, x, 1) for s, x in zip(np.atleast_2d(r), centred, strict=True)]
        own = [expm(1j / np.sqrt(size) * x) for x in parameters]
        return [{"w": w, "v": w.conj().T} for w in own]


def _times(whole: np.ndarray, one: np.ndarray, h: int) -> np.ndarray:
    """Moments with one more spin of h."""
    own = slice(1 + 3 * h, 4 + 3 * h)
    wide = np.zeros(whole.shape, complex)
    wide[0, 0], wide[own, 0], wide[0, own], wide[own, own] = one[0, 0], one[1:, 0], one[0, 1:], one[1:, 1:]
    out = whole * wide[0, 0] + whole[0, 0] * wide
    out[0, 0] = whole[0, 0] * wide[0, 0]
    out[1:, 1:] += np.outer(whole[1:, 0], wide[0, 1:]) + np.outer(wide[1:, 0], whole[0, 1:])
    return out


def in_limit(value: Callable[[int], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """N → ∞ of such numbers, which are series in 1/N, and the error."""
    return of_sizes(value, _SIZES, 1e-12)


def in_limit_of_weyl(value: Callable[[int, np.ndarray], np.ndarray], r: np.ndarray, leading: bool = False):
    """The same with W = e^{i r·F}, of averages over that of W: the even part in r is a series in 1/N, the odd one √N
    times such a series, and `leading` its first coefficient."""
    sign = -1 if leading else 1

    def part(size: int) -> np.ndarray:
        return (value(size, r) + sign * value(size, -r)) / (2 * np.sqrt(size) if leading else 2)

    return in_limit(part)
