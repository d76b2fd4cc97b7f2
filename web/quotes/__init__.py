"""Quotes on screen: words chosen, quoted, heard again, cited."""
