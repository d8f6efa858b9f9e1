"""A study: one model at a ladder of sizes against claimed limits; its verdicts, planted errors, report and files.

May import: referee, ladder, results_folder.
"""
