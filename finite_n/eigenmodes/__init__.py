"""Slow modes of the Liouvillian, sector by sector, and what is left at long times. May import: dicke_blocks, propagation and below."""
