"""Ownership: integrated shares with bounds, control, simple paths, power."""
