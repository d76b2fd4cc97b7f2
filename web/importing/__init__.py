"""Human texts brought in by pages: uploaded or pasted, looked at, decided on, imported."""
