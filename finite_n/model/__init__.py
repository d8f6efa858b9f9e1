"""What a user writes, free of N: operators, polynomials of averages, species, modes, jumps, the model.

May import: errors.
"""
