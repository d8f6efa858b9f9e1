"""The built-in studies: state, times and sizes that every system starts from."""

from __future__ import annotations

from typing import Any

DEFAULTS: dict[str, dict[str, Any]] = {
    "hopfield": {"initial": {"bloch": [0, 0.3, 0.4]}, "times": {"stop": 1.5}, "sizes": [10, 20, 40, 80, 160]},
    "collective_dissipation": {
        "initial": {"bloch": [0.5, 0.2, -0.3]},
        "times": {"stop": 2.0},
        "sizes": [10, 20, 40, 80, 160],
    },
    "dicke_model": {"initial": {"bloch": [0, 0, -0.4]}, "times": {"stop": 3.0}, "sizes": [4, 6, 8, 12, 16]},
    "hopfield_patterns": {
        "initial": {"species": {"pp": {"bloch": [0, 0.3, 0.4]}, "pm": {"bloch": [0.2, 0.1, -0.3]}}},
        "times": {"stop": 0.5},
        "sizes": [4, 8, 12, 16, 24],
    },
    "three_level": {
        "initial": {"populations": [0.6, 0.3, 0.1]},
        "times": {"stop": 0.5},
        "sizes": [6, 8, 12, 16, 24, 32],
    },
    "kinetically_constrained": {
        "initial": {"bloch": [0.4, 0, 0.2]},
        "times": {"stop": 2.0},
        "sizes": [10, 20, 40, 80, 160],
    },
}
