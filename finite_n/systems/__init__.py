"""Built-in models, of the papers and of examples, each a function of its parameters.

Those of PARTICLES give one particle made of bosons in place of a model, with its operators and a start. May import:
model, states, errors.
"""

from finite_n.systems.boundary_time_crystal import boundary_time_crystal
from finite_n.systems.collective_dissipation import collective_dissipation
from finite_n.systems.dicke_model import dicke_model
from finite_n.systems.double_chain import DoubleChain, double_chain
from finite_n.systems.energy_conserving import energy_conserving, spectral_modes
from finite_n.systems.hopfield import Patterns, hopfield, hopfield_patterns
from finite_n.systems.kinetically_constrained import kinetically_constrained
from finite_n.systems.superradiance import superradiance
from finite_n.systems.three_level import three_level

SYSTEMS = {
    f.__name__: f
    for f in (
        boundary_time_crystal,
        collective_dissipation,
        dicke_model,
        energy_conserving,
        hopfield,
        hopfield_patterns,
        kinetically_constrained,
        superradiance,
        three_level,
    )
}

PARTICLES = {"double_chain": double_chain}

__all__ = [
    "PARTICLES",
    "SYSTEMS",
    "DoubleChain",
    "Patterns",
    "boundary_time_crystal",
    "collective_dissipation",
    "dicke_model",
    "double_chain",
    "energy_conserving",
    "hopfield",
    "hopfield_patterns",
    "kinetically_constrained",
    "spectral_modes",
    "superradiance",
    "three_level",
]
