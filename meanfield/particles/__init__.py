"""Single particles in the field of the averages: their generators, maps, and tensor products of a few of them.

May import: limit; of finite_n errors, model, states.
"""
