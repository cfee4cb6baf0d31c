"""Portfolio loss: factor models, importance sampling, second stages, tail risk."""
