"""Who speaks when, from voice prints that are dropped at once."""
