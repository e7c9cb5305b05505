//! Tables fitted into a width.

use anstyle::Style;

use super::text::{Line, LongWords, Span, paint, widths, wrap};

/// Between two columns.
const GAP: &str = "  ";
/// What a column may insist on for its longest word where there is little room; a longer one is cut.
const LONGEST_WORD: usize = 30;
/// The same for the last column, where a longer one stands out.
const LONGEST_LAST_WORD: usize = 16;
/// The narrowest column that can be read; narrower ones give way to a list.
const NARROWEST: usize = 8;

const RULE: Style = Style::new().dimmed();

/// The text of a cell.
pub(super) type Cell = Vec<Span>;

/// A table: the first row is its heading.
pub(super) type Table = Vec<Vec<Cell>>;

/// The table as painted lines: as columns that fit into `width`, or as a list of names and values
/// where they would be too narrow. Only a long word in the last column may stand out.
pub(super) fn lines(table: &Table, width: usize) -> Vec<String> {
    match column_widths(table, width) {
        Some(columns) => as_columns(table, &columns),
        None => as_list(table, width),
    }
}

/// Each column gets what its longest word needs, and the rest goes where most is missing; none where
/// even the words do not fit.
fn column_widths(table: &Table, width: usize) -> Option<Vec<usize>> {
    let columns = table.iter().map(Vec::len).max()?;
    let mut wanted = vec![(0, 0); columns];
    for row in table {
        for ((line, word), cell) in wanted.iter_mut().zip(row) {
            let (cell_line, cell_word) = widths(cell);
            (*line, *word) = (cell_line.max(*line), cell_word.max(*word));
        }
    }
    let available = width.checked_sub(GAP.len() * columns.saturating_sub(1))?;
    let (mut given, mut left) = [available * 2 / 3, LONGEST_WORD].into_iter().find_map(|most| {
        let given = least(&wanted, available, most);
        let left = available.checked_sub(given.iter().sum())?;
        Some((given, left))
    })?;
    while left > 0 {
        let is_short = |&at: &usize| given[at] < wanted[at].0;
        let lacking = |&at: &usize| wanted[at].0 * 1000 / given[at].max(1);
        let Some(at) = (0..columns).filter(is_short).max_by_key(lacking) else { break };
        given[at] += 1;
        left -= 1;
    }
    Some(given)
}

/// What each column needs at least, for its widest line and word: all of a short one, else as much as
/// its longest word, but not more than `most`.
fn least(wanted: &[(usize, usize)], available: usize, most: usize) -> Vec<usize> {
    let columns = wanted.len();
    let short = available / (2 * columns);
    let each = wanted.iter().enumerate().map(|(at, &(line, word))| {
        let most = if at + 1 == columns { LONGEST_LAST_WORD } else { most.max(NARROWEST) };
        if line <= short { line } else { word.clamp(NARROWEST, most).min(line) }
    });
    each.collect()
}

fn as_columns(table: &Table, columns: &[usize]) -> Vec<String> {
    let mut lines = Vec::new();
    let rows: Vec<Vec<Vec<Line>>> = table.iter().map(|row| broken(row, columns)).collect();
    // Where the first cell is one line, it shows where a row begins.
    let is_broken = rows.iter().skip(1).filter_map(|row| row.first()).any(|cell| cell.len() > 1);
    for (number, row) in rows.iter().enumerate() {
        if number == 1 || (number > 1 && is_broken) {
            lines.push(rule(columns));
        }
        let height = row.iter().map(Vec::len).max().unwrap_or(0);
        lines.extend((0..height).map(|at| row_line(row, at, columns)));
    }
    lines
}

fn broken(row: &[Cell], columns: &[usize]) -> Vec<Vec<Line>> {
    let cells = row.iter().zip(columns).enumerate();
    cells
        .map(|(at, (cell, &width))| {
            // Nothing stands behind the last column that would be moved.
            let is_last = at + 1 == columns.len();
            wrap(cell, width, if is_last { LongWords::Stay } else { LongWords::Cut })
        })
        .collect()
}

/// One line of a row: that of each cell, padded but for the last.
fn row_line(row: &[Vec<Line>], at: usize, columns: &[usize]) -> String {
    let mut text = String::new();
    let mut missing = 0;
    for (cell, width) in row.iter().zip(columns) {
        let line = cell.get(at).filter(|line| line.width > 0);
        if let Some(line) = line {
            text.push_str(&" ".repeat(missing));
            text.push_str(&line.paint());
            missing = 0;
        }
        missing += width - line.map_or(0, |line| line.width.min(*width)) + GAP.len();
    }
    text
}

fn rule(columns: &[usize]) -> String {
    let parts: Vec<String> = columns.iter().map(|&width| "─".repeat(width)).collect();
    paint(&parts.join(GAP), RULE)
}

/// A line or more for each cell, with the heading of its column in front.
fn as_list(table: &Table, width: usize) -> Vec<String> {
    let Some((heading, rows)) = table.split_first() else { return Vec::new() };
    let width = width.saturating_sub(GAP.len()).max(1);
    let mut lines = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        if number > 0 {
            lines.push(String::new());
        }
        for (at, cell) in row.iter().enumerate() {
            let mut spans = heading.get(at).cloned().unwrap_or_default();
            spans.push(Span::new(": ", Style::new()));
            spans.extend(cell.iter().cloned());
            let broken = wrap(&spans, width, LongWords::Stay);
            let indent = |at: usize| if at == 0 { "" } else { GAP };
            lines.extend(
                broken.iter().enumerate().map(|(at, l)| indent(at).to_owned() + &l.paint()),
            );
        }
    }
    lines
}
