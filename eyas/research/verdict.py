"""Say in words whether a study found something, and why.

The thresholds are conventions, and named here so that they can be argued with.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from eyas.research.printing import percent, ratio, whole_percent

if TYPE_CHECKING:
    from eyas.research.decay import WalkForwardDecay
    from eyas.research.study import StudyStatistics

Verdict = Literal["luck", "unproven", "holds"]

PROVEN = 0.95  # the deflated Sharpe ratio that is asked for, as usual in tests: one in twenty is still luck
AS_LUCK = 0.5  # below it, the best is no better than the best of so many trials without skill
TRANSFERS = 0.2  # the probability of overfitting up to which choosing on the past helps
NO_BETTER = 0.5  # from here on choosing on the past is no better than choosing at random
KEEPS = 1 / 3  # the share of the Sharpe ratio that must be left on the block that follows
ON_PLATEAU = 0.5  # the share of the best's objective that its neighbours must reach
ONE_STRETCH = 0.5  # the share of all that was earned that one of 16 stretches may have brought
OVER = 0.1  # the share of all that was earned that the second half of the time must have brought
FEWEST_TRADES = 30  # of the best trial; with fewer, one lucky trade decides
FEWEST_BARS = 64  # of the run: four to each of 16 blocks

OPENINGS: dict[Verdict, str] = {
    "luck": "Luck would do as well",
    "unproven": "Not proven",
    "holds": "Holds up",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Hold a verdict and its reasons, the weightiest first."""

    verdict: Verdict
    reasons: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Return the verdict with its first reason."""
        return f"{OPENINGS[self.verdict]}: {self.reasons[0]}."


def judge(study: StudyStatistics) -> Judgement:
    """Judge a study: luck first, then whatever stands against it, and only then what stands for it."""
    if study.best is None:
        return Judgement("unproven", (study.unknown["best"],))
    against = doubts(study)
    if study.deflated_sharpe < AS_LUCK:
        return Judgement("luck", (beside_luck(study), *against))
    if no_better(study) and not study.deflated_sharpe >= PROVEN:
        return Judgement("luck", (blindly(study), *(one for one in against if one != blindly(study))))
    if against:
        return Judgement("unproven", tuple(against))
    return Judgement("holds", tuple(merits(study)))


def no_better(study: StudyStatistics) -> bool:
    """Tell whether choosing on the past was no better than choosing blindly."""
    return study.overfitting is not None and study.overfitting.probability >= NO_BETTER


def blindly(study: StudyStatistics) -> str:
    """Return how choosing on one half of the time does in the other."""
    share = study.overfitting.probability if study.overfitting else math.nan
    return (
        f"the best of one half of the time is in the lower half of the other in {whole_percent(share)} of "
        "cases: choosing blindly would do as well"
    )


def beside_luck(study: StudyStatistics) -> str:
    """Return how the best compares with what luck makes of so many trials."""
    if study.sharpe_ratio <= 0:
        among = f"even the best of {study.trials:,} trials" if study.trials > 1 else "the only trial"
        shown = f"a Sharpe ratio of {ratio(study.sharpe_ratio)}"
        return f"{among} has {shown}: keeping out of the market does better"
    return (
        f"the best of {study.trials:,} trials without any skill is expected to show a Sharpe ratio of "
        f"{ratio(study.expected_maximum)} per bar; the best here shows {ratio(study.sharpe_ratio)}"
    )


def doubts(study: StudyStatistics) -> list[str]:
    """Return what stands against the best trial, the weightiest first."""
    found = []
    if math.isnan(study.deflated_sharpe):
        found.append(study.unknown["deflated_sharpe"])
    elif study.deflated_sharpe < PROVEN:
        shown, wanted = percent(study.deflated_sharpe), whole_percent(PROVEN)
        found.append(f"the deflated Sharpe ratio is {shown}, and a test would ask for {wanted}")
    if study.trades < FEWEST_TRADES:
        made = f"{study.trades:,.0f} trade{'' if study.trades == 1 else 's'}"
        found.append(f"the best made {made}, and fewer than {FEWEST_TRADES} prove nothing")
    if study.overfitting is None:
        found.append(study.unknown["overfitting"])
    elif no_better(study):
        found.append(blindly(study))
    elif study.overfitting.probability > TRANSFERS:
        found.append(
            f"the probability of overfitting is {whole_percent(study.overfitting.probability)}: "
            "which parameters are best depends on the half of the time that is looked at "
            f"(the best of one lost money in {percent(study.overfitting.loss_probability)} of the others)"
        )
    found += doubts_of_decay(study)
    found += doubts_of_the_market(study)
    if study.plateau and study.plateau.score < ON_PLATEAU:
        reached = whole_percent(study.plateau.score)
        found.append(f"its neighbours reach {reached} of the best: it stands on a peak")
    return found


def doubts_of_the_market(study: StudyStatistics) -> list[str]:
    """Return what the time says against the best: the market rose, it was one event, or it is long ago."""
    found = []
    if study.sharpe_ratio <= study.market_sharpe:
        found.append(
            f"holding the bars has a Sharpe ratio of {ratio(study.market_sharpe)} per bar, and the best is "
            f"no better with {ratio(study.sharpe_ratio)}"
        )
    if study.best_stretch >= ONE_STRETCH:
        found.append(
            f"one sixteenth of the time brought {whole_percent(study.best_stretch)} of all that the best "
            "earned: a single event may have made it"
        )
    if study.newest_half < OVER:
        found.append(
            f"the second half of the time brought {whole_percent(study.newest_half)} of all that the best "
            "earned: what it lived on may be over"
        )
    return found


def doubts_of_decay(study: StudyStatistics) -> list[str]:
    """Return what walking forward says against choosing as was chosen."""
    decay = study.anchored
    if decay is None:
        return [study.unknown["walk_forward"]]
    if decay.out_of_sample <= 0:
        return ["what was best so far lost money on the block that followed"]
    if decay.in_sample <= 0:
        return ["what was best so far had not earned anything"]
    return [] if decay.kept >= KEEPS else [kept(decay)]


def kept(decay: WalkForwardDecay) -> str:
    """Return what was left of what was chosen."""
    share = whole_percent(decay.kept)
    return f"what was best so far kept {share} of its Sharpe ratio on the block that followed"


def merits(study: StudyStatistics) -> list[str]:
    """Return what stands for the best trial, when nothing stands against it."""
    overfitting, decay = study.overfitting, study.anchored
    assert overfitting is not None
    assert decay is not None
    shown, chance = percent(study.deflated_sharpe), whole_percent(overfitting.probability)
    after = f"after {study.trials:,} trials"
    found = [
        f"{after} the deflated Sharpe ratio is {shown}, and the probability of overfitting {chance}",
        kept(decay),
    ]
    if study.plateau and not math.isnan(study.plateau.score):
        found.append(f"its neighbours reach {whole_percent(study.plateau.score)} of the best")
    if not math.isnan(study.market_sharpe):
        found.append(f"holding the bars has a Sharpe ratio of {ratio(study.market_sharpe)} per bar")
    return found
