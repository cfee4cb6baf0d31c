"""Where snapshots of the client graph are kept."""
