"""Ladders of sizes for other questions: spectra, reduced states, error bounds, random fractions, unstable limits. May import: referee."""
