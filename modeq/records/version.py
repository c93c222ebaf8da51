"""The version of modeq that writes files."""

import sys

VERSION: str = sys.modules[__name__.partition(".")[0]].__version__  # no import statement: to type checkers the package imports all others
