"""Channels of loss that a contract carries by itself: what its loser loses is an amount times how its debtor stands.

A channel is one file here, or a module that another package names as an entry point `graphrisk.channels`. It says

    FOLLOWS     LOSS_FRACTION: the loser loses amount x the loss fraction of the other party's debts (as a claim), or
                FALL_OF_EQUITY: amount x the fall of the other party's equity (as a stake)
    TABLE       the table whose rows it reads; the layer is called after it
    rows(graph, notes)
                who loses, by whom, and how much, row by row of the table; a convention that was used goes to `notes`

and nothing else: the engine, importance, portfolio, explain and the closing of the books read the rows. What needs
more than an amount has a step of its own in `kernels.contagion`: guarantee_calls, collateral, production, price_impact.
How the engine works: docs/engine.md.
"""

from graphrisk.graph.channels.base import FALL_OF_EQUITY, LOSS_FRACTION, ContractRows, channels

__all__ = ["FALL_OF_EQUITY", "LOSS_FRACTION", "ContractRows", "channels"]
