"""Bad inputs tried on every parser and every way out, by `make fuzz`; not part of the program."""
