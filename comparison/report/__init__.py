"""What a study leaves behind: its figure, its report in words, verdicts as plain data, and the files that hold them.

May import: referee, results_folder, study.
"""
