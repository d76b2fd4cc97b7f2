"""How people reach the house from a terminal: what the commands of `entendu.py` share."""
