"""A package of somebody else: an analyzer, a view and an export for graphrisk, found by their entry points."""
