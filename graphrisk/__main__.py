"""`python -m graphrisk` is the command line."""

from graphrisk.cli.app import main

main()
