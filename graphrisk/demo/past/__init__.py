"""The past of the synthetic bank: months drawn forward, one from the one before, that lead up to its day."""
