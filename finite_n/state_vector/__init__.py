"""The engine on state vectors, for closed models that start pure.

May import: engine and below.
"""
