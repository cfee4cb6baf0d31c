"""PD models: how they are trained, kept as plain JSON, applied, compared and described; one file a kind of model."""
