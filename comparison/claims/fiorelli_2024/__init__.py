"""Fiorelli 2024: quantum fluctuations with collective operator-valued rates."""
