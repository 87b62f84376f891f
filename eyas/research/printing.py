"""Print a study's statistics: as text, as a table of a notebook, as plain values for a machine."""

from __future__ import annotations

import html
import math
import textwrap
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eyas.research.decay import WalkForwardDecay
    from eyas.research.study import StudyStatistics

WIDTH = 110


def study_rows(study: StudyStatistics, scale: float = math.nan) -> list[tuple[str, str]]:
    """Return label and text of every figure, in reading order; "n/a" comes with its reason."""
    return [
        ("Trials", trials_text(study)),
        ("Sharpe ratio of the best, per bar", by_year(study.sharpe_ratio, scale)),
        ("Best by luck alone, per bar", by_year(study.expected_maximum, scale)),
        *held_rows(study, scale),
        ("Probabilistic Sharpe ratio", percent(study.probabilistic_sharpe)),
        ("Deflated Sharpe ratio (2014)", known(study, "deflated_sharpe", percent(study.deflated_sharpe))),
        ("Deflated Sharpe ratio (2025)", percent(study.deflated_sharpe_2025)),
        ("Effective trials", effective_text(study)),
        ("Track record for 95 %", record_text(study)),
        ("Probability of overfitting", overfitting_text(study)),
        ("Walk forward, anchored", decay_text(study, study.anchored)),
        ("Walk forward, rolling", decay_text(study, study.rolling)),
        ("Plateau", plateau_text(study)),
    ]


def study_text(study: StudyStatistics) -> str:
    """Return the figures as a table, and the verdict with all its reasons below."""
    rows = study_rows(study)
    left = max(len(label) for label, _ in rows)
    lines = [
        line
        for label, text in rows
        for line in textwrap.wrap(f"{label:<{left}}  {text}", WIDTH, subsequent_indent=" " * (left + 4))
    ]
    reasons = [f"- {reason}" for reason in study.reasons[1:]]
    verdict = [
        line
        for one in (study.sentence, *reasons)
        for line in textwrap.wrap(one, WIDTH, subsequent_indent="  ")
    ]
    return "\n".join([*lines, "", *verdict])


def study_html(study: StudyStatistics) -> str:
    """Return the same for a notebook."""
    cells = "".join(
        f"<tr><th style='text-align:left'>{html.escape(label)}</th>"
        f"<td style='text-align:left'>{html.escape(text)}</td></tr>"
        for label, text in study_rows(study)
    )
    more = "".join(f"<li>{html.escape(reason)}</li>" for reason in study.reasons[1:])
    return f"<p><b>{html.escape(study.sentence)}</b></p><ul>{more}</ul><table>{cells}</table>"


def study_dict(study: StudyStatistics) -> dict[str, Any]:
    """Return everything as plain values; NaN and infinities become None, which JSON has."""
    found = {
        name: getattr(study, name)
        for name in (
            *(
                "trials",
                "never_traded",
                "failed",
                "best",
                "bars",
                "trades",
                "sharpe_ratio",
                "expected_maximum",
            ),
            *("probabilistic_sharpe", "deflated_sharpe", "deflated_sharpe_2025", "track_record_bars"),
            *("market_sharpe", "best_stretch", "newest_half", "correlation", "effective_trials"),
            *("verdict", "sentence", "reasons", "unknown"),
        )
    }
    if over := study.overfitting:
        names = (
            "probability",
            "slope",
            "loss_probability",
            "mean_rank",
            "trials",
            "blocks",
            "bars",
            "halves",
        )
        found["overfitting"] = {name: getattr(over, name) for name in names} | {"sampled": study.sampled}
    for name in ("anchored", "rolling"):
        decay: WalkForwardDecay | None = getattr(study, name)
        found[name] = asdict(decay) | {"kept": decay.kept} if decay else None
    found["plateau"] = asdict(study.plateau) if study.plateau else None
    found["centre"] = {name: plain_value(value) for name, value in study.centre.items()}
    plain: dict[str, Any] = plain_values({"overfitting": None} | found)
    return plain


def plain_values(value: Any) -> Any:
    """Return a value that JSON can hold."""
    if isinstance(value, dict):
        return {name: plain_values(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [plain_values(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def plain_value(value: Any) -> Any:
    """Return a parameter as Python has it, where it came out of an array."""
    return value.item() if hasattr(value, "item") else value


def trials_text(study: StudyStatistics) -> str:
    """Return how many trials there were, and what was none."""
    apart = [
        f"{count:,} {what}"
        for count, what in ((study.never_traded, "never traded"), (study.failed, "failed or refused"))
        if count
    ]
    return f"{study.trials:,}" + (f"; not counted: {', '.join(apart)}" if apart else "")


def effective_text(study: StudyStatistics) -> str:
    """Return how many independent trials differ as much."""
    if math.isnan(study.effective_trials):
        return "n/a"
    return f"{study.effective_trials:,.0f}, by their average correlation of {study.correlation:.2f}"


def held_rows(study: StudyStatistics, scale: float) -> list[tuple[str, str]]:
    """Return what holding the bars comes to, where the study knows the market."""
    if math.isnan(study.market_sharpe):
        return []
    return [("Sharpe ratio of holding, per bar", by_year(study.market_sharpe, scale))]


def record_text(study: StudyStatistics) -> str:
    """Return how long such a record must be, beside how long it is."""
    if math.isnan(study.track_record_bars):
        return "n/a"
    if math.isinf(study.track_record_bars):
        return f"no length would do; the run has {study.bars:,} bars"
    return (
        f"{math.ceil(study.track_record_bars):,} bars if it were the only trial; the run has {study.bars:,}"
    )


def overfitting_text(study: StudyStatistics) -> str:
    """Return the probability of overfitting, and of what."""
    over = study.overfitting
    if over is None:
        return known(study, "overfitting", "n/a")
    sample = f", of {study.sampled:,} trials drawn at random" if study.sampled else ""
    return f"{percent(over.probability)}{sample}; loss out of sample {percent(over.loss_probability)}"


def decay_text(study: StudyStatistics, decay: WalkForwardDecay | None) -> str:
    """Return what was chosen and what it became."""
    if decay is None:
        return known(study, "walk_forward", "n/a")
    moved = f"{ratio(decay.in_sample)} becomes {ratio(decay.out_of_sample)} on the next block"
    kept = "" if math.isnan(decay.kept) else f" ({whole_percent(decay.kept)})"
    return f"{moved}{kept}; {decay.losing_steps} of {decay.steps} steps lose"


def plateau_text(study: StudyStatistics) -> str:
    """Return how the neighbours of the best do."""
    found = study.plateau
    if found is None:
        return known(study, "plateau", "n/a")
    one = found.neighbours == 1
    if math.isnan(found.score):
        beaten = f"beat{'s' if one else ''} {whole_percent(found.rank)} of all trials"
        around = f"1 neighbour {beaten}" if one else f"{found.neighbours} neighbours {beaten} on average"
        return f"{around}; {centre_text(study)}"
    reached = f"{whole_percent(found.score)} of the best"
    if one:
        return f"1 neighbour reaches {reached}; {centre_text(study)}"
    return (
        f"{found.neighbours} neighbours reach {reached}, {whole_percent(found.close)} of them come close; "
        f"{centre_text(study)}"
    )


def centre_text(study: StudyStatistics) -> str:
    """Return the parameters in the middle of the best plateau."""
    values = {name: plain_value(value) for name, value in study.centre.items()}
    texts = {name: f"{one:.6g}" if isinstance(one, float) else one for name, one in values.items()}
    named = ", ".join(f"{name}={text}" for name, text in texts.items())
    return f"the best plateau is around {named}"


def known(study: StudyStatistics, name: str, text: str) -> str:
    """Return a text, with the reason if it is not known."""
    return f"n/a: {study.unknown[name]}" if name in study.unknown else text


def percent(value: float) -> str:
    """Return a fraction as text in percent, with a digit after the point."""
    return "n/a" if math.isnan(value) else f"{value:.1%}".replace("%", " %")


def whole_percent(value: float) -> str:
    """Return a fraction as text in whole percent."""
    return "n/a" if math.isnan(value) else f"{value:.0%}".replace("%", " %")


def by_year(value: float, scale: float) -> str:
    """Return a Sharpe ratio per bar as text, and by the year where `scale` is the root of the bars in one."""
    yearly = value * scale
    return ratio(value) if math.isnan(yearly) else f"{ratio(value)}, {yearly:.2f} a year"


def ratio(value: float) -> str:
    """Return a Sharpe ratio per bar as text."""
    return "n/a" if math.isnan(value) else f"{value:.4f}"
