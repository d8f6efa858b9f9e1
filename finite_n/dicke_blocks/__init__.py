"""The engines on Dicke blocks ρ = ⊕ ρ_J of species ⊗ modes: in steps of time, and by eigenstates of H.

May import: engine and below.
"""
