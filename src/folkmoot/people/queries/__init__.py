"""Every read that the register's pages, the API, reports and exports share."""
