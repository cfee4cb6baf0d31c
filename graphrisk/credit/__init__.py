"""The credit vocabulary that several analyzers read: PD, LGD, EAD, the own book, factors, expected loss."""
