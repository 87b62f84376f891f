"""Keep a catalog in an object store: S3 and those that speak like it, Google's, Azure's, or memory."""

from __future__ import annotations

import contextlib
import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.data.catalog.manifest import NAME
from eyas.data.catalog.stores import Changed, LocalStore, Store
from eyas.errors import DataError, UsageError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

SAFE_AFTER = datetime.timedelta(days=1)
"""A file that no manifest names may be one that a slow writer is about to name; after a day it is not."""
NEEDED = "a catalog in an object store needs the extra: pip install 'eyas[cloud]'"


def store_of(url: str) -> Store:
    """Return the store of a URL; the settings and secrets of S3 and others come from the environment."""
    if url.startswith("file://"):
        from urllib.parse import unquote, urlsplit

        return LocalStore(Path(unquote(urlsplit(url).path)))
    try:
        import obstore
    except ImportError:
        raise UsageError(NEEDED) from None
    try:
        return CloudStore(obstore.store.from_url(url), url.rstrip("/"))
    except (obstore.exceptions.BaseError, ValueError) as error:
        reason = str(error).split("\n", 1)[0]
        raise UsageError(
            f"{url} is no place for a catalog: {reason}. Write s3://bucket/prefix or a folder."
        ) from None


class CloudStore:
    """Keep a catalog in anything that obstore knows.

    There is no lock: a manifest is replaced on the condition that it is still the one that was read.
    """

    def __init__(self, objects: ObjectStore, name: str) -> None:
        self.objects = objects
        self.name = name

    def read(self, key: str) -> tuple[bytes, Any]:
        """Return the bytes of an object, and its version for `replace`."""
        import obstore

        try:
            found = obstore.get(self.objects, key)
            said = {name: found.meta.get(name) for name in ("e_tag", "version")}
            return bytes(found.bytes()), {name: one for name, one in said.items() if one is not None}
        except (obstore.exceptions.NotFoundError, FileNotFoundError):
            raise FileNotFoundError(key) from None
        except obstore.exceptions.BaseError as error:
            raise _failed("read", self.name, key, error) from error

    def write(self, key: str, data: bytes) -> None:
        """Write an object."""
        import obstore

        try:
            obstore.put(self.objects, key, data, use_multipart=False)
        except obstore.exceptions.BaseError as error:
            raise _failed("written", self.name, key, error) from error

    def replace(self, key: str, data: bytes, tag: Any) -> None:
        """Replace an object on the condition that nobody else has."""
        import obstore

        failures = obstore.exceptions
        try:
            obstore.put(self.objects, key, data, mode="create" if tag is None else tag, use_multipart=False)
        except (
            failures.AlreadyExistsError,
            failures.PreconditionError,
            failures.NotFoundError,
            FileExistsError,
        ):
            raise Changed(key) from None
        except failures.BaseError as error:
            raise _failed("written", self.name, key, error) from error

    def delete(self, keys: list[str]) -> None:
        """Delete objects."""
        import obstore

        for key in keys:
            try:
                obstore.delete(self.objects, key)
            except (obstore.exceptions.NotFoundError, FileNotFoundError):
                continue
            except obstore.exceptions.BaseError as error:
                raise _failed("deleted", self.name, key, error) from error

    def folders(self, prefix: str) -> list[str]:
        """Return the names under a prefix that have something under them."""
        import obstore

        try:
            found = obstore.list_with_delimiter(self.objects, prefix or None)
        except obstore.exceptions.BaseError as error:
            raise _failed("listed", self.name, prefix, error) from error
        return sorted(one.rstrip("/").rpartition("/")[2] for one in found["common_prefixes"])

    def leftovers(self, folder: str, known: frozenset[str]) -> list[str]:
        """Return the objects of a folder that are not known and a day old."""
        import obstore

        try:
            found = obstore.list_with_delimiter(self.objects, folder)["objects"]
        except obstore.exceptions.BaseError as error:
            raise _failed("listed", self.name, folder, error) from error
        before = datetime.datetime.now(datetime.UTC) - SAFE_AFTER
        old = ((one["path"].rpartition("/")[2], one["last_modified"]) for one in found)
        return [f"{folder}/{name}" for name, when in old if name not in known | {NAME} and when < before]

    def locked(self) -> contextlib.AbstractContextManager[None]:
        """Lock nothing: `replace` notices others."""
        return contextlib.nullcontext()

    def path(self, key: str) -> Path | None:  # noqa: ARG002
        """Return None: an object has no path."""
        return None


class UnreachableError(DataError, OSError):
    """Say that an object store refused, or did not answer."""


def _failed(what: str, name: str, key: str, error: Exception) -> UnreachableError:
    reason = str(error).split("\n", 1)[0]
    return UnreachableError(f"{name}/{key} could not be {what}: {reason}")
