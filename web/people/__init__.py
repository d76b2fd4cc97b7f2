"""Pages of accounts: signing in, invitations, roles, and withdrawals."""
