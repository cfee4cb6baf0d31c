"""What a picture holds: nodes and links, contracts, measures, lists, how all of it was obtained."""
