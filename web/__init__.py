"""How people reach the archive: pages, JSON API, accounts."""
