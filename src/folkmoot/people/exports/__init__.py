"""The register as other systems read it. Importing this registers the websites."""

from folkmoot.people.exports import pybamm, pyopensci  # noqa: F401 - registers them
