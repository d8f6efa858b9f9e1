"""Other questions over a ladder of sizes: slow modes, reduced states, error bounds, random fractions, departures,
horizons.

May import: referee, results_folder, study, report, ladder.
"""
