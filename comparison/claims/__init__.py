"""Formulas as the papers print them, to be judged, never used as an engine."""
