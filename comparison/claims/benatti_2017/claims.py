"""The claims of Benatti et al. 2017 (arXiv:1705.08648): two chains of oscillators in one bath.

Formulas stand as the paper prints them; what they say in words is in `coverage/benatti_2017.toml`. Those about the
thermal state are in `at_rest.py`, those about the open dynamics in `moving.py`, and those about Gaussian states and
entanglement in `entangled.py`. What decides them stands beside, in files of facts.
"""

from __future__ import annotations

from comparison.claims.benatti_2017 import at_rest, entangled, moving

CLAIMS = (*at_rest.CLAIMS, *moving.CLAIMS, *entangled.CLAIMS)
