"""Gaussian states of fluctuations: canonical modes, entropies, entanglement, correlations. May import: finite_n.model."""
