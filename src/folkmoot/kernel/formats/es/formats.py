"""How moments read in Spanish: as Django has it, with the hour behind a comma as in English."""

DATETIME_FORMAT = r"j \d\e F \d\e Y, H:i"
