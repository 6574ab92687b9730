"""`python -m tui_initflow`."""

import sys

from tui_initflow.cli.main import entry

sys.exit(entry())
