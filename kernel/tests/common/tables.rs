//! The tables as data: headings, lines of settings, rows of cells, and the steps that rows make together.

use std::collections::BTreeMap;

pub const PRICES: [&str; 4] = ["open", "high", "low", "close"];
const AMOUNTS: [&str; 7] =
    ["equity", "cash", "free_cash", "used_margin", "position", "margin_level", "open_profit"];
const BEFORE_PRICES: [&str; 3] = ["instrument", "time", "length"];
const AFTER_PRICES: [&str; 3] = ["volume", "given", "funding"];
const SETTINGS: [&str; 5] = ["Rules:", "Instrument:", "Cash:", "Figures:", "Folds:"];

type Pairs = Vec<(String, String)>;

/// A row of a table: what comes, what is asked, what must come of it.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub line: usize,
    pub bar: String,
    pub instrument: u32,
    pub time: String,
    pub length: String,
    pub prices: [String; 4],
    pub volume: String,
    pub given: String,
    pub funding: String,
    pub ask: String,
    /// None where the journal is passed over.
    pub journal: Option<String>,
    pub amounts: BTreeMap<String, String>,
}

impl Row {
    pub fn has_prices(&self) -> bool {
        self.prices.iter().any(|price| !price.is_empty())
    }

    /// Return whether the instrument has no bar in this step.
    pub fn is_missing(&self) -> bool {
        self.prices[0] == "-" && self.prices[1..].iter().all(|price| price.is_empty() || price == "-")
    }
}

/// What comes at once: the rows of one number, and the finer bars inside them.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// `start`, the number of the bar, `refused` with one, or `end`.
    pub name: String,
    pub finer: Vec<Row>,
    pub rows: Vec<Row>,
}

impl Step {
    /// Return whether its bars are bars that the account must take.
    pub fn is_taken(&self) -> bool {
        self.name.parse::<u32>().is_ok()
    }
}

/// A heading with its table.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    pub page: String,
    pub line: usize,
    pub title: String,
    pub rules: Pairs,
    pub instruments: Vec<Pairs>,
    pub cash: String,
    pub figures: Pairs,
    pub folds: Pairs,
    pub steps: Vec<Step>,
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
            let is_setting = SETTINGS.iter().any(|name| line.starts_with(name));
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
    let pairs: Option<Pairs> = value.split_whitespace().map(pair).collect();
    // An instrument may have nothing but the terms of the rules.
    let pairs = pairs.filter(|pairs| !pairs.is_empty() || name == "Instrument");
    let pairs = pairs.ok_or_else(|| format!("{}:{number}: {line} is not name=value", scenario.page))?;
    match name {
        "Rules" => scenario.rules.extend(pairs),
        "Instrument" => scenario.instruments.push(pairs),
        "Folds" => scenario.folds.extend(pairs),
        _ => scenario.figures.extend(pairs),
    }
    Ok(())
}

fn pair(word: &str) -> Option<(String, String)> {
    let (name, value) = word.split_once('=')?;
    (!value.contains('=')).then(|| (name.to_owned(), value.to_owned()))
}

/// Return the scenario with its steps, or one scenario for each row of a short table.
fn table(scenario: &Scenario, lines: &[&str], first: usize) -> Result<Vec<Scenario>, String> {
    let page = &scenario.page;
    let header = cells(lines[first]);
    let is_short = header[0] == "ask";
    let fixed = columns(is_short, &header);
    let more = header.get(fixed.len()..).unwrap_or_default();
    let unusual = |(place, name): (usize, &&str)| {
        !AMOUNTS.contains(name)
            || header.iter().position(|column| column == name) != Some(place + fixed.len())
    };
    let compares = is_short || !more.is_empty();
    if !header.starts_with(&fixed) || !compares || more.iter().enumerate().any(unusual) {
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
    Ok(vec![Scenario { steps: steps(page, rows)?, ..scenario.clone() }])
}

/// Return the columns before the further amounts, with those of the optional ones that the header has.
fn columns(is_short: bool, header: &[&str]) -> Vec<&'static str> {
    let optional = |names: [&'static str; 3]| names.into_iter().filter(|name| header.contains(name));
    let (first, last): (&str, &[&str]) =
        if is_short { ("ask", &["journal"]) } else { ("bar", &["ask", "journal"]) };
    let prices = optional(BEFORE_PRICES).chain(PRICES).chain(optional(AFTER_PRICES));
    std::iter::once(first).chain(prices).chain(last.iter().copied()).collect()
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
    let instrument = cell("instrument").filter(|text| !text.is_empty()).unwrap_or_else(|| "0".to_owned());
    let wrong = || format!("{page}:{line}: {instrument} is no number of an instrument");
    Ok(Row {
        line,
        bar: cell("bar").unwrap_or_else(|| "0".to_owned()),
        instrument: instrument.parse().map_err(|_| wrong())?,
        time: cell("time").unwrap_or_default(),
        length: cell("length").unwrap_or_default(),
        prices: PRICES.map(|name| cell(name).unwrap_or_default()),
        volume: cell("volume").unwrap_or_else(|| "1".to_owned()),
        given: cell("given").unwrap_or_default(),
        funding: cell("funding").unwrap_or_default(),
        ask: cell("ask").unwrap_or_default(),
        journal: cell("journal"),
        amounts: amounts.collect(),
    })
}

/// Put together the rows that come at once. Refuse rows that do not count up, and cells that cannot be there.
fn steps(page: &str, rows: Vec<Row>) -> Result<Vec<Step>, String> {
    let mut steps: Vec<Step> = Vec::new();
    let mut finer: Vec<Row> = Vec::new();
    let (mut bars, count) = (0_u32, rows.len());
    for (place, row) in rows.into_iter().enumerate() {
        let wrong =
            || format!("{page}:{}: row {} after {bars} bars, or its cells, cannot be", row.line, row.bar);
        let name = row.bar.clone();
        if let Some((_, part)) = name.split_once('.') {
            let before = finer.iter().filter(|other| other.instrument == row.instrument).count();
            if part != (before + 1).to_string() || !row.has_prices() || !says_nothing(&row) {
                return Err(wrong());
            }
            finer.push(row);
            continue;
        }
        let is_edge = (name == "start" && place == 0) || (name == "end" && place + 1 == count);
        let is_next = name == bars.to_string();
        let number = name.strip_prefix("refused ").filter(|text| text.parse::<u32>().is_ok());
        let fits = is_edge || is_next || (number.is_some() && row.ask.is_empty());
        let here = format!("{}.", number.unwrap_or(&name));
        let inside = finer.iter().all(|other| other.bar.starts_with(&here));
        match steps.last_mut() {
            Some(step) if bars > 0 && name == (bars - 1).to_string() && step.name == name => {
                let last = step.rows.last().map_or(0, |last| last.instrument);
                if !finer.is_empty() || row.instrument <= last || !row.has_prices() {
                    return Err(wrong());
                }
                step.rows.push(row);
            }
            _ if fits && inside && is_edge != row.has_prices() => {
                bars += is_next as u32;
                steps.push(Step { name, finer: std::mem::take(&mut finer), rows: vec![row] });
            }
            _ => return Err(wrong()),
        }
    }
    match finer.first() {
        Some(row) => Err(format!("{page}:{}: row {} is inside no bar", row.line, row.bar)),
        None => steps.iter().try_for_each(|step| amounts_stand_last(page, step)).map(|()| steps),
    }
}

fn says_nothing(row: &Row) -> bool {
    let written = row.amounts.values().chain([&row.ask]).chain(&row.journal);
    written.into_iter().all(String::is_empty)
}

fn amounts_stand_last(page: &str, step: &Step) -> Result<(), String> {
    let before = &step.rows[..step.rows.len() - 1];
    match before.iter().find(|row| row.amounts.values().any(|text| !text.is_empty())) {
        Some(row) => Err(format!("{page}:{}: amounts stand in the last row of a step", row.line)),
        None if step.rows.iter().all(Row::is_missing) && step.rows[0].has_prices() => {
            Err(format!("{page}:{}: no instrument has a bar in this step", step.rows[0].line))
        }
        None => Ok(()),
    }
}

fn short(scenario: &Scenario, row: Row) -> Scenario {
    let asked = Row { line: row.line, bar: "start".to_owned(), ask: row.ask.clone(), ..Row::default() };
    let title = format!("{}: {}, line {}", scenario.title, row.ask, row.line);
    let line = row.line;
    let comes = Row { ask: String::new(), ..row };
    let step = |name: &str, row: Row| Step { name: name.to_owned(), finer: Vec::new(), rows: vec![row] };
    Scenario { title, line, steps: vec![step("start", asked), step("0", comes)], ..scenario.clone() }
}
