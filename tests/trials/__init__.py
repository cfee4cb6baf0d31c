"""The trial of the stores: killed, damaged, crowded and fed nonsense, a little in CI and whole by one command."""
