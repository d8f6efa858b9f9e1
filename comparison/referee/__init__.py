"""Claims, extrapolation in 1/N, verdicts: no files, no engine. May import: meanfield, finite_n.model."""
