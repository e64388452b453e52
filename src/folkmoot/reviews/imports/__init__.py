"""What reviews read of import sources."""

from folkmoot.reviews.imports import packages as packages
from folkmoot.reviews.imports import snapshots as snapshots
from folkmoot.reviews.imports import submissions as submissions
