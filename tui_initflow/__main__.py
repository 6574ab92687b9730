"""`python -m tui_initflow`."""

import sys

from tui_initflow.cli import entry

sys.exit(entry())
