"""Slow modes of the Liouvillian, sector by sector, and the limits of evolutions.

May import: dicke_blocks, occupations and below.
"""
