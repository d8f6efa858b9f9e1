"""figures: one script per figure, which computes its data, keeps them, and draws them from the file."""
