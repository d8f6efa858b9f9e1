"""What all figures share: their style, how scripts are found, how data are kept, and the command that makes them.

May import: comparison, meanfield, finite_n. No figure is imported by name.
"""
