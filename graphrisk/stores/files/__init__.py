"""The embedded store: a folder of Parquet snapshots, with Cypher by KGLite."""
