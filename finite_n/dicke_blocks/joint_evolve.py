"""Exact dynamics of several species and boson modes: Dicke blocks of every species, Fock levels of every mode; for
particles of more than two levels, or if asked for, symmetrised products in place of Dicke blocks; for closed models
that start pure, a state vector.

A mode is cut off where what goes above stays below the error allowed, watched during the whole evolution
(`finite_n.engine.leakage`); if it does not, the attempt ends there and the evolution starts again with more levels
(`finite_n.engine.cutoffs`), but with none that cannot be reached (`finite_n.engine.reachable_levels`). The check run has a fifth more
levels, so that what truncation does is in the error budget.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping

import numpy as np

from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.blocks import dimension
from finite_n.dicke_blocks.frames import choose_frames, state_is_real
from finite_n.dicke_blocks.liouvillian.liouvillian import Generator
from finite_n.dicke_blocks.moments import moment_count
from finite_n.dicke_blocks.product_blocks import ProductBlocks
from finite_n.dicke_blocks.spaces import (
    PLENTY,
    Given,
    Plan,
    arithmetic_of,
    block_bytes,
    on_blocks,
    products,
    products_plan,
    with_weight,
)
from finite_n.engine.cutoffs import LevelSearch, given_levels, in_words, levels_to_begin, watched_levels
from finite_n.engine.footprint import Arithmetic, Asked, whole_blocks
from finite_n.engine.leakage import TailWatch, TooFewLevels, leak_rates
from finite_n.engine.run import Job, Run, run_plan
from finite_n.errors import FiniteNError, shown
from finite_n.memory import NoMemoryError, check_memory
from finite_n.model.model import Model
from finite_n.occupations.engine import Prospect
from finite_n.state_vector.engine import check_state_vector, run_state_vector, suits
from finite_n.states.initial_state import InitialState, as_initial_state
from finite_n.threads import threads_for

_RETRIES = 4  # after a check run that differs by more than the tolerance


def evolve_joint(job: Job, rho0, cutoffs: Mapping[str, int] | None = None, dry: bool = False) -> Run | None:
    """Evolve a model with several species or modes, or any closed one; see `finite_n.evolve`. `dry`: None, after checks
    of memory with the first levels."""
    model = job.model
    state = as_initial_state(rho0, model)
    given = given_levels(model, state, job.N, cutoffs)
    if suits(job, state):
        if dry:
            check_state_vector(model, job.N, given or levels_to_begin(job, state, True), job.asked)
            return None
        return _with_enough_levels(job, state, given, functools.partial(run_state_vector, job, state), True)
    if job.basis == "state vector":
        raise FiniteNError(
            f"basis = 'state vector', method = {shown(job.method)}, keep_states = {job.keep_states}: |ψ⟩ is enough without jumps, from a pure "
            "state that is symmetric within every species, with method='faber' and without keep_states; use basis='auto'."
        )
    products = job.basis == "symmetrised" or any(s.dim != 2 for s in model.species)
    if products and (job.keep_states or job.basis == "dicke"):
        raise FiniteNError(
            f"basis = {shown(job.basis)}, keep_states = {job.keep_states}: symmetrised products keep no states, and Dicke blocks are for two "
            "levels; leave these options out, or use two-level species with basis='dicke'."
        )
    frames = None if products else choose_frames(model, state)
    if dry:
        levels = given or levels_to_begin(job, state, False)
        _run(job, state, frames, levels, _tolerance(job, levels)[1], False, dry=True)
        return None
    return _with_enough_levels(job, state, given, functools.partial(_run, job, state, frames), False)


def _with_enough_levels(
    job: Job, state: InitialState, given: tuple[int, ...] | None, run_with: Callable[..., Run], amplitudes: bool
) -> Run:
    """The run with the levels given, or with as many as the tolerance asks for, and its check.

    run_with(levels, trace_tol, check, cautious, part, stop_at, closed) evolves once with modes cut off at `levels`,
    with `check` a second time; `amplitudes`: of a state vector, watched for the square root of what populations are
    watched for.
    """
    search = LevelSearch(job, state, given, amplitudes)
    retries = _RETRIES
    while True:
        levels = search.levels
        largest, trace_tol = _tolerance(job, levels)
        both = job.check and not job.model.modes
        options = {"closed": search.closed, "part": (0.0, 1.0 if both or not job.check else 0.45)}
        if search.history and not amplitudes:
            options["step"] = max(search.history[-1][0], 0.01 * (job.times[-1] - job.times[0]))
        try:
            run = run_with(levels, trace_tol, both, stop_at=trace_tol if given is None else np.inf, **options)
        except TooFewLevels as failed:
            search.raise_levels(failed, trace_tol)
            continue
        if not job.model.modes or not job.check:
            break
        more, closed = search.further()
        try:
            again = run_with(more, trace_tol / 10, False, cautious=1.3, part=(0.45, 0.55), closed=closed)
        except FiniteNError as error:  # too large: what is known already is not given up
            run.plan.note += f"; no check with more levels: {error}"
            break
        run.second, run.second_cutoffs = again.values, more
        run.plan.bytes = max(run.plan.bytes, again.plan.bytes)
        one, other = run.moments(job, run.values), run.moments(job, run.second)
        change = max(float(np.abs(x - y).max()) for x, y in zip(one[:2], other[:2], strict=True))
        retries -= 1
        if given is not None or retries < 0 or more == levels or 3 * job.N * largest**2 * change <= job.tol:
            break
        search.levels = more  # the highest levels were all but empty, and yet matter
    run.largest = largest
    run.stats |= {"shape": run.plan.shape} | run.plan.stats
    return run


def _largest_average(model: Model, N: int, levels) -> float:
    """Norm of an average: Gell-Mann matrices have norms up to √2, quadratures of a mode √(2(c + 1)/N)."""
    matrices = 1.0 if all(s.dim == 2 for s in model.species) else np.sqrt(2.0)
    return max([matrices, *(np.sqrt(2 * (c + 1) / N) for c in levels)])


def _tolerance(job: Job, levels) -> tuple[float, float]:
    """The norm of the largest average, and the trace-norm error of ρ allowed."""
    largest = _largest_average(job.model, job.N, levels)
    sizes = [sum(abs(c) * largest ** len(w) for w, c in p.words.items()) for p in job.polynomials]
    return largest, job.trace_tolerance(largest, sizes)


def _run(
    job: Job,
    state: InitialState,
    frames,
    levels,
    trace_tol: float,
    check: bool,
    dry: bool = False,
    stop_at=np.inf,
    closed=(),
    step=np.inf,
    **options,
) -> Run | None:
    if frames is None or _fewer_products(job, state, levels):
        frames, chosen = None, plan_products(job, state, levels, dry)
    else:
        chosen = plan_joint(job, state, frames, levels, 0.01 * trace_tol, dry)
    if dry:
        return None
    watch = None
    if levels:
        modes = zip(job.model.modes, levels, closed, strict=True)
        widths = [
            0 if all_that_is_reached else watched_levels(job.model, mode, c) for mode, c, all_that_is_reached in modes
        ]
        first = moment_count(job.model.space)
        watch = TailWatch(first, levels, widths, leak_rates(job.model, job.N, levels), stop_at, step)
    run = run_plan(chosen, job, frames, trace_tol, check, watch=watch, **options)
    run.cutoffs, run.tail = levels, 0.0 if watch is None else watch.error
    return run


def plan_joint(
    job: Job, state: InitialState, frames, levels: tuple[int, ...], negligible: float, dry: bool = False
) -> Plan | None:
    """Blocks that hold weight, all levels up to the cutoffs."""
    model, N = job.model, job.N
    sizes, asked = model.space.sizes(N), job.asked
    _check_least(model, state, N, levels)
    chosen, lost = _chosen_blocks(model, state, sizes, negligible, dry=True)
    try:
        check_blocks(N, sizes, levels, chosen, Arithmetic.generous(), asked, PLENTY)
    except NoMemoryError:  # worth a closer look
        check_blocks(N, sizes, levels, chosen, _arithmetic(model, state, frames, levels), asked)
    if dry:
        return None
    if not all(initial_state.knows_weights(state.parts[s.name]) for s in model.species):
        chosen, lost = _chosen_blocks(model, state, sizes, negligible)
    blocks = ProductBlocks(sizes, levels, chosen)
    workers = threads_for(job.threads, blocks.dim)
    vector = initial_state.vector(state, blocks, frames)
    generator = Generator(model, N, frames, blocks)
    piece, note = on_blocks(
        generator, Given(vector), job.polynomials, workers, job.basis == "dicke" or job.keep_states, asked=asked
    )
    of = " × ".join(f"{len(c)} of {n // 2 + 1}" for c, n in zip(chosen, sizes, strict=True))
    if any(len(c) <= n // 2 for c, n in zip(chosen, sizes, strict=True)):
        note += f"; values of J: {of}, the others are conserved and weigh {lost:.1e}"
    if levels:
        note += f"; {in_words(levels)}"
    moments = moment_count(model.space, levels)
    weights, elements = len(blocks.size), int(piece.problem.elements)
    elements = blocks.elements if elements == blocks.dim else elements
    stats = {"J": [spins.J for spins in blocks.spins]}
    plan = Plan(
        lambda: iter([piece]), weights, elements, piece.bytes, "Dicke", note, lost, moments, blocks.shape, stats
    )
    return plan


def plan_products(job: Job, state: InitialState, levels: tuple[int, ...], dry: bool = False) -> Plan | None:
    """Symmetrised products that the initial state reaches and the observables depend on."""
    plan = products_plan(Prospect(job.model, job.N, state, job.polynomials, levels, job.asked), dry)
    if plan is not None and levels:
        plan.note += f"; {in_words(levels)}"
    return plan


def _fewer_products(job: Job, state: InitialState, levels: tuple[int, ...]) -> bool:
    """Whether symmetrised products are fewer than elements of blocks."""
    if job.basis != "auto" or job.keep_states or not job.model.jumps:
        return False
    few = products(job.model, job.N, state, job.polynomials, levels, job.asked)
    sizes = job.model.space.sizes(job.N)
    return few is not None and few.elements < _extent(sizes, levels, [range(n // 2 + 1) for n in sizes])[1]


def _chosen_blocks(
    model: Model, state: InitialState, sizes: list[int], negligible: float, dry: bool = False
) -> tuple[list[np.ndarray | range], float]:
    """Positions of the values of J kept, for every species: all, a range, where particles jump one by one, else those
    that hold weight.

    `dry`: all of them where weights are known from the state itself only.
    """
    jumping = {model.species_of(j).name for j in model.jumps}
    chosen, lost = [], 0.0
    for s, n in zip(model.species, sizes, strict=True):
        if s.name in jumping or (dry and not initial_state.knows_weights(state.parts[s.name])):
            chosen.append(range(n // 2 + 1))
            continue
        kept, dropped = with_weight(initial_state.weights(state.parts[s.name], n), negligible / len(sizes))
        chosen.append(kept)
        lost += dropped
    return chosen, lost


def _arithmetic(model: Model, state: InitialState, frames, levels) -> Arithmetic:
    """How a generator is stored at any size, told at a small one."""
    degree = 2 + max((len(w) for w in model.hamiltonian.words), default=0)
    blocks = ProductBlocks([3] * len(model.species), [min(c, degree) for c in levels])
    return arithmetic_of(Generator(model, blocks.N, frames, blocks), state_is_real(state, frames))


def check_blocks(
    N: int,
    sizes: list[int],
    levels,
    chosen: list[np.ndarray | range],
    how: Arithmetic | None = None,
    asked: Asked | None = None,
    margin: float = 1.0,
) -> None:
    """Refuse an evolution that does not fit `margin` times over."""
    how, asked = how or Arithmetic.generous(), asked or Asked()

    def cost(n):
        rows, elements, blocks, repeated = extent_at(n, N, sizes, levels, chosen)
        return margin * whole_blocks(rows, elements, blocks, how, asked, repeated)

    check_memory(f"the evolution with {in_words(levels)}", N, cost)


def extent_at(
    n: int, N: int, sizes: list[int], levels, chosen: list[np.ndarray | range]
) -> tuple[float, float, int, float]:
    """Rows, elements, blocks, and what rows repeat left of their diagonal, at n particles in place of N, without
    building blocks."""
    scaled = [
        range(int(x * n / N / 2) + 1) if isinstance(c, range) else np.unique((c * n / N).astype(int))
        for c, x in zip(chosen, sizes, strict=True)
    ]
    rows, elements, width = _extent([max(1, round(x * n / N)) for x in sizes], levels, scaled)
    return rows, elements, math.prod(len(c) for c in scaled), 3 * width * rows


def _check_least(model: Model, state: InitialState, N: int, levels) -> None:
    """Refuse what does not fit whatever the weights of J are, before they are listed."""
    jumping = {model.species_of(j).name for j in model.jumps}
    width = math.prod(c + 1.0 for c in levels)

    def cost(n):
        elements = width**2
        for s, size in zip(model.species, model.space.sizes(N), strict=True):
            x = max(1, round(size * n / N))
            elements *= dimension(x) if s.name in jumping else initial_state.least_elements(state.parts[s.name], x)
        return block_bytes(0, elements)

    check_memory(f"the evolution with {in_words(levels)}", N, cost)


def _extent(sizes, levels, chosen) -> tuple[float, float, float]:
    """Rows and elements of `ProductBlocks`, with what does not exist, and rows within the outermost factor, without
    building it."""
    lengths = [_lengths(n, c) for n, c in zip(sizes, chosen, strict=True)]
    outer = int(np.argmax(sizes))
    inner = [x for i, x in enumerate(lengths) if i != outer]
    width = math.prod(c + 1.0 for c in levels) * math.prod(most for _, _, _, most in inner)
    copies = math.prod(count for count, _, _, _ in inner)
    _, rows, squares, _ = lengths[outer]
    return rows * width * copies, squares * width**2 * copies, width


def _lengths(n: int, chosen: np.ndarray | range) -> tuple[float, float, float, float]:
    """How many values 2J + 1 = n + 1 − 2c there are, their sum, the sum of their squares, the largest."""
    if isinstance(chosen, range):  # all of them
        k, most = float(len(chosen)), n + 1.0
        return k, k * most - k * (k - 1), k * most**2 - 2 * most * k * (k - 1) + 2 * k * (k - 1) * (2 * k - 1) / 3, most
    x = n + 1.0 - 2 * chosen
    return float(len(x)), float(x.sum()), float((x**2).sum()), float(x.max())
