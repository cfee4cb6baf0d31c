"""Arrays: matrices, sums by group, counter-based randomness, fan-out over threads."""
