"""The register's part of the API: thin, it calls queries and actions. ``routes.py`` puts it together."""
