"""Exact numbers that claims of several papers ask for: a few spins in their full space, one oscillator, large spins
without correlations, and ladders of sizes with their limits.

May import: referee, study.
"""
