"""Fluctuations as Gaussian states: canonical modes, entropies, entanglement and correlations of two modes.

May import: nothing of meanfield; of finite_n errors, model.
"""
