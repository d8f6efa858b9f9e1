"""Studies as data: the schema of study files, the built-in studies, and the way from either to a `Study`.

May import: referee, claims, study, formula.
"""
