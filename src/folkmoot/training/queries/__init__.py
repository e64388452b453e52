"""Every read that pages, feeds, reports and exports share."""
