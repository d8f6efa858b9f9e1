"""Other questions over a ladder of sizes: slow modes, reduced states, error bounds, random fractions, departures.

May import: referee, ladder.
"""
