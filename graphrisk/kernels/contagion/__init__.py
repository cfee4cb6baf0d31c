"""The contagion map: ledger, sweep, guarantee calls, supplies, prices, and the runs over them."""
