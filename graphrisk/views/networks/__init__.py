"""A page of any network: its own kinds, looks and groups (`riskview.RiskNetwork`)."""
