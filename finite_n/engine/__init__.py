"""What all engines speak: question, offer and outcome, named moments, runs and their checks, cutoffs of modes.

May import: model, states, propagation, memory, errors.
"""
