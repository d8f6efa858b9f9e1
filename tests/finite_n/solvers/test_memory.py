"""What memory is there, what an evolution takes of it, and refusals that are the same before and while running."""

import subprocess
import sys
import time
import tracemalloc

import numpy as np
import pytest
import qutip

from finite_n import FiniteNError, LocalJump, Model, Species, dicke, evolve, memory, mx, mz, thermal
from finite_n.memory import NoMemoryError, in_bytes
from finite_n.solvers.evolve import check_evolution_memory
from finite_n.systems import dicke_model, hopfield, hopfield_patterns, three_level
from tests import random_models

SM, SP, SZ = qutip.sigmam(), qutip.sigmap(), qutip.sigmaz()
TIMES = np.linspace(0, 0.02, 8)
FEW = TIMES[:2]


def _random(kind: str) -> Model:
    return random_models.model(kind, np.random.default_rng(3))


def _two_species() -> Model:
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    return Model(a.mx * b.mz, [LocalJump(SM, species=a)], species=[a, b])


DECAY = Model(0.1 * mz * mz, [LocalJump(SM)])
PATTERNS = {"pp": [0.3, 0.3, 0.4], "pm": [0.2, 0.1, -0.3]}
REAL_PATTERNS = {"pp": [0, 0.3, 0.4], "pm": [0, 0.1, -0.3]}
EIGENSTATES = "energy eigenstates"
MANY = {f"o{i}": mz * mx * mz + i * mx for i in range(10)}

# model, N with a prediction of 20 MB or more, start, times, options
PEAKS = {
    "real": (lambda: hopfield(0.4, 0.9), 130, [0, 0.3, 0.4], TIMES, {}),
    "real, states kept": (lambda: hopfield(0.4, 0.9), 100, [0, 0.3, 0.4], TIMES, {"keep_states": True}),
    "two planes": (lambda: hopfield(0.4, 0.9), 110, [0.3, 0.3, 0.4], TIMES, {}),
    "complex": (lambda: _random("rates without self"), 70, [0.3, -0.2, 0.4], FEW, {"check": False}),
    "many times and observables": (
        lambda: hopfield(0.4, 0.9), 90, [0, 0.3, 0.4], np.linspace(0, 0.02, 3001), {"e_ops": MANY},
    ),
    "several frames": (lambda: _random("two tilts"), 64, [0.3, -0.2, 0.4], FEW, {}),
    "elements": (random_models.weak_symmetry, 110, [0.3, -0.2, 0.4], FEW, {}),
    "diagonal elements": (random_models.weak_symmetry, 180, [0, 0, 0.4], FEW, {"keep_states": True}),
    "products": (lambda: hopfield(0.0, 0.8), 20000, [0.3, -0.2, 0.4], FEW / 500, {}),
    "a chain": (lambda: hopfield(0.0, 0.8), 60000, [0, 0, 0.4], FEW / 500, {}),
    "a Dicke state in products": (lambda: DECAY, 40000, dicke(20000, 0), FEW / 50, {"check": False}),
    "a chain of three levels": (
        lambda: three_level(omega=0.0), 300, np.diag([0.5, 0.3, 0.2]), FEW / 20, {"check": False},
    ),
    "block by block": (random_models.conserves_J, 180, [0.3, -0.2, 0.4], FEW, {"check": False}),
    "one block": (random_models.conserves_J, 500, [0.6, 0, 0.8], FEW, {}),
    "three levels": (lambda: three_level(control=0.7), 9, qutip.basis(3, 0), FEW, {"check": False}),
    "two species": (lambda: hopfield_patterns(0.3, 0.8, 2), 20, PATTERNS, FEW, {}),
    "a mode": (lambda: dicke_model(loss=0.2), 24, [0, 0, -0.4], FEW, {"cutoffs": {"field": 9}}),
    "eigenstates, one block": (lambda: Model(mx * mx + mz), 500, [0.6, 0, 0.8], FEW, {"basis": EIGENSTATES}),
    "eigenstates, H complex": (
        lambda: _random("hamiltonian"), 90, [0.3, 0.3, 0.4], TIMES, {"basis": EIGENSTATES, "keep_states": True},
    ),
    "eigenstates, many times and observables": (
        lambda: Model(mx * mx + mz), 90, [0, 0.3, 0.4], np.linspace(0, 0.02, 2001),
        {"e_ops": MANY, "basis": EIGENSTATES},
    ),
    "a vector of spins": (lambda: Model(mx * mx + mz), 40000, [0, 0, 1], FEW / 500, {"check": False}),
    "a vector with modes": (
        lambda: dicke_model(nu=[0.8, 1.0], coupling=[0.2, 0.2]), 900, [0, 0, -1], FEW, {"check": False},
    ),
}  # fmt: skip
SLOW = {
    "eigenstates, one block",
    "eigenstates, many times and observables",
    "real, states kept",
    "two planes",
    "several frames",
    "block by block",
    "a chain",
    "one block",
    "products",
}


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] if n in SLOW else []) for n in PEAKS])
def test_memory_is_predicted_to_a_quarter_from_both_sides(name):
    make, N, start, times, options = PEAKS[name]
    model, options = make(), {"threads": 1} | options
    small = start if not callable(getattr(start, "position", None)) else dicke(2, 0)
    evolve(model, 4, small, times[:3], **{k: v for k, v in options.items() if k != "e_ops"})  # compiled
    tracemalloc.start()
    result = evolve(model, N, start, times, **options)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.stats["bytes"] > 19e6
    assert 0.75 <= peak / result.stats["bytes"] <= 1.25


# model, sizes, start: from far below to far above what the little memory allows
DECISIONS = {
    "decay": (lambda: DECAY, (50, 3000, 40_000), [0, 0, 1]),
    "decay, Dicke state": (lambda: DECAY, (50, 3000, 40_000), dicke(lambda N: N / 2, 0)),
    "driven decay": (lambda: Model(0.3 * mx + 0.1 * mz * mz, [LocalJump(SM)]), (6, 30, 60, 200), [0.3, 0, 0.5]),
    "elements": (random_models.weak_symmetry, (6, 40, 60, 80, 300), [0, 0, 0.4]),
    "rates along two axes": (lambda: _random("two tilts"), (6, 20, 40, 80), [0.3, -0.2, 0.4]),
    "collective": (random_models.conserves_J, (10, 60, 100, 200), [0.3, 0, 0.5]),
    "collective, thermal": (random_models.conserves_J, (10, 60, 400), thermal(mx, 0.4)),
    "closed": (lambda: Model(mx * mx + mz), (100, 5000, 30_000), [0, 0, 1]),
    "closed, mixed, for long": (lambda: Model(50 * mx * mx + mz), (20, 90, 200, 400), thermal(mz, 0.1)),
    "closed, mixed": (lambda: Model(mx * mx + mz), (20, 90, 200), [0, 0, 0.5]),
    "two species": (_two_species, (4, 14, 20, 30), {"a": [0, 0, 0.5], "b": [0, 0.2, 0.5]}),
    "a mode": (lambda: dicke_model(loss=0.2), (2, 12, 30), [0, 0, 0.4]),
    "three levels": (lambda: three_level(control=1.0), (3, 7, 12, 200), qutip.basis(3, 0)),
    "three levels, populations": (lambda: three_level(control=0.0), (5, 10, 60), qutip.basis(3, 0)),
}
LONG = {"three levels", "three levels, populations", "two species", "rates along two axes", "collective, thermal"}


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] if n in LONG else []) for n in DECISIONS])
def test_the_check_before_a_run_decides_as_the_run_does(name, monkeypatch):
    make, sizes, start = DECISIONS[name]
    model, decided = make(), []
    monkeypatch.setattr(memory, "available", lambda: 20e6)
    for N in sizes:
        before = time.process_time()
        checked = _refusal(lambda N=N: check_evolution_memory(model, N, start, tlist=[0, 1e-4], check=False))
        assert time.process_time() - before < 20  # some tenths of a second
        run = _refusal(lambda N=N: evolve(model, N, start, [0, 1e-4], check=False, threads=1))
        assert (checked is None) == (run is None), N
        decided.append(checked is None)
    assert decided[0] and not decided[-1]
    assert decided == sorted(decided, reverse=True)


def _refusal(make) -> NoMemoryError | None:
    try:
        make()
    except NoMemoryError as error:
        return error
    return None


@pytest.mark.parametrize(
    "N", [2**63, *(pytest.param(N, marks=pytest.mark.slow) for N in (30_000_001, 10**9, 10**30, 10**400))]
)
@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] if n in LONG else []) for n in DECISIONS])
def test_absurd_sizes_are_refused_without_allocating_and_name_an_n_that_fits(name, N, monkeypatch):
    make, _, start = DECISIONS[name]
    model = make()
    monkeypatch.setattr(memory, "available", lambda: 1e9)
    N += N % 2 if name == "two species" else 0
    if "levels" not in name:  # whose many small arrays take long to trace
        tracemalloc.start()
    for ask in (lambda: evolve(model, N, start, [0, 1]), lambda: check_evolution_memory(model, N, start)):
        with pytest.raises(NoMemoryError, match="the largest N that fits is") as refused:
            ask()
        assert len(str(refused.value)) <= 400 and "\n" not in str(refused.value)
        assert 0 < refused.value.largest < N
    if tracemalloc.is_tracing():
        assert tracemalloc.get_traced_memory()[1] < 50e6
        tracemalloc.stop()
    check_evolution_memory(model, refused.value.largest, start)


def test_memory_that_runs_out_is_a_refusal_that_says_what_to_try(monkeypatch):
    def out_of_memory(*_):
        raise MemoryError("Unable to allocate 3.0 GiB")

    monkeypatch.setattr(sys.modules["finite_n.solvers.plan"], "choose", out_of_memory)
    with pytest.raises(FiniteNError, match=r"N = 8: memory ran out.*3.0 GiB.*use a smaller N") as refused:
        evolve(DECAY, 8, [0, 0, 1], [0, 1])
    assert isinstance(refused.value.__cause__, MemoryError)


def _write(folder, **files) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_control_groups_of_version_2_count_with_those_above_them(tmp_path):
    process, groups = tmp_path / "proc", tmp_path / "cgroup"
    _write(process, cgroup="0::/outer/inner\n")
    _write(groups / "outer" / "inner", memory__max="max\n", memory__current="5000\n")
    stat = "anon 3000\ninactive_file 500\n"
    _write(groups / "outer", memory__max="10000\n", memory__current="7000\n", memory__stat=stat)
    assert list(memory._left_by_groups(process, groups)) == [3500]
    _write(groups, memory__max="2000\n", memory__current="1000\n")  # as a container sees its own group
    assert min(memory._left_by_groups(process, groups)) == 1000


def test_control_groups_of_version_1_count_and_missing_files_do_not(tmp_path):
    process, groups = tmp_path / "proc", tmp_path / "cgroup"
    _write(process, cgroup="5:cpu,cpuacct:/a\n4:memory:/of/the/host\n0::/\n")
    assert list(memory._left_by_groups(process, groups)) == []
    _write(groups / "memory", memory__limit_in_bytes="9000\n", memory__usage_in_bytes="4000\n")
    assert list(memory._left_by_groups(process, groups)) == [5000]
    assert list(memory._left_by_groups(tmp_path / "nothing", groups)) == []


@pytest.mark.skipif(sys.platform != "linux", reason="limits of addresses are asked of Linux")
@pytest.mark.parametrize("limit", ["RLIMIT_AS", "RLIMIT_DATA"])
def test_limits_of_the_process_count(limit):
    code = f"""
import resource
from finite_n import memory
pages = open("/proc/self/statm").read().split()
used = int(pages[0 if "{limit}" == "RLIMIT_AS" else 5]) * resource.getpagesize()
resource.setrlimit(resource.{limit}, (used + 300_000_000,) * 2)
print(memory.available())
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 200e6 < float(out.stdout) <= 300e6


def test_bytes_in_words():
    assert [in_bytes(x) for x in (0, 100, 2048, 3.2e10)] == ["–", "100 B", "2 KiB", "30 GiB"]
