"""Scripts behind the Makefile: for people who work on eyas, never imported by it."""
