"""In what several runs differ: parameters, rules, costs, data, versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from eyas.reports.settings import settings_groups

if TYPE_CHECKING:
    from eyas.reports.report import Report

JOURNALS = ("Digests", "journal")  # they always differ where anything does
HASH = re.compile(r"\b[0-9a-f]{40,}\b")
ABSENT = "–"


class Setting(NamedTuple):
    """Hold one setting: its group, its label, and its text in each run ("–" where it is not said)."""

    group: str
    label: str
    texts: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the runs do not all have it alike."""
        return len(set(self.texts)) > 1

    @property
    def brief(self) -> str:
        """The texts in a line, for a terminal: of a hash its first twelve digits."""
        return " / ".join(HASH.sub(lambda found: f"{found[0][:12]}…", text) for text in self.texts)


def settings_of_all(reports: Mapping[str, Report]) -> list[Setting]:
    """Return every setting of the runs but the digests of their journals, in the order in which they come."""
    said = [
        {(title, label): text for title, rows in settings_groups(report) for label, text in rows}
        for report in reports.values()
    ]
    keys = dict.fromkeys(key for one in said for key in one)
    return [
        Setting(group, label, tuple(one.get((group, label), ABSENT) for one in said))
        for group, label in keys
        if (group, label) != JOURNALS
    ]
