"""Linear equations ẋ = Lx in time: Faber and Chebyshev series, Runge–Kutta steps, the variables that matter.

May import: model, kernels, errors.
"""
