"""Two theories that are of no paper here, as a user would write and judge them: files to run, and to copy.

They use public names alone. May import: nothing of comparison.
"""
