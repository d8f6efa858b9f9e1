"""Single particles under the averages of the bulk: local dynamics and tensor products of few particles. May import: limit."""
