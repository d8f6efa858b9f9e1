"""Benatti et al. 2016 (Phys. Lett. A 380, 381): spins that dissipate into one common bath."""
