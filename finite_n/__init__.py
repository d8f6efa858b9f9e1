"""finite_n: one model of species of d-level particles and boson modes, and its exact dynamics at finite N (ħ = 1)."""

from finite_n.dicke_blocks.liouvillian.liouvillian import Generator
from finite_n.errors import FiniteNError
from finite_n.model.amplitude import Amplitude
from finite_n.model.jumps import CollectiveJumps, LocalJump
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial, average, mx, my, mz
from finite_n.model.species import Mode, Species
from finite_n.solvers.evolve import evolve
from finite_n.solvers.result import ErrorBudget, Result
from finite_n.solvers.spectrum import Spectrum, spectrum
from finite_n.solvers.steady_state import SteadyState, steady_state
from finite_n.states.mode import Field
from finite_n.states.particles import coherent, dicke, from_blocks, product, thermal

__all__ = [
    "Amplitude",
    "CollectiveJumps",
    "ErrorBudget",
    "Field",
    "FiniteNError",
    "Generator",
    "LocalJump",
    "Mode",
    "Model",
    "Polynomial",
    "Result",
    "Species",
    "Spectrum",
    "SteadyState",
    "average",
    "coherent",
    "dicke",
    "evolve",
    "from_blocks",
    "mx",
    "my",
    "mz",
    "product",
    "spectrum",
    "steady_state",
    "thermal",
]
