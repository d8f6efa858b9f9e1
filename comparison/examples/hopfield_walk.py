"""From a model to the first page's figure, cell by cell: run it in an editor that knows `# %%`, or as a whole.

    python comparison/examples/hopfield_walk.py

It evolves the open quantum Hopfield network at five sizes, derives its limit, judges a printed formula, and draws
`hopfield_walk.png` in the current folder. A few seconds.
"""

# %% The model, written without N: a drive, and flips whose rates depend on the average m(σz) as an operator
import numpy as np
from qutip import sigmam, sigmap

from comparison import Claim, Study, headlines
from finite_n import LocalJump, Model, mx, mz
from meanfield import Limit

omega, beta = 0.3, 0.8
model = Model(
    omega * mx,
    jumps=[
        LocalJump(sigmap(), lambda d: np.exp(beta * d / 2) / np.sqrt(2), delta=mz),
        LocalJump(sigmam(), lambda d: np.exp(-beta * d / 2) / np.sqrt(2), delta=mz),
    ],
    name="Hopfield network, one pattern",
)
start, times = [0.0, 0.3, 0.4], np.linspace(0, 1.5, 16)

# %% Its limit: averages m(t) and the covariance Σ(t) of fluctuations
limit = Limit(model).evolve(start, times)
print("derived limit of Σ_zz at the end:", limit.covariance[-1, 2, 2].round(6))

# %% A theory to judge: the same equations without the derivative of the rates, as in Fiorelli 2024, eqs. 50 and 59


def without_derivative(t):
    """Σ̇ = QΣ + ΣQᵀ + 𝒟 along m(t), with the rates in Q held fixed while the averages are varied."""
    from scipy.integrate import solve_ivp

    exact_limit = Limit(model)
    m0 = np.array(start)

    def held(m):  # Q of a model whose rates are numbers, those at m
        rates = [jump.gamma(np.array([m[2]]))[0] ** 2 for jump in model.jumps]
        jumps = [LocalJump(x, rate=rate) for x, rate in zip((sigmap(), sigmam()), rates, strict=True)]
        return Limit(Model(omega * mx, jumps=jumps)).jacobian(m)

    def slope(_, y):
        m, S = y[:3], y[3:].reshape(3, 3)
        Q = held(m)
        return np.concatenate([exact_limit.drift(m), (Q @ S + S @ Q.T + exact_limit.diffusion(m)).ravel()])

    S0 = np.eye(3) - np.outer(m0, m0)  # of uncorrelated spins
    y = solve_ivp(slope, (t[0], t[-1]), np.concatenate([m0, S0.ravel()]), "DOP853", t, rtol=1e-9, atol=1e-11).y
    return {"cov_zz": y[11]}


claim = Claim("without ∂Γ", "rates held fixed in Q", without_derivative, error=1e-8)

# %% Exact dynamics at five sizes, and the verdicts
study = Study(model, start, times, [10, 20, 40, 80, 160], [claim])
result = study.run()
for line in headlines(result):
    print(line)

# %% The figure: exact Σ_zz at every N, the derived limit, the other theory
from matplotlib.figure import Figure  # noqa: E402

data = result.dataset.sel(quantity="cov_zz")
figure = Figure(figsize=(5, 3.2), layout="constrained")
axes = figure.subplots()
for shade, N in zip(np.linspace(0.75, 0.2, len(study.sizes)), study.sizes, strict=True):
    axes.plot(times, data["exact"].sel(N=N), color=str(shade), label=f"exact, N = {N}")
axes.plot(times, data["limit"].sel(claim="derived"), color="#0072B2", label="derived limit")
axes.plot(times, data["limit"].sel(claim=claim.name), color="#D55E00", ls="--", label="rates held fixed in Q")
axes.set(xlabel="time t (1/Γ₀)", ylabel=r"covariance $\Sigma_{zz}$", xlim=(times[0], times[-1]))
axes.legend(frameon=False, fontsize=8)
if __name__ == "__main__":
    figure.savefig("hopfield_walk.png", dpi=200)
