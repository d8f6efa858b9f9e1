# The public names of finite_n for type checkers and editors; `__init__.py` imports them when they are used.
# ruff: noqa: I001 (in the order of the way from a model to a result)

# the model, free of N
from finite_n.model.polynomial import mx as mx, my as my, mz as mz, average as average, Polynomial as Polynomial
from finite_n.model.species import Species as Species, Mode as Mode
from finite_n.model.amplitude import Amplitude as Amplitude
from finite_n.model.coefficient import Coefficient as Coefficient
from finite_n.model.coefficient import coefficient as coefficient
from finite_n.model.local_jump import LocalJump as LocalJump
from finite_n.model.collective_jumps import CollectiveJumps as CollectiveJumps
from finite_n.model.model import Model as Model
from finite_n.model.bins import binned as binned, Bins as Bins
from finite_n.model.bosonic_particle import Boson as Boson, BosonicParticle as BosonicParticle

# initial states, written for every N at once
from finite_n.states.particles import product as product, coherent as coherent, dicke as dicke
from finite_n.states.particles import thermal as thermal, from_blocks as from_blocks
from finite_n.states.symmetric import ghz as ghz, w as w, spin_squeezed as spin_squeezed
from finite_n.states.conversions import from_qobj as from_qobj, from_piqs as from_piqs
from finite_n.states.mode import Field as Field
from finite_n.states.nonclassical import squeezed as squeezed, cat as cat

# solvers: dynamics, slow modes, stationary states, and the generator itself
from finite_n.solvers.evolve import evolve as evolve
from finite_n.solvers.correlation import correlation as correlation, Correlation as Correlation
from finite_n.solvers.g2 import g2 as g2, Coherence as Coherence
from finite_n.solvers.periodic_state import PeriodicState as PeriodicState
from finite_n.solvers.periodic_state import periodic_state as periodic_state
from finite_n.solvers.power_spectrum import power_spectrum as power_spectrum, PowerSpectrum as PowerSpectrum
from finite_n.solvers.weyl_three_point import weyl_three_point as weyl_three_point, WeylThreePoint as WeylThreePoint
from finite_n.solvers.evolve_particle import evolve_particle as evolve_particle
from finite_n.solvers.evolve_particle import three_point_function as three_point_function
from finite_n.solvers.particle_result import ParticleResult as ParticleResult
from finite_n.solvers.spectrum import spectrum as spectrum
from finite_n.eigenmodes.low_spectrum import Spectrum as Spectrum
from finite_n.solvers.steady_state import steady_state as steady_state, steadystate as steadystate
from finite_n.solvers.stationary_result import SteadyState as SteadyState
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian as Liouvillian

# functions of the state that a result holds
from finite_n.state_functions.entropy import entropy as entropy, purity as purity
from finite_n.state_functions.negativity import negativity as negativity, pair_negativity as pair_negativity
from finite_n.state_functions.fidelity import fidelity as fidelity
from finite_n.state_functions.fisher_information import quantum_fisher_information as quantum_fisher_information
from finite_n.state_functions.husimi import husimi as husimi
from finite_n.state_functions.spin_wigner import spin_wigner as spin_wigner
from finite_n.state_functions.wigner import wigner as wigner
from finite_n.state_functions.photons import photon_distribution as photon_distribution, g2_zero as g2_zero

# results, and the one error that is raised
from finite_n.solvers.error_budget import ErrorBudget as ErrorBudget
from finite_n.solvers.result import Result as Result
from finite_n.errors import FiniteNError as FiniteNError
