"""Fiorelli et al. 2023 (New J. Phys. 25, 083010): mean field for collective operator-valued rates."""
