"""Collected assets with the hash of their content in their names."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Third-party bundles name source maps that are not shipped: those names are left as they are."""

    manifest_strict = False
    keep_only_hashed_files = False
    patterns = (("*.css", CompressedManifestStaticFilesStorage.patterns[0][1]),)
