"""The command `finite-n`.

May import: everything else in comparison.
"""
