"""Events as files of other tools."""
