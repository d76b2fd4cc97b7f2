"""Speech into words, distrusted where it may be wrong."""
