"""How fluctuations are carried along the averages: dΦ/dt = Q̃(m(t)) Φ, Φ = 1 at the start, with the noise coming in."""

from __future__ import annotations

import numpy as np

from meanfield.limit.driven import course_of, integrate_over


def propagators(limit, m: np.ndarray, times: np.ndarray, name: str, noise: bool = False):
    """m(t), (T, n), Φ, (T, n, n), from m at times[0]; with noise also Y, Ẏ = Q̃Y + YQ̃ᵀ + 𝒟, Y = 0 at the start.

    limit : `meanfield.Limit`; name : of what is integrated, for errors
    """
    n = len(m)
    parts = [m, np.eye(n).ravel(), *([np.zeros(n * n)] if noise else [])]
    if len(times) == 1:
        return tuple(x.reshape(1, *shape) for x, shape in zip(parts, ((n,), (n, n), (n, n)), strict=False))

    def rhs(t, y):
        m, phi = y[:n], y[n : n + n * n].reshape(n, n)
        q = limit.fluctuation_matrix(m, t)
        moved = [limit.drift(m, t), (q @ phi).ravel()]
        if noise:
            flow = q @ y[n + n * n :].reshape(n, n)
            moved.append((flow + flow.T + limit.diffusion(m, t)).ravel())
        return np.concatenate(moved)

    y, _ = integrate_over(course_of(limit.model, times), rhs, np.concatenate(parts), times, name)
    rest = y[:, n:].reshape(len(times), -1, n, n)
    return y[:, :n], *(rest[:, k] for k in range(rest.shape[1]))
