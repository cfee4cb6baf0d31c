"""What a run of contagion is to a reader: rounds, flows of loss, causes, who bears what, what two runs differ in."""
