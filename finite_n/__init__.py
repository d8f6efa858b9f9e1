"""finite_n: one model of species of d-level particles and boson modes, and its exact dynamics at finite N (ħ = 1)."""

from finite_n.algebra import Polynomial, average, mx, my, mz
from finite_n.amplitude import Amplitude
from finite_n.errors import FiniteNError
from finite_n.evolve import evolve
from finite_n.generator import Generator
from finite_n.joint import Field
from finite_n.model import CollectiveJumps, LocalJump, Model
from finite_n.result import ErrorBudget, Result
from finite_n.species import Mode, Species
from finite_n.spectrum import Spectrum, spectrum
from finite_n.states import coherent, dicke, from_blocks, product, thermal
from finite_n.steady import SteadyState, steady_state

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
