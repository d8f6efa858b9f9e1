"""Claims, extrapolation to N = ∞ and verdicts; no files and no exact evolution.

May import: nothing of comparison; of finite_n the model, of meanfield the limit.
"""
