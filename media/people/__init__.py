"""Who may do what, how they come in, and how a person is taken out of the archive."""
