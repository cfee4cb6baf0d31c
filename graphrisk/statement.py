"""Cypher statements as files: a header that documents them, and the check that one only reads."""
