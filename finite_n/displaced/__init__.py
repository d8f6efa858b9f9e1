"""The engine of commuting spin operators with linear bosons: closed forms at every N, without time steps.

May import: engine and below.
"""
