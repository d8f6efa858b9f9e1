"""Fluctuations of two chains of oscillators in one bath at finite N: characteristic functions, fourth cumulants and
products of evolved Weyl operators go to the Gaussian as 1/N, and not to the product as it is printed.

Stands beside Benatti et al. 2017, Lemma 1 and eqs. 41, 86 to 88; the paper has no figure of them. T = 0.2, λ = 0.9.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from figures.frame.convergence import distances, exact_curves, slope
from figures.frame.figure import Say
from figures.frame.style import DERIVED, DERIVED_LINE, PRINTED_LINE, greys, message, two_columns
from finite_n import evolve_particle, three_point_function
from finite_n.systems import double_chain
from meanfield import fluctuation_map

SHOWS = (
    "Fluctuations of the double chain become Gaussian as 1/N: characteristic function, fourth cumulant and the product "
    "of evolved Weyl operators; the product as printed exceeds 1, which no average can."
)
BESIDE = "Benatti et al. 2017, Lemma 1 and eqs. 86 to 88"
SIZES = (10, 20, 40, 80, 160)
R = np.array([[0.3, -0.2, 0.1, 0.4, 0.2, -0.1], [0.2, 0.1, -0.3, 0.2, -0.2, 0.3], [-0.1, 0.3, 0.2, -0.3, 0.1, 0.2]])
ALONG = np.array([1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
STOP, POINTS, LARGEST_S, STEPS = 2.0, 11, 2.2, 23
FINE = 101  # times of limit and printed formula
_PARAMETERS = {"T": 0.2, "coupling": 0.9}
_TOLERANCE = 1e-6  # of numbers whose distance from the limit is 1e-5 and more


def compute(progress: Say) -> xr.Dataset:
    """weyl (N, s) = ⟨e^{isF(X_1)}⟩ and its limit; product (N, time) = Re ⟨W(r_1) Φ_t[W(r)] W(r_2)⟩, its limit and as
    printed (fine), product_distance (N) the largest in time, of complex numbers; cumulant (N), the fourth of F(X_1)."""
    chain, t, s = double_chain(**_PARAMETERS), np.linspace(0.0, STOP, POINTS), np.linspace(0.0, LARGEST_S, STEPS)
    fine = np.linspace(0.0, STOP, FINE)
    of = (chain.particle, chain.gibbs)
    x1 = chain.operators["X1"]
    one = evolve_particle(*of, [0.0, 0.1], {"X1": x1, "square": x1 * x1}, tol=_TOLERANCE)
    two, four = (one.products[0, k, k].real for k in (0, 1))
    weyl, product = [], []
    for N in SIZES:
        progress(f"N = {N}")
        weyl.append([one.characteristic([x, 0.0], N)[0].real for x in s])
        product.append(three_point_function(*of, t, chain.operators, R, N, tol=_TOLERANCE))
    limit, smooth = (fluctuation_map(*of, x, chain.operators).three_point(R) for x in (t, fine))
    return xr.Dataset(
        {
            "weyl": (("N", "s"), np.array(weyl)),
            "weyl_limit": ("s", np.exp(-two * s**2 / 2)),
            "product": (("N", "time"), np.array(product).real),
            "product_distance": ("N", np.abs(np.array(product) - limit).max(axis=1)),
            "product_limit": ("fine", smooth.real),
            "product_printed": ("fine", printed_87(chain, fine)),
            "cumulant": ("N", (four - 3 * two**2) / np.array(SIZES)),
        },
        {"N": list(SIZES), "s": s, "time": t, "fine": fine},
    )


def printed_87(chain, times: np.ndarray) -> np.ndarray:
    """Re e^{(Z_t + iY_t)/2} by eqs. 27, 32, 51, 53, 54, 87 and 88 as they are printed, (T,)."""
    from scipy.linalg import expm

    eta, gamma, sigma = chain.eta, chain.gamma, np.kron(np.eye(3), [[0, 1], [-1, 0]])
    mixing = np.kron([[0, 0, 1], [0, 0, 1], [1, 1, 0]], np.eye(2))
    L = (gamma - 1) * np.eye(6) + 2 * chain.omega * sigma + (gamma - 1) * chain.coupling / np.sqrt(2) * mixing
    S, (r1, r, r2), out = (eta**2 + 1) / (4 * eta) * np.eye(6), R, []
    for t in times:
        M = expm(t * L)
        rt, K = M.T @ r, S - M @ S @ M.T
        Z = (r + r1 + r2) @ S @ (r + r1 + r2) - rt @ K @ rt
        Y = r1 @ sigma @ rt + rt @ sigma @ r2 + r1 @ sigma @ r2
        out.append(np.exp((Z + 1j * Y) / 2).real)
    return np.array(out)


def draw(data: xr.Dataset) -> Figure:
    """Characteristic functions, products in time, and distances from the limits against N."""
    figure = two_columns(2.7)
    left, middle, right = figure.subplots(1, 3)
    sizes = data["N"].values
    shown = [0, 2, 4] if len(sizes) == 5 else slice(None)
    some = data.isel(N=shown)
    s, t, fine = data["s"].values, data["time"].values, data["fine"].values
    left.plot(s, data["weyl_limit"], **(DERIVED_LINE | {"lw": 2.6}), label="Gaussian limit")
    exact_curves(left, s, some["weyl"].values, some["N"].values)
    left.set(xlabel="s", ylabel="average of exp(i s F), F of position 1", xlim=(0, s[-1]), ylim=(0, 1.02))
    left.set_title("(a) characteristic function")
    left.legend(loc="lower left")

    middle.axhspan(1, 1.3, color="0.93", lw=0)
    middle.text(t[-1] * 0.97, 1.01, "above 1: impossible (unitaries)", ha="right", fontsize=7)
    middle.plot(fine, data["product_limit"], **(DERIVED_LINE | {"lw": 2.6}))
    for N, values, shade in zip(some["N"].values, some["product"].values, greys(some.sizes["N"]), strict=True):
        middle.plot(t, values, "o", color=shade, ms=3, label=f"N = {N}")
    middle.plot(fine, data["product_printed"], **PRINTED_LINE, label="eqs. 87, 88 of Benatti et al.\n2017 as printed")
    middle.set(
        xlabel="time t (1/ω)",
        ylabel=r"Re $\langle W(r_1)\,\Phi_t[W(r)]\,W(r_2)\rangle$",
        xlim=(0, t[-1]),
        ylim=(0.8, 1.2),
    )
    middle.set_title("(b) three Weyl operators, one evolved")
    middle.legend(handles=[middle.get_lines()[-1]], loc="upper right")

    last = np.abs(data["weyl"] - data["weyl_limit"]).isel(s=-1).values
    for values, marker, label in (
        (np.abs(data["cumulant"].values), "D", "fourth cumulant of F"),
        (data["product_distance"].values, "s", "(b), largest of all t"),
        (last, "o", f"(a) at s = {s[-1]:g}"),
    ):
        distances(right, sizes, values, color=DERIVED, marker=marker, mfc="white", label=label)
        slope(right, sizes, values[-1], 1, "")
    right.plot([], [], color="0.6", lw=1, label=r"$\propto 1/N$")
    right.set(ylabel="distance from the Gaussian", xlabel="number of sites N", ylim=(5e-6, 0.3))
    right.set_title("(c) all fall as 1/N")
    right.legend(loc="lower left")
    message(figure, "Fluctuations of N sites become Gaussian as 1/N; an average is printed that exceeds its bound 1")
    return figure
