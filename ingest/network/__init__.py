"""The way out: checked addresses, bounded answers, downloads that can be believed."""
