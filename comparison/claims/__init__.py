"""What papers state, formulas as they print them, judged by exact numbers and never used to compute: the ledger.

May import: referee, study, convergence, formula.
"""
