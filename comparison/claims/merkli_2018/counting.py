"""What decides the counts in the proofs of Merkli and Rafiyi 2018 (sections 3.1, 3.2 and 3.4): integers, one by one."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
from scipy.special import gamma

from comparison.claims.paper_claim import Facts

_NAMES = {"fact": lambda x: gamma(x + 1)}
_HOW = "counted one by one"


def _multinomial(*p: int) -> int:
    return math.factorial(sum(p)) // math.prod(math.factorial(k) for k in p)


def tuples(_: bool) -> Facts:
    """How many (j_1, …, j_r) of three values have them p_1, p_2 and p_3 times, r = 4, 5."""
    rows, exact = [], []
    for r in (4, 5):
        counted = Counter(tuple(js.count(k) for k in range(3)) for js in itertools.product(range(3), repeat=r))
        rows += [(r, *p) for p in counted]
        exact += counted.values()
    names = dict(zip(("r", "p1", "p2", "p3"), np.array(rows, dtype=float).T, strict=True))
    return Facts(_NAMES | names, {"": np.array(exact, dtype=float)}, how=_HOW)


def _rows() -> list[tuple[int, ...]]:
    every = itertools.product(range(5), range(4), range(4))
    return [x for x in every if x[1] + x[2] and x[0] + 2 * x[1] + 2 * x[2] <= 8]


def _split() -> tuple[np.ndarray, np.ndarray]:
    """Rows (p_1, q_2, q_3) with q_2 + q_3 ≥ 1 and r = p_1 + 2q_2 + 2q_3 ≤ 8, and the multinomials of (p_1, 2q_2,
    2q_3)."""
    rows = _rows()
    return np.array(rows, dtype=float), np.array([_multinomial(p, 2 * a, 2 * b) for p, a, b in rows], dtype=float)


def terms(_: bool) -> Facts:
    """Multinomials of (p_1, 2q_2, 2q_3), where not both q vanish: where they do, both sides are equal."""
    (p1, q2, q3), exact = _split()[0].T, _split()[1]
    names = {"r": p1 + 2 * q2 + 2 * q3, "p1": p1, "p": 2 * q2 + 2 * q3, "q2": q2, "q3": q3}
    # r!/p_1! arrangements, in which those of q_2 pairs and q_3 pairs are the same
    parts = [math.perm(p + 2 * a + 2 * b, 2 * a + 2 * b) / math.factorial(a) / math.factorial(b) for p, a, b in _rows()]
    return Facts(_NAMES | names, {"": exact}, how=_HOW, parts={"": np.array(parts)})


def rewritten(_: bool) -> Facts:
    """The same for even p_1 = 2ν."""
    rows, exact = _split()
    even = rows[:, 0] % 2 == 0
    p1, q2, q3 = rows[even].T
    names = {"r": p1 + 2 * q2 + 2 * q3, "p1": p1, "nu": p1 / 2, "q2": q2, "q3": q3}
    return Facts(_NAMES | names, {"": exact[even]}, how=_HOW)


def sum_of_multinomials(_: bool) -> Facts:
    """Σ of multinomials of q_{n+1}, …, q_N with sum m, for N − n = 1 … 4 and m = 1 … 5."""
    n, rows, exact = 2, [], []
    for others, m in itertools.product(range(1, 5), range(1, 6)):
        rows.append((others + n, m))
        exact.append(sum(_multinomial(*q) for q in itertools.product(range(m + 1), repeat=others) if sum(q) == m))
    N, m = np.array(rows, dtype=float).T
    nu = 1.0
    return Facts(
        {"N": N, "n": n, "p": 2 * m, "nu": nu, "r": 2 * (m + nu)}, {"": np.array(exact, dtype=float)}, how=_HOW
    )


def solutions(_: bool) -> Facts:
    """How many q_1 + … + q_L = T there are, of any q_j ≥ 0 and of q_j ∈ {0, 1}, 1 ≤ T ≤ L ≤ 5."""
    rows, every, star = [], [], []
    for L in range(1, 6):
        for T in range(1, L + 1):
            rows.append((L, T))
            every.append(sum(sum(q) == T for q in itertools.product(range(T + 1), repeat=L)))
            star.append(sum(sum(q) == T for q in itertools.product(range(2), repeat=L)))
    L, T = np.array(rows, dtype=float).T
    exact = {"all": np.array(every, dtype=float), "star": np.array(star, dtype=float)}
    return Facts(_NAMES | {"L": L, "T": T}, exact, how=_HOW)


def higher_multiplicities(_: bool) -> Facts:
    """How many q_1 + … + q_L = T have some q_j ≥ 2, T = 2, 3, 4 and L = 4 … 8, and the two products of eq. 3.16."""
    rows, exact = [], []
    for L, T in itertools.product(range(4, 9), range(2, 5)):
        found = (q for q in itertools.product(range(T + 1), repeat=L) if sum(q) == T and max(q) > 1)
        exact.append(sum(1 for _q in found))
        k = np.arange(1, T)
        rows.append((L, T, np.prod(1 + k / L), np.prod(1 - k / L)))
    names = dict(zip(("L", "T", "up", "down"), np.array(rows, dtype=float).T, strict=True))
    return Facts(_NAMES | names, {"": np.array(exact, dtype=float)}, how=_HOW)
