"""What cannot be compiled: which line, why, and what to do instead."""

from __future__ import annotations

from eyas.errors import UsageError

PIECE_MAX = 60


class NotCompiled(UsageError):  # noqa: N818 - says what is so, as StopIteration does
    """Say that a strategy's `on_bar` goes beyond what can be compiled.

    `file` and `line` say where ("" and 0 where nothing was read), `piece` is the source there, `reason` why,
    `sentence` all of it without the way out, for who has taken it.
    """

    def __init__(self, reason: str, *, file: str = "", line: int = 0, piece: str = "") -> None:
        self.reason, self.file, self.line, self.piece = reason, file, line, piece
        text = " ".join(piece.split())
        text = text if len(text) <= PIECE_MAX else text[: PIECE_MAX - 1] + "…"
        where = f"{file} line {line}: `{text}` cannot be compiled: " if file else "it cannot be compiled: "
        self.sentence = f"{where}{reason}"
        super().__init__(f'{self.sentence}; or run it with engine="python"')

    def __reduce__(self) -> tuple[object, ...]:
        return rebuilt, (self.reason, self.file, self.line, self.piece)


def rebuilt(reason: str, file: str, line: int, piece: str) -> NotCompiled:
    """Return the error that another process raised."""
    return NotCompiled(reason, file=file, line=line, piece=piece)
