"""The limit N → ∞ itself: drift of the averages, noise of the fluctuations, and their evolution in time.

May import: nothing of meanfield; of finite_n errors, model, states, threads.
"""
