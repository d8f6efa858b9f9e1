"""A study: one model at a ladder of sizes against claimed limits; its verdicts, planted errors and dataset.

May import: referee, growth, ladder, growing_ladder, point_store, results_folder.
"""
