"""Pages of publishing: thin, they call actions and queries."""
