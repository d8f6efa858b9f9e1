"""Functions of the state that are no averages: entropy, fidelity, negativity, Fisher information, functions on phase
space, photons.

May import: dicke_blocks and below. Every block ρ_J stands for d_J copies of ρ_J/d_J.
"""
