"""The engine on Dicke blocks ρ = ⊕ ρ_J of species ⊗ modes.

May import: engine and below.
"""
