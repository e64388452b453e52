"""Every read that pages, jobs, files and the API share."""
