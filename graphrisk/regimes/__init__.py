"""Legal regimes as data: each NAME.toml states one rule with its versions, their days and their sources."""
