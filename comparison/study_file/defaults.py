"""The built-in studies: state, times and accuracy that every system starts from, with sizes chosen automatically."""

from __future__ import annotations

from typing import Any

ACCURACY = 1e-4  # asked of "confirmed" where nothing else is said
DEFAULTS: dict[str, dict[str, Any]] = {
    "hopfield": {"initial": {"bloch": [0, 0.3, 0.4]}, "times": {"stop": 1.5}, "accuracy": 5e-6},
    "collective_dissipation": {"initial": {"bloch": [0.5, 0.2, -0.3]}, "times": {"stop": 2.0}, "accuracy": 5e-6},
    "dicke_model": {"initial": {"bloch": [0, 0, -0.4]}, "times": {"stop": 3.0}, "accuracy": 1e-5},
    "energy_conserving": {"initial": {"bloch": [0.6, 0.3, 0]}, "times": {"stop": 3.0}, "accuracy": 5e-6},
    "hopfield_patterns": {
        "initial": {"species": {"pp": {"bloch": [0, 0.3, 0.4]}, "pm": {"bloch": [0.2, 0.1, -0.3]}}},
        "times": {"stop": 0.5},
        "accuracy": 1e-4,
    },
    "three_level": {"initial": {"populations": [0.6, 0.3, 0.1]}, "times": {"stop": 0.5}, "accuracy": 1e-4},
    "kinetically_constrained": {"initial": {"bloch": [0.4, 0, 0.2]}, "times": {"stop": 2.0}, "accuracy": 5e-6},
    "boundary_time_crystal": {"initial": {"bloch": [0, 0, 1]}, "times": {"stop": 4.0}, "accuracy": 1e-4},
    "double_chain": {
        "times": {"stop": 2.0, "points": 5},
        "accuracy": 5e-6,
        "fluctuations": {"f": {"X1": 0.5, "X4": -0.3, "X5": 0.4}},
    },
    "superradiance": {"initial": {"bloch": [0.6, 0, 0.6]}, "times": {"stop": 2.0}, "accuracy": 1e-5},
}
