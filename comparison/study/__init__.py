"""A study: sizes, exact numbers, claims, verdicts; planted errors, reports, the folder of results. May import: referee."""
