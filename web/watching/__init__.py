"""How the site is watched: health, readiness, metrics, and the operator's page."""
