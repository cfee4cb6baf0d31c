"""A seeded synthetic bank, calibrated to published guarantee networks."""
