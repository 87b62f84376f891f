"""Say for the page what the statistics of a study come to: each figure, what it means here, its formula."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eyas.research.plateau import CLOSE
from eyas.research.verdict import AS_LUCK, KEEPS, NO_BETTER, ON_PLATEAU, PROVEN, TRANSFERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eyas.research import StudyStatistics
    from eyas.research.overfitting import BacktestOverfitting

DEFLATED = """\
DSR = Φ((SR − SR₀) · √(T − 1) / √(1 − γ₃·SR + (γ₄ − 1)/4 · SR²))

SR is the best trial's Sharpe ratio per bar, SR₀ the expected maximum of luck, T the bars, γ₃ and γ₄
skewness and kurtosis of its returns. The probability that the true ratio is above what luck brings; 95 %
is the usual bar. Bailey and López de Prado (2014), The Deflated Sharpe Ratio."""
DEFLATED_2025 = """\
DSR = Φ((SR − SR₀) / σ)

The same hurdle SR₀; σ² is the error that a maximum of so many trials would have if SR₀ were the truth. The
trials' average correlation is allowed for. A maximum varies less than a single draw, so this form is the
bolder of the two. López de Prado, Lipton and Zoonekynd (2025), How to Use the Sharpe Ratio."""
LUCK = """\
SR₀ = σ · ((1 − γ)·Φ⁻¹(1 − 1/N) + γ·Φ⁻¹(1 − 1/(N·e)))

σ is the standard deviation of the trials' Sharpe ratios, N how many trials there are, γ = 0.5772
(Euler's). By the year it is multiplied by the root of the bars a year. Every trial counts as independent,
which is severe where neighbours trade alike."""
OVERFITTING = """\
Cut the run into 16 equal blocks. Of all 12,870 ways to take half of them: choose the best trial on that
half, and see where it ranks on the other. The share of ways in which it ends in the lower half.
Combinatorially symmetric cross-validation: Bailey, Borwein, López de Prado and Zhu (2017)."""
DECAY = """\
Before each of the last 12 of 16 blocks choose the best trial on {past}, and look at the block that
follows. The Sharpe ratio of what followed, over that of what was chosen: 100 % would be no decay."""
PLATEAU = """\
The mean objective of the best trial's neighbours (one step in any parameter), over the best's own: 100 %
is a plateau, 0 % a peak. Pardo (2008). Luck has plateaus too: neighbours make much the same trades."""
RECORD = """\
1 + (1 − γ₃·SR + (γ₄ − 1)/4 · SR²) · (1.645 / SR)²

How many bars the best trial's ratio would need, by itself, to be above 0 with 95 % confidence. Bailey and
López de Prado (2012)."""
HELD = """\
Mean / standard deviation of the returns from close to close. All other figures here compare with 0, which
a rising market beats by itself."""
EFFECTIVE = """\
ρ + (1 − ρ)·N

ρ is the average correlation of the trials over the blocks: how many independent trials would have
searched as widely."""


@dataclass(frozen=True, slots=True)
class Check:
    """Hold one figure that the verdict rests on, what it says here, and how it is computed.

    `tone` is "good", "bad" or "" (it says nothing by itself).
    """

    label: str
    text: str
    meaning: str
    formula: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold what the statistics of a study say: the sentence, its reasons and figures.

    `luck_sharpe` is the best Sharpe ratio, by the year, that as many trials without any skill would bring.
    `plateau` is the row of the trial in the middle of the best neighbourhood.
    """

    word: str
    sentence: str
    reasons: Sequence[str] = ()
    checks: Sequence[Check] = ()
    luck_sharpe: float | None = None
    plateau: int | None = None


def verdict_of(statistics: StudyStatistics, yearly: float, plateau: int | None = None) -> Verdict:
    """Return what the page says of a study.

    `yearly` is the best trial's Sharpe ratio by the year, NaN where the run is too short for one. `plateau`
    is the row in the middle of the best neighbourhood.
    """
    scale = yearly / statistics.sharpe_ratio if statistics.sharpe_ratio else math.nan
    return Verdict(
        word=statistics.verdict,
        sentence=statistics.sentence,
        reasons=[sentence(reason) for reason in statistics.reasons[1:]],
        checks=list(checks(statistics, scale)),
        luck_sharpe=None if math.isnan(scale) else statistics.expected_maximum * scale,
        plateau=plateau,
    )


def checks(study: StudyStatistics, scale: float) -> Iterator[Check]:
    """Yield the figures that can be said, in reading order; `scale` makes a ratio per bar one by the year."""
    if study.best is None:
        return
    if not math.isnan(study.deflated_sharpe):
        yield deflated("Deflated Sharpe ratio (2014)", study.deflated_sharpe, DEFLATED)
    if not math.isnan(study.deflated_sharpe_2025):
        yield deflated("Deflated Sharpe ratio (2025 variance)", study.deflated_sharpe_2025, DEFLATED_2025)
    if study.trials > 1:
        yield luck(study, scale)
    if study.overfitting is not None:
        yield overfitting(study.overfitting, study.sampled)
    yield from decay(study)
    yield from held(study, scale)
    yield from neighbours(study)
    yield from the_rest(study)


def overfitting(found: BacktestOverfitting, sampled: int | None) -> Check:
    """Return how often the best of one half of the time is nothing in the other."""
    share = found.probability
    if share <= TRANSFERS:
        meaning = "the best of one half of the time is mostly good in the other"
    elif share >= NO_BETTER:
        meaning = "choosing on the past is no better than choosing blindly"
    else:
        meaning = "what is best depends on which half of the time is looked at"
    sample = f" (of {sampled:,} trials drawn by lot)" if sampled else ""
    how = tone(share <= TRANSFERS, share >= NO_BETTER)
    return Check("Probability of overfitting (PBO)", percent(share, 0), meaning + sample, OVERFITTING, how)


def deflated(label: str, value: float, formula: str) -> Check:
    """Return one form of the deflated Sharpe ratio."""
    meaning = (
        "as much as a test asks for; one in twenty such is still luck"
        if value >= PROVEN
        else "not better than luck makes of so many trials"
        if value < AS_LUCK
        else "better than luck, but a test would ask for 95 %"
    )
    return Check(label, percent(value, 1), meaning, formula, tone(value >= PROVEN, value < AS_LUCK))


def luck(study: StudyStatistics, scale: float) -> Check:
    """Return the expected maximum of luck beside the best's own ratio."""
    if math.isnan(scale):
        found, best, by = study.expected_maximum, study.sharpe_ratio, "per bar"
    else:
        found, best, by = study.expected_maximum * scale, study.sharpe_ratio * scale, "by the year"
    digits = 2 if abs(best) >= 0.1 else 4
    shown = f"{best:.{digits}f}".replace("-", "−")
    meaning = f"expected of {study.trials:,} trials without skill, {by}; the best shows {shown}"
    return Check("Best Sharpe ratio of luck alone", f"{found:.{digits}f}", meaning, LUCK)


def decay(study: StudyStatistics) -> Iterator[Check]:
    """Yield what was left of the ratio on the blocks that followed."""
    for kind, found in (("anchored", study.anchored), ("rolling", study.rolling)):
        if found is None or math.isnan(found.kept):
            continue
        lost = f"{found.losing_steps} of {found.steps} steps lost money"
        how = DECAY.format(past="all blocks so far" if kind == "anchored" else "the last 4 blocks")
        yield Check(
            f"Kept walking forward, {kind}",
            percent(found.kept, 0),
            lost,
            how,
            tone(found.kept >= KEEPS, found.out_of_sample <= 0),
        )


def held(study: StudyStatistics, scale: float) -> Iterator[Check]:
    """Yield the Sharpe ratio of holding the bars, where one instrument was traded."""
    if math.isnan(study.market_sharpe):
        return
    found, by = (
        (study.market_sharpe, "per bar")
        if math.isnan(scale)
        else (study.market_sharpe * scale, "by the year")
    )
    better = study.sharpe_ratio > study.market_sharpe
    yield Check(
        "Sharpe ratio of holding the bars",
        f"{found:.{2 if abs(found) >= 0.1 else 4}f}".replace("-", "−"),
        f"{by}; the best is {'better' if better else 'no better'}",
        HELD,
        tone(good=False, bad=not better),
    )


def neighbours(study: StudyStatistics) -> Iterator[Check]:
    """Yield how the best's neighbours do."""
    around = study.plateau
    if around is None:
        return
    if math.isnan(around.score):
        yield Check(
            "Neighbours of the best",
            f"better than {percent(around.rank, 0)}",
            f"{around.neighbours} neighbour{'' if around.neighbours == 1 else 's'}, of all trials",
            PLATEAU,
        )
        return
    yield Check(
        "Plateau score",
        percent(around.score, 0),
        f"of the best's objective is what its {around.neighbours} neighbours reach on average",
        PLATEAU,
        tone(around.score >= CLOSE, around.score < ON_PLATEAU),
    )


def the_rest(study: StudyStatistics) -> Iterator[Check]:
    """Yield what helps to read the others."""
    if study.trials > 1 and not math.isnan(study.effective_trials):
        yield Check(
            "Independent trials",
            f"about {study.effective_trials:,.0f}",
            f"of {study.trials:,}, by how alike they move",
            EFFECTIVE,
        )
    if math.isfinite(study.track_record_bars):
        enough = study.bars >= study.track_record_bars
        yield Check(
            "Track record needed",
            f"{study.track_record_bars:,.0f} bars",
            f"there are {study.bars:,}: {'enough' if enough else 'too few'}, had it been the only trial",
            RECORD,
        )


def tone(good: bool, bad: bool) -> str:
    """Return how a figure is coloured."""
    return "good" if good else "bad" if bad else ""


def percent(share: float, decimals: int) -> str:
    """Return a share as eyas writes it.

    >>> percent(0.4286, 1)
    '42.9 %'
    """
    return f"{share * 100:.{decimals}f} %"


def sentence(text: str) -> str:
    """Return a reason as a sentence.

    >>> sentence("the best made 3 trades")
    'The best made 3 trades.'
    """
    return text[:1].upper() + text[1:] + "."
