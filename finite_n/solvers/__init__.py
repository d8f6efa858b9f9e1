"""The questions a user asks: evolve, steady_state, spectrum; and the one place that chooses an engine.

May import: everything else in finite_n.
"""
