"""Closed models on Dicke blocks, evolved to all times at once by the eigenstates of H in every block.

May import: what dicke_blocks may.
"""
