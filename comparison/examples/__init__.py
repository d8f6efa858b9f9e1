"""Two theories that are of no paper here, and a walk from a model to a figure, as a user would write them: to copy.

They use public names alone. May import: nothing of comparison.
"""
