"""Quotes that hold: words frozen as they were, followed through whatever is done to them since."""
