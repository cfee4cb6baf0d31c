"""The client graph of one day, as arrays."""
