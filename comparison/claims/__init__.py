"""Formulas as papers print them, one module a paper, to be judged, never used as an engine. May import: referee."""
