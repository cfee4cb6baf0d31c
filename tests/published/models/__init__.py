"""Published models in code of their own: oracles for the engine, which has them as special cases."""
