"""The command `eyas report`: open a record, write what is asked for, and print its figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eyas.cli import beside, settings
from eyas.cli.backtest import PAGE_FILES, TABLE_FILES, write_trades
from eyas.cli.failures import Exit, print_json
from eyas.cli.tables import Terms, print_report
from eyas.record.opening import open_record
from eyas.reports.pdf import write_pdf
from eyas.reports.text.run_text import report_markdown, write_report_lines

TEXT_FILES = (".md", ".markdown")
PDF_FILES = (".pdf",)
LINES_FILES = (".jsonl", ".ndjson")


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Hold what was typed for the report of a record."""

    record: Path
    data: str = ""
    catalog: str = ""
    html: Path | None = None
    trades: Path | None = None
    markdown: Path | None = None
    json_lines: Path | None = None
    pdf: Path | None = None
    benchmark: str = ""
    risk_free: float = 0.0
    metrics: bool = False
    explain: bool = False
    as_json: bool = False
    quiet: bool = False


def run(request: Request) -> Exit:
    """Show a record. Raises what `eyas.cli.failures.tell` tells of."""
    read = (request.record, Path(request.data) if request.data else None)
    settings.check_target("--html", request.html, PAGE_FILES, read)
    settings.check_target("--trades", request.trades, TABLE_FILES, read)
    settings.check_target("--markdown", request.markdown, TEXT_FILES, read)
    settings.check_target("--json-lines", request.json_lines, LINES_FILES, read)
    settings.check_target("--pdf", request.pdf, PDF_FILES, read)
    benchmark = beside.benchmark_of(request.benchmark, request.catalog)
    report = open_record(request.record.expanduser(), bars=request.data or None)
    if request.trades:
        write_trades(report, request.trades)
    if request.html:
        report.plot(request.html.expanduser(), benchmark=benchmark)
    if request.markdown:
        report_markdown(report, request.markdown.expanduser())
    if request.json_lines:
        write_report_lines(report, request.json_lines.expanduser())
    if request.pdf:
        write_pdf(report, request.pdf.expanduser(), benchmark=benchmark)
    if request.as_json:
        print_json({"report": report.as_json(), "error": None})
    elif not request.quiet:
        written = {
            "Trades": request.trades,
            "Trades as lines": request.json_lines,
            "Markdown": request.markdown,
            "PDF": request.pdf,
            "Report": request.html,
        }
        terms = Terms(request.metrics, request.explain, benchmark, request.risk_free)
        print_report(report, written, terms)
    return Exit.RAN
