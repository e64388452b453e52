"""Files of posts: our own layout, and that of Buffer's bulk upload."""

from folkmoot.publishing.imports import posts

__all__ = ["posts"]
