"""Arrays in, arrays out: the numerical work, each file citing its source."""
