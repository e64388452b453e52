"""The kernel's commands, by subject."""

from folkmoot.kernel.commands import exports as exports
from folkmoot.kernel.commands import imports as imports
from folkmoot.kernel.commands import ops as ops
from folkmoot.kernel.commands import serving as serving
from folkmoot.kernel.commands import setup as setup
