"""Articles as files: front matter and Markdown, on websites made by Jekyll or Hugo."""
