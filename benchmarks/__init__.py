"""Measurements of speed: `python -m benchmarks.NAME` prints ratios or figures of one run, never asserted by tests."""
