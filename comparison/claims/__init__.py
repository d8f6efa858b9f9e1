"""Formulas as papers print them, one module a paper: judged, never used to compute.

May import: referee.
"""
