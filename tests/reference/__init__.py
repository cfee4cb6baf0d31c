"""A slow, plain model of contagion, written from its definition alone, and books on which the program is held to it."""
