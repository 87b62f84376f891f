//! The tables as data: headings, lines of settings, rows of cells.

use std::collections::BTreeMap;

pub const PRICES: [&str; 4] = ["open", "high", "low", "close"];
const AMOUNTS: [&str; 5] = ["equity", "cash", "free_cash", "used_margin", "position"];
const FULL: [&str; 8] = ["bar", "open", "high", "low", "close", "ask", "journal", "equity"];
const SHORT: [&str; 6] = ["ask", "open", "high", "low", "close", "journal"];

/// A row of a table: what comes, what is asked, what must come of it.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub line: usize,
    pub bar: String,
    pub prices: [String; 4],
    pub ask: String,
    /// None where the journal is passed over.
    pub journal: Option<String>,
    pub amounts: BTreeMap<String, String>,
}

impl Row {
    pub fn has_prices(&self) -> bool {
        self.prices.iter().any(|price| !price.is_empty())
    }
}

/// A heading with its table.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    pub page: String,
    pub line: usize,
    pub title: String,
    pub rules: Vec<(String, String)>,
    pub cash: String,
    pub figures: Vec<(String, String)>,
    pub rows: Vec<Row>,
}

/// Return the scenarios of a page; a short table gives one for each row.
pub fn read(page: &str, text: &str) -> Result<Vec<Scenario>, String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut open: Option<(Scenario, usize)> = None;
    for (place, line) in lines.iter().enumerate() {
        let number = place + 1;
        if line.starts_with('#') {
            one_table(page, open.take())?;
            if let Some(title) = line.strip_prefix("### ") {
                let (page, title, cash) = (page.to_owned(), title.trim().to_owned(), "10000".to_owned());
                open = Some((Scenario { page, line: number, title, cash, ..Scenario::default() }, 0));
            }
            continue;
        }
        if let Some((scenario, tables)) = open.as_mut() {
            let is_setting = ["Rules:", "Cash:", "Figures:"].iter().any(|name| line.starts_with(name));
            if line.starts_with('|') && !lines[place - 1].starts_with('|') {
                *tables += 1;
                found.extend(table(scenario, &lines, place)?);
            } else if is_setting && *tables > 0 {
                return Err(format!("{page}:{number}: this line must stand before the table"));
            } else if is_setting {
                setting(scenario, line, number)?;
            }
        }
    }
    one_table(page, open)?;
    if found.is_empty() {
        return Err(format!("{page}: no scenario"));
    }
    Ok(found)
}

fn one_table(page: &str, open: Option<(Scenario, usize)>) -> Result<(), String> {
    match open {
        Some((scenario, tables)) if tables != 1 => {
            Err(format!("{page}:{}: {tables} tables under one heading, not 1", scenario.line))
        }
        _ => Ok(()),
    }
}

fn setting(scenario: &mut Scenario, line: &str, number: usize) -> Result<(), String> {
    let (name, value) = line.split_once(':').unwrap_or((line, ""));
    if name == "Cash" {
        scenario.cash = value.trim().to_owned();
        return Ok(());
    }
    let pairs: Option<Vec<(String, String)>> = value.split_whitespace().map(pair).collect();
    let pairs = pairs.filter(|pairs| !pairs.is_empty());
    let pairs = pairs.ok_or_else(|| format!("{}:{number}: {line} is not name=value", scenario.page))?;
    match name {
        "Rules" => scenario.rules.extend(pairs),
        _ => scenario.figures.extend(pairs),
    }
    Ok(())
}

fn pair(word: &str) -> Option<(String, String)> {
    let (name, value) = word.split_once('=')?;
    (!value.contains('=')).then(|| (name.to_owned(), value.to_owned()))
}

/// Return the scenario with its rows, or one scenario for each row of a short table.
fn table(scenario: &Scenario, lines: &[&str], first: usize) -> Result<Vec<Scenario>, String> {
    let page = &scenario.page;
    let header = cells(lines[first]);
    let is_short = header[0] == "ask";
    let fixed: &[&str] = if is_short { &SHORT } else { &FULL };
    let more = header.get(fixed.len()..).unwrap_or_default();
    if !header.starts_with(fixed) || !more.iter().all(|name| AMOUNTS.contains(name)) {
        return Err(format!("{page}:{}: columns are {header:?}, not {fixed:?} and amounts", first + 1));
    }
    let dashes = lines.get(first + 1).map_or(false, |line| line.chars().all(|c| "|-: ".contains(c)));
    let body = lines.iter().enumerate().skip(first + 2).take_while(|(_, line)| line.starts_with('|'));
    let rows = body
        .map(|(place, line)| row(page, &header, place + 1, line))
        .collect::<Result<Vec<Row>, String>>()?;
    if rows.is_empty() || !dashes {
        return Err(format!("{page}:{}: a table needs a line of dashes and rows", first + 1));
    }
    if is_short {
        return Ok(rows.into_iter().map(|row| short(scenario, row)).collect());
    }
    check_order(page, &rows)?;
    Ok(vec![Scenario { rows, ..scenario.clone() }])
}

fn cells(line: &str) -> Vec<&str> {
    match line.strip_prefix('|').and_then(|line| line.strip_suffix('|')) {
        Some(inside) => inside.split('|').map(str::trim).collect(),
        None => vec![line],
    }
}

fn row(page: &str, header: &[&str], line: usize, text: &str) -> Result<Row, String> {
    let values = cells(text);
    if values.len() != header.len() {
        return Err(format!("{page}:{line}: {} cells for {} columns", values.len(), header.len()));
    }
    let cell =
        |name: &str| header.iter().position(|column| *column == name).map(|place| values[place].to_owned());
    let amounts = AMOUNTS.iter().filter_map(|name| cell(name).map(|value| (name.to_string(), value)));
    Ok(Row {
        line,
        bar: cell("bar").unwrap_or_else(|| "0".to_owned()),
        prices: PRICES.map(|name| cell(name).unwrap_or_default()),
        ask: cell("ask").unwrap_or_default(),
        journal: cell("journal"),
        amounts: amounts.collect(),
    })
}

/// Refuse rows that do not count up, and prices where there can be none.
fn check_order(page: &str, rows: &[Row]) -> Result<(), String> {
    let mut bars = 0;
    for (place, row) in rows.iter().enumerate() {
        let is_edge = (row.bar == "start" && place == 0) || (row.bar == "end" && place + 1 == rows.len());
        let is_next = row.bar == bars.to_string();
        let is_refused =
            row.bar.strip_prefix("refused ").map_or(false, |number| number.parse::<u32>().is_ok());
        let fits = is_edge || is_next || (is_refused && row.ask.is_empty());
        if is_edge == row.has_prices() || !fits {
            return Err(format!(
                "{page}:{}: row {} after {bars} bars, or its prices, cannot be",
                row.line, row.bar
            ));
        }
        bars += is_next as u32;
    }
    Ok(())
}

fn short(scenario: &Scenario, row: Row) -> Scenario {
    let asked = Row { line: row.line, bar: "start".to_owned(), ask: row.ask.clone(), ..Row::default() };
    let title = format!("{}: {}, line {}", scenario.title, row.ask, row.line);
    let line = row.line;
    let comes = Row { ask: String::new(), ..row };
    Scenario { title, line, rows: vec![asked, comes], ..scenario.clone() }
}
