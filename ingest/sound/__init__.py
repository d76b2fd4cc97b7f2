"""Files as sound: sniffed, decoded in confinement, copied, and where people speak in them."""
