"""Credit formulas: capital of Basel II, discrimination, calibration, stability, weight of evidence, points."""
