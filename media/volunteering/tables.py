"""Tables of this alcove, beside those of `media.schema`."""
