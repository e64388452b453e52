"""Events as pages of websites made by Hugo or Jekyll: front matter and Markdown."""
