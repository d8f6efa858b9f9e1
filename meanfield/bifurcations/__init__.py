"""The flow of the averages: fixed points, periodic orbits, branches, bifurcation curves, phase diagrams.

May import: limit; of finite_n errors, model.
"""
