"""The folder of results: one writer at a time, files whole or not at all, nothing finished replaced by less.

May import: nothing of comparison.
"""
