"""Initial states as data, without an engine in them.

May import: model, errors.
"""
