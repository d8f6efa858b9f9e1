"""Built-in models of the papers, each a function of its parameters."""

from finite_n.systems.collective_dissipation import collective_dissipation
from finite_n.systems.hopfield import hopfield
from finite_n.systems.kinetically_constrained import kinetically_constrained
from finite_n.systems.three_level import three_level

# those that a study can name; three_level is for particles of three levels, which studies do not know
SYSTEMS = {f.__name__: f for f in (collective_dissipation, hopfield, kinetically_constrained)}

__all__ = ["SYSTEMS", "collective_dissipation", "hopfield", "kinetically_constrained", "three_level"]
