"""A toy channel, as another package writes it: who is paid by a party loses a month of it if that party fails."""

from graphrisk.graph.channels import LOSS_FRACTION, ContractRows
from graphrisk.graph.references import required

FOLLOWS = LOSS_FRACTION
TABLE = "fund_flows"


def rows(graph, notes):
    """Return payee, payer and a month of what a year's payments come to, row by row of `fund_flows`."""
    notes.append("fund_flows: a month of payments is lost with the payer")
    amount = graph.floats("fund_flows", "amount") / 12.0
    return ContractRows(required(graph, TABLE, "payee_id"), required(graph, TABLE, "payer_id"), amount)
