"""The kernel's commands, by subject."""

from folkmoot.kernel.commands import setup as setup
