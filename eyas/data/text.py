"""Read bars from comma-separated text: fast when it is clean, line by line when it is not."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
import zlib
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from eyas.data.columns import Table, text
from eyas.data.names import Layout, knows_any, layout, positional
from eyas.data.place import Place
from eyas.data.times import NUMBER, WRITTEN
from eyas.errors import DataError
from eyas.model import RARE_COLUMNS

if TYPE_CHECKING:
    import polars as pl

SUFFIXES = (".csv", ".tsv", ".txt")
HEADER_NAMES = ("time", "open", "high", "low", "close", "volume")
AS_TEXT = ("side", "maker", "number")  # of trades: not numbers, or too long for a float
PEEK = 65_536


def read_text(path: Path, name: str) -> Table:
    """Read a .csv, .tsv or .txt file, plain, in .gz, or alone in a .zip; `name` is for messages."""
    content = _content(path, name)
    start, line = first_line(content, name)
    separator = max(",;\t", key=line.count)
    header = next(csv.reader([line], delimiter=separator))
    if len(header) < 5:
        if knows_any(header):
            layout(header, Place(name))  # which says what is missing
        raise DataError(
            f"{name}: the first line, '{line[:80]}', is neither a header nor a bar. eyas reads time, open, "
            "high, low, close and perhaps volume, separated by commas, semicolons or tabs."
        )
    frame = _as_frame(path, separator, has_header=not is_values(header))
    if is_values(header):
        found, names = positional(len(header)), list(HEADER_NAMES[: len(header)])
    else:
        found, names = layout(header, Place(name)), [cell.strip() for cell in header]
        start += 1
    columns = read_fast(content, start, separator, len(header), found)
    if columns is not None:
        return Table.of(
            Place(name, frame, line_of=lambda row: start + row + 1), found, names, columns.__getitem__
        )
    lines: list[int] = []
    place = Place(name, frame, line_of=lines.__getitem__)
    columns = _read_by_line(content, start, separator, len(header), found, place, lines)
    return Table.of(place, found, names, columns.__getitem__)


def _as_frame(path: Path, separator: str, *, has_header: bool) -> str:
    """Return Python that reads the file as a frame, for advice."""
    options = "" if separator == "," else f", separator={separator!r}"
    return f'polars.read_csv("{path}"{options}{"" if has_header else ", has_header=False"})'


def _content(path: Path, name: str) -> bytes:
    """Return the text of a file as bytes, unpacked and known to be text."""
    content = path.read_bytes()
    packed = PurePath(path).suffix.lower()
    if packed == ".zip":
        members = unzipped(content, name)
        if len(members) != 1:
            listed = ", ".join(list(members)[:5]) or "none"
            raise DataError(f"{name} must hold one .csv file; it holds {listed}. Unpack the right one.")
        (content,) = members.values()
    elif packed == ".gz":
        content = ungzipped(content, name)
    return plain_text(content, name)


def ungzipped(content: bytes, name: str) -> bytes:
    """Return what a .gz file holds; `name` is for messages."""
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{name} cannot be unpacked: {error}. Fetch it again.") from None


def plain_text(content: bytes, name: str) -> bytes:
    """Return text as bytes with the line ends of today, known to be text."""
    if not content.strip():
        raise DataError(f"{name} is empty. It needs a header and a row for each bar.")
    if content[:4] == b"PAR1":
        raise DataError(f"{name} is a Parquet file: rename it to end in .parquet.")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise DataError(f"{name} is UTF-16 text. Save it as UTF-8.")
    if b"\x00" in content[:PEEK]:
        raise DataError(f"{name} is not text: it holds zero bytes. eyas reads CSV and Parquet files.")
    if content.count(b"\r") != content.count(b"\r\n"):  # line ends of old, which polars does not see
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return content.rstrip() if content.endswith((b"\n\n", b"\n\r\n")) else content


def unzipped(content: bytes, name: str) -> dict[str, bytes]:
    """Return the files of text in a .zip by their names; `name` is for messages."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.namelist() if _is_text_member(member)]
            return {member: archive.read(member) for member in members}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError) as error:
        raise DataError(f"{name} cannot be unpacked: {error}. Fetch it again, or unpack it.") from None


def _is_text_member(member: str) -> bool:
    path = PurePath(member)
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and "__MACOSX" not in path.parts


def first_line(content: bytes, name: str) -> tuple[int, str]:
    """Return how many lines come before the first that is neither blank nor a # comment, and that line."""
    for start, line in enumerate(io.BytesIO(content)):
        for part in line.splitlines()[:1]:
            try:
                decoded = part.decode("utf-8-sig").strip("\r\n")
            except UnicodeDecodeError as error:
                fault = f"line {start + 1} is not UTF-8 text (byte {error.object[error.start]:#04x})"
                raise DataError(f"{name}: {fault}. Save the file as UTF-8.") from None
            if decoded.strip() and not decoded.startswith("#"):
                return start, decoded
    raise DataError(f"{name} holds only comments. It needs a header and a row for each bar.")


def is_values(cells: list[str]) -> bool:
    """Return whether a first row is already data: a time, then numbers."""
    first, *rest = (cell.strip() for cell in cells)
    numbers = [re.match(NUMBER, cell) is not None for cell in rest[:4]]
    return all(numbers) and (re.match(NUMBER, first) is not None or WRITTEN.fullmatch(first) is not None)


def read_fast(
    content: bytes, start: int, separator: str, width: int, found: Layout
) -> dict[int, pl.Series] | None:
    """Return the needed columns by position, or None where anything at all is out of order."""
    import polars as pl

    peek = content[:PEEK].decode("utf-8", "replace").splitlines()
    first = next(csv.reader(peek[start : start + 1], delimiter=separator), [])
    kinds: list[type[pl.DataType]] = [pl.String] * width
    for field, at in found.numbers.items():
        kinds[at] = pl.String if field in AS_TEXT else pl.Float64
    for at in found.time:
        value = first[at].strip() if at < len(first) else ""
        if re.match(NUMBER, value) and len(found.time) == 1:
            kinds[at] = pl.Int64 if value.isdigit() else pl.Float64
    try:
        frame = pl.read_csv(
            content,
            has_header=False,
            skip_lines=start,
            separator=separator,
            schema={f"column_{at + 1}": kind for at, kind in enumerate(kinds)},
            columns=found.positions,
        )
    except pl.exceptions.PolarsError:
        return None
    gaps = {f"column_{at + 1}" for field, at in found.numbers.items() if field in RARE_COLUMNS}
    if any(series.null_count() for series in frame if series.name not in gaps):
        return None
    return dict(zip(found.positions, frame.get_columns(), strict=True))


def _read_by_line(
    content: bytes, start: int, separator: str, width: int, found: Layout, place: Place, lines: list[int]
) -> dict[int, pl.Series]:
    """Return the needed columns as text, and put the line of each row into `lines`.

    This is the way of files with a fault to report, and of those that only look faulty: with
    blank lines in between, spaces before a separator, or a separator at the end of every line.
    """
    cells: dict[int, list[str]] = {at: [] for at in found.positions}
    decoded = content.decode("utf-8-sig", "replace")
    reader = csv.reader(io.StringIO(decoded, newline=None), delimiter=separator)
    try:
        for row in reader:
            if reader.line_num <= start or not any(map(str.strip, row)):
                continue
            lines.append(reader.line_num)
            if len(row) > width and any(map(str.strip, row[width:])):
                fault = f"has {len(row)} values where the first line has {width}"
                advice = "A comma inside a number does this: write 1234.5, not 1,234.5."
                raise DataError(f"{place.row(len(lines) - 1)} {fault}. {advice}")
            for at, column in cells.items():
                column.append(row[at] if at < len(row) else "")
    except csv.Error as error:
        raise DataError(f"{place.name} line {reader.line_num} cannot be read: {error}.") from None
    return {at: text(column) for at, column in cells.items()}
