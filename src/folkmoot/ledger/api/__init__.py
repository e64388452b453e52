"""The ledger's part of the API: what happened, the things it is about, and figures over it."""
