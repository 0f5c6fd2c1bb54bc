"""`python -m syncd`, where no command is installed."""

from syncd.cli.main import main

main()
