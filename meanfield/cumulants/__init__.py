"""Cumulant expansions at finite N: equations for averages and connected correlations, closed at second to fourth order.

May import: limit, corrections; of finite_n errors, model, states.
"""
