"""Any linear equation ẋ = Lx in time: series of Faber and Chebyshev, Runge–Kutta steps, reduction to what matters. May import: errors, memory, kernels."""
