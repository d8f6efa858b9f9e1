"""finite_n: one model of species of d-level particles and boson modes, and its exact dynamics at finite N (ħ = 1).

Every public name is imported when it is first used, so that writing a model loads no engine. Type checkers and editors
read `__init__.pyi`.
"""

import importlib

import finite_n.loaded  # noqa: F401 (before any other file)

_NAMES = {  # by the file that defines them, in the order of the way from a model to a result
    # the model, free of N
    "finite_n.model.polynomial": ["mx", "my", "mz", "average", "Polynomial"],
    "finite_n.model.species": ["Species", "Mode"],
    "finite_n.model.amplitude": ["Amplitude"],
    "finite_n.model.coefficient": ["coefficient", "Coefficient"],
    "finite_n.model.local_jump": ["LocalJump"],
    "finite_n.model.collective_jumps": ["CollectiveJumps"],
    "finite_n.model.model": ["Model"],
    "finite_n.model.bins": ["binned", "Bins"],
    "finite_n.model.bosonic_particle": ["Boson", "BosonicParticle"],
    # initial states, written for every N at once
    "finite_n.states.particles": ["product", "coherent", "dicke", "thermal", "from_blocks"],
    "finite_n.states.symmetric": ["ghz", "w", "spin_squeezed"],
    "finite_n.states.conversions": ["from_qobj", "from_piqs"],
    "finite_n.states.mode": ["Field"],
    "finite_n.states.nonclassical": ["squeezed", "cat"],
    # solvers: dynamics, slow modes, stationary states, and the generator itself
    "finite_n.solvers.evolve": ["evolve"],
    "finite_n.solvers.correlation": ["correlation", "Correlation"],
    "finite_n.solvers.g2": ["g2", "Coherence"],
    "finite_n.solvers.power_spectrum": ["power_spectrum", "PowerSpectrum"],
    "finite_n.solvers.weyl_three_point": ["weyl_three_point", "WeylThreePoint"],
    "finite_n.solvers.evolve_particle": ["evolve_particle", "three_point_function"],
    "finite_n.solvers.particle_result": ["ParticleResult"],
    "finite_n.solvers.spectrum": ["spectrum"],
    "finite_n.eigenmodes.low_spectrum": ["Spectrum"],
    "finite_n.solvers.periodic_state": ["periodic_state", "PeriodicState"],
    "finite_n.solvers.steady_state": ["steady_state", "steadystate"],
    "finite_n.solvers.stationary_result": ["SteadyState"],
    "finite_n.dicke_blocks.liouvillian.liouvillian": ["Liouvillian"],
    # functions of the state that a result holds
    "finite_n.state_functions.entropy": ["entropy", "purity"],
    "finite_n.state_functions.negativity": ["negativity", "pair_negativity"],
    "finite_n.state_functions.fidelity": ["fidelity"],
    "finite_n.state_functions.fisher_information": ["quantum_fisher_information"],
    "finite_n.state_functions.husimi": ["husimi"],
    "finite_n.state_functions.spin_wigner": ["spin_wigner"],
    "finite_n.state_functions.wigner": ["wigner"],
    "finite_n.state_functions.photons": ["photon_distribution", "g2_zero"],
    # results, and the one error that is raised
    "finite_n.solvers.error_budget": ["ErrorBudget"],
    "finite_n.solvers.result": ["Result"],
    "finite_n.errors": ["FiniteNError"],
}
_FILES = {name: file for file, names in _NAMES.items() for name in names}

__all__ = sorted(_FILES)


def __getattr__(name: str):
    if name not in _FILES:
        raise AttributeError(f"module 'finite_n' has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_FILES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_FILES})
