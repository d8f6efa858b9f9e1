"""Speed, side by side in one process: PIQS with mesolve, scipy's CSR product of the same reduced space, and this
package.

Job A: N driven spins with local emission, pumping and dephasing and collective emission,
H = 2Ω J_x, Ω = ½; rates 0.3, 0.1, 0.2, 1/N; coherent state θ = 1.1, φ = −0.3; t = 0 … 5, 51 times; ⟨J_x⟩, ⟨J_z⟩,
⟨J_z²⟩. Every figure is the best of several runs after a warm-up, contestants in turns; compiled code is warm before the
clock starts. Whole jobs of ours: the faster of one and two threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
import qutip
from qutip.piqs.piqs import Dicke, css, jspin
from scipy.sparse.linalg import expm_multiply

from finite_n import CollectiveJumps, Liouvillian, LocalJump, Model, coherent, evolve, mx, mz
from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.blocks import DickeBlocks, dicke_blocks
from finite_n.dicke_blocks.frames import choose_frames
from finite_n.dicke_blocks.moments import functionals_of
from finite_n.engine.moments import Readout
from finite_n.systems import hopfield, hopfield_patterns

THETA, PHI, TIMES = 1.1, -0.3, np.linspace(0, 5, 51)
ASKED = 1e-2  # of ours, on covariances times N: averages are then within 1e-6
THREADS = (1, 2)
ACCURACY = 1e-5  # of averages and of ⟨m_z²⟩, asked of every contestant against a tight reference


def job_a() -> Model:
    """The model of job A."""
    return Model(
        0.5 * mx,
        [
            LocalJump(qutip.sigmam(), np.sqrt(0.3)),
            LocalJump(qutip.sigmap(), np.sqrt(0.1)),
            LocalJump(qutip.sigmaz() / 2, np.sqrt(0.2)),
        ],
        [CollectiveJumps([qutip.sigmam()])],
    )


def best_times(functions: Sequence[Callable[[], object]], repeats: int = 9) -> list[float]:
    """Seconds of the fastest of `repeats` calls of each, three at a time in turns, after one turn that does not
    count."""
    times: list[list[float]] = [[] for _ in functions]
    for turn in range(-1, -(-repeats // 3)):
        for function, own in zip(functions, times, strict=True):
            for _ in range(3 if turn >= 0 else 1):
                start = time.perf_counter()
                function()
                if turn >= 0:
                    own.append(time.perf_counter() - start)
    return [min(own) for own in times]


def ours(N: int, tol: float, threads: int | None = None, method: str = "faber") -> np.ndarray:
    """⟨m_x⟩, ⟨m_z⟩, ⟨m_z²⟩ by `evolve`, shape (3, times)."""
    options = dict(tol=tol, check=False, threads=threads, method=method)
    r = evolve(job_a(), N, coherent(THETA, PHI), TIMES, {"zz": mz * mz}, **options)
    return np.array([r.mean("x"), r.mean("z"), r.e_data["zz"].real])


def runge_kutta(N: int) -> np.ndarray:
    """The same by Runge–Kutta steps."""
    return ours(N, ASKED, method="runge_kutta")


def csr(N: int) -> np.ndarray:
    """The same by scipy's `expm_multiply` on the CSR matrix of the same space."""
    generator = Liouvillian(job_a(), N)
    blocks = dicke_blocks(N)
    readout = Readout(generator.model.space, weights=len(blocks.size))
    functionals = functionals_of(readout, blocks, generator.frames)
    start = initial_state.vector(coherent(THETA, PHI), blocks, generator.frames[""])
    states = expm_multiply(generator.csr(), start, start=0, stop=TIMES[-1], num=len(TIMES), endpoint=True)
    means, second, *_ = readout.moments(np.array([functionals(v) for v in states]), N)
    return np.array([means[:, 0], means[:, 2], second[:, 2, 2].real])


def piqs(N: int) -> np.ndarray:
    """The same by qutip's PIQS and `mesolve`, default tolerances."""
    jx, _, jz = jspin(N)
    system = Dicke(N, hamiltonian=jx, emission=0.3, pumping=0.1, dephasing=0.2, collective_emission=1 / N)
    start = css(N, THETA, -PHI, coordinates="polar")  # PIQS has the opposite sign of φ
    options = {"progress_bar": None, "nsteps": 1_000_000}
    r = qutip.mesolve(system.liouvillian(), start, TIMES, [], e_ops=[jx, jz, jz * jz], options=options)
    return np.real(np.array(r.expect)) / np.array([[N / 2], [N / 2], [N**2 / 4]])


def jobs(sizes: Sequence[int], piqs_up_to: int, csr_up_to: int, report: Callable[[str], None]) -> list[dict]:
    """Whole jobs: seconds, error against a tight reference, and ratios to ours."""
    ours(4, ASKED, 1), ours(4, ASKED, 2), runge_kutta(4)  # compile all variants
    rows = []
    for N in sizes:
        reference = ours(N, 1e-8)
        seconds = best_times([lambda N=N, w=w: ours(N, ASKED, w) for w in THREADS])
        row = {"N": N, "ours": min(seconds), "threads": THREADS[int(np.argmin(seconds))]}
        row["ours error"] = float(np.abs(ours(N, ASKED) - reference).max())
        others = (("runge_kutta", runge_kutta, csr_up_to), ("csr", csr, csr_up_to), ("piqs", piqs, piqs_up_to))
        for name, function, largest in others:
            if largest >= N:
                start = time.perf_counter()
                result = function(N)
                row[name] = time.perf_counter() - start
                row[f"{name} error"] = float(np.abs(result - reference).max())
                row[f"{name} / ours"] = row[name] / row["ours"]
        rows.append(row)
        report(f"job A, N = {N}: done")
    return rows


def applications(sizes: Sequence[int], csr_up_to: int, report: Callable[[str], None]) -> list[dict]:
    """One application of the generator: ns per element of the reduced space, ratios to a copy and to scipy's CSR."""
    rows = []
    for N in sizes:
        for name, frame, planes in (("real", None, 1), ("two real planes", None, 2), ("complex", np.eye(2), 2)):
            generator = Liouvillian(job_a(), N, frame)
            state, out = _filled(generator, planes), generator.storage.zeros(planes)
            row = {"N": N, "arithmetic": name, "elements": generator.dim, "terms": len(generator.terms)}
            whole = np.full(generator.dim, 1e-3, dtype=float if planes == 1 else complex)
            other = np.empty_like(whole)
            functions = [
                lambda a=whole, b=other: np.copyto(b, a),
                lambda state=state, out=out: np.copyto(out, state),
                *(lambda g=generator, s=state, o=out, w=w: g.apply_stored(s, o, workers=w) for w in THREADS),
            ]
            if csr_up_to >= N:
                matrix = generator.csr()
                functions.append(lambda m=matrix, v=whole: m @ v)
            copy, stored, *applied = best_times(functions)
            for threads, seconds in zip(THREADS, applied, strict=False):
                row[f"ns per element, {threads} thread(s)"] = 1e9 * seconds / generator.dim
                row[f"copies of the state, {threads} thread(s)"] = seconds / copy
                row[f"copies of the stored half, {threads} thread(s)"] = seconds / stored
            if csr_up_to >= N:
                row["csr / ours, 1 thread"] = applied[-1] / applied[0]
            rows.append(row)
        report(f"application, N = {N}: done")
    return rows


def _filled(generator: Liouvillian, planes: int) -> np.ndarray:
    """A stored state without zeros, where the integrators would have it in memory."""
    state = generator.storage.zeros(planes)
    state[:] = 1e-3
    return state


def two_species(each: int, alone: int, report: Callable[[str], None]) -> dict:
    """Two species of `each` spins against one species of `alone`: ns per element and term, one thread, alternating."""
    joint = hopfield_patterns(patterns={"pp": each, "pm": each})
    two = Liouvillian(joint, 2 * each, choose_frames(joint), DickeBlocks([each, each]))
    one = Liouvillian(hopfield(), alone)
    applications = []
    for generator in (two, one):
        state, out = _filled(generator, 1), generator.storage.zeros(1)
        applications.append(lambda g=generator, s=state, o=out: g.apply_stored(s, o))
    seconds = best_times(applications, 21)
    cost = [1e9 * x / (g.blocks.elements * len(g.terms)) for g, x in zip((two, one), seconds, strict=True)]
    report("two species: done")
    return {
        "elements": [g.blocks.elements for g in (two, one)],
        "terms": [len(g.terms) for g in (two, one)],
        "ns per element and term": cost,
        "two species / one": cost[0] / cost[1],
    }


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Slope of log(seconds) against log(N)."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def measurements(large: bool = False, report: Callable[[str], None] = lambda text: None) -> dict:
    """All measurements; `large` adds the sizes that take minutes."""
    sizes, piqs_up_to = ([10, 20, 40, 60, 100], 60) if large else ([10, 20, 40, 80], 40)
    whole = jobs(sizes, piqs_up_to, 60, report)
    single = applications([50, 100, 200], 200 if large else 100, report)
    real = [r for r in single if r["arithmetic"] == "real"]
    top = [r for r in whole if r["N"] >= 40]
    return {
        "jobs": whole,
        "applications": single,
        "two species": two_species(16, 176, report),  # 938 961 and 939 929 elements
        "growth": {
            "application, real, 1 thread": exponent(
                [r["N"] for r in real], [r["elements"] * r["ns per element, 1 thread(s)"] for r in real]
            ),
            "whole job": exponent([r["N"] for r in top], [r["ours"] for r in top]),
        },
    }
