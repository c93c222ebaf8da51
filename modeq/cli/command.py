"""The `modeq` command: where its words go, and what becomes of errors."""

from __future__ import annotations

import gc
import os
import sys

from .plain_words import plain_words

_CLOSED = 141  # what shells report of a program that such an output ended: 128 + SIGPIPE
_OBJECTS = 100_000  # after so many Python looks for garbage


def main(arguments: list[str] | None = None) -> int:
    """Run the command; every bad input is one line on standard error and exit code 2."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _answer(words)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # what read the output, such as head, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that nothing is written when Python ends
        return _CLOSED
    except KeyboardInterrupt:
        return _fail("interrupted", code=130)
    except (ValueError, TypeError, ArithmeticError, MemoryError, OSError, ImportError) as error:
        return _fail(str(error))


def _answer(words: list[str]) -> int:
    if words[:1] == ["derive"]:
        from .derivation import print_derivation  # deferred: other commands do without

        options = plain_words(print_derivation, words[1:])
        if options is not None:
            print_derivation(**options)
            return 0
    from .app import answer  # deferred: all commands, and the library that reads their words

    return answer(words)


def run() -> None:
    """Run the command as a script."""
    gc.set_threshold(_OBJECTS)  # imports make many objects and little garbage; looking after every 700 takes a tenth of their time
    code = main()
    gc.freeze()  # nor does it have to look through all of them before it ends
    sys.exit(code)


def _fail(message: str, *, code: int = 2) -> int:
    print(f"modeq: {' '.join(message.split())}", file=sys.stderr)
    return code
