"""The expansion in 1/N about the limit: what averages and covariances differ by at finite N, derived from the model.

May import: limit; of finite_n errors, model, states.
"""
