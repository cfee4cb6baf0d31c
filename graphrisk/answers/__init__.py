"""What a result says to a person: sentences first, then the few tables that answer; one file an analyzer."""
