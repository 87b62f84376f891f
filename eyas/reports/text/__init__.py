"""Reports as text: Markdown for people, JSON Lines for machines, with columns that a person chooses."""

from eyas.reports.text.columns import Column, Columns
from eyas.reports.text.comparison import comparison_markdown, write_comparison_lines
from eyas.reports.text.heat import walker_pnl_table, walker_table
from eyas.reports.text.json_lines import append_json_lines, json_line, write_json_lines
from eyas.reports.text.lifecycle import lifecycle_table
from eyas.reports.text.run_tables import TABLES, table_of
from eyas.reports.text.run_text import report_markdown, write_report_lines
from eyas.reports.text.sweep import sweep_markdown, write_sweep_lines
from eyas.reports.text.tables import Table, table_of_frame, table_of_rows

__all__ = [
    "TABLES",
    "Column",
    "Columns",
    "Table",
    "append_json_lines",
    "comparison_markdown",
    "json_line",
    "lifecycle_table",
    "report_markdown",
    "sweep_markdown",
    "table_of",
    "table_of_frame",
    "table_of_rows",
    "walker_pnl_table",
    "walker_table",
    "write_comparison_lines",
    "write_json_lines",
    "write_report_lines",
    "write_sweep_lines",
]
