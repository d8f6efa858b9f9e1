"""Finished exact evolutions on disk: stored at once, found again by what they are of, checked when they are read.

May import: formula, results_folder.
"""
