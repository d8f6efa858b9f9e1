"""Studies over a grid of parameters, their points computed by processes of this machine or by a cluster.

May import: formula, growth, point_store, referee, report, results_folder, study, study_file.
"""
