"""Fluctuations as Gaussian states: canonical modes, entropies, entanglement and correlations of two modes, functions
of the state.

May import: limit; of finite_n errors, model, states.
"""
