"""The header of a submission's issue: read, and brought into the register of reviews."""

from folkmoot.reviews.header.applying import apply_header as apply_header
from folkmoot.reviews.header.parsing import Parsed as Parsed
from folkmoot.reviews.header.parsing import parse as parse
