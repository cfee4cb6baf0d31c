"""Credit formulas of one obligor: the capital of Basel II."""
