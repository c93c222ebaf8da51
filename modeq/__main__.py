"""`python -m modeq` is the `modeq` command."""

from .cli import run

if __name__ == "__main__":
    run()
