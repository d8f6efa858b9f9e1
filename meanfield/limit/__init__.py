"""The limit N → ∞ itself: drift, noise, and their integration in time. May import: finite_n.model, finite_n.states."""
