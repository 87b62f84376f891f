"""Make a story smaller as long as it still shows a difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from .story import Step, Story
from .wishes import UnreadableError

OPTIONS = ("day", "ioc", "fok", "post_only", "reduce_only")
TAKES_ONE = ("for", "until", "other", "after", "rank", "leave_after", "leave_after_s", "share", "on")


def smaller(story: Story) -> Iterator[Story]:
    """Return stories that say a little less."""
    yield from fewer_steps(story)
    for place in range(len(story.rules)):
        yield replace(story, rules=story.rules[:place] + story.rules[place + 1 :])
    yield from fewer_terms(story)
    for asks in fewer_asks(story.first):
        yield replace(story, first=asks)
    for place, step in enumerate(story.steps):
        for other in smaller_steps(step):
            yield replace(story, steps=(*story.steps[:place], other, *story.steps[place + 1 :]))
    if story.finish:
        yield replace(story, finish=False)


def fewer_steps(story: Story) -> Iterator[Story]:
    for place in range(len(story.steps)):
        yield replace(story, steps=story.steps[:place])
    for place in range(len(story.steps)):
        yield replace(story, steps=story.steps[:place] + story.steps[place + 1 :])


def fewer_terms(story: Story) -> Iterator[Story]:
    for number, pairs in enumerate(story.instruments):
        for place in range(len(pairs)):
            fewer = (*story.instruments[:number], pairs[:place] + pairs[place + 1 :])
            yield replace(story, instruments=(*fewer, *story.instruments[number + 1 :]))
    if len(story.instruments) > 1 and not uses_last(story):
        yield replace(story, instruments=story.instruments[:-1])


def uses_last(story: Story) -> bool:
    last = len(story.instruments) - 1
    rows = [row for step in story.steps for row in (*step.rows, *step.finer)]
    return any(row[0] == last for row in rows) or any(
        f"on {last}" in ask for step in story.steps for ask in step.asks
    )


def smaller_steps(step: Step) -> Iterator[Step]:
    for asks in fewer_asks(step.asks):
        yield replace(step, asks=asks)
    if len(step.rows) > 1:
        for place in range(len(step.rows)):
            yield replace(step, rows=step.rows[:place] + step.rows[place + 1 :])
    for place in range(len(step.finer)):
        yield replace(step, finer=step.finer[:place] + step.finer[place + 1 :])
    if step.finer:
        yield replace(step, finer=())


def fewer_asks(asks: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for place in range(len(asks)):
        yield asks[:place] + asks[place + 1 :]
    for place, ask in enumerate(asks):
        for shorter in shorter_asks(ask):
            yield (*asks[:place], shorter, *asks[place + 1 :])


def shorter_asks(ask: str) -> Iterator[str]:
    """Return an ask without one of its options."""
    words = ask.split()
    levels = ("stop_loss", "take_profit", "trailing", "breakeven", "from", "offset")
    for place, word in enumerate(words):
        if place < 2:
            continue
        width = 0
        if word in OPTIONS:
            width = 1
        elif word in TAKES_ONE:
            width = 2
        elif word in levels and place + 1 < len(words):
            width = 3 if words[place + 1] in ("distance", "fraction", "risk", "rung") else 2
        if width:
            yield " ".join(words[:place] + words[place + width :])


def shrink(story: Story, differs: Callable[[Story], bool], most: int = 3000) -> Story:
    """Return the smallest story that still differs, after so many tries at most."""
    tries = 0
    found = True
    while found and tries < most:
        found = False
        for other in smaller(story):
            tries += 1
            with suppress(UnreadableError):  # leaving out words may leave nonsense
                if differs(other):
                    story, found = other, True
                    break
    return story
