"""The vocabulary of a bank's client graph: tables, their rules, and what an analysis returns."""
