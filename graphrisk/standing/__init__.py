"""Who stands behind whom: integrated ownership, control and owners as graph facts that several analyzers read."""
