"""Rule packs on guarantees, a file a pack: what a supervisor allows a guarantor, with lines and sources as data."""
