"""figures: one script per figure, each drawing a saved study."""
