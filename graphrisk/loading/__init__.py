"""Raw files to canonical tables, by SQL that runs in a locked DuckDB session."""
