//! Rows of text as columns.

/// Between two columns.
const GAP: &str = "  ";

/// On which side of its column a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// The rows below each other, each column as wide as its longest text, without spaces at the end of a
/// line. Each line ends in `\n`. A character counts as one, so that this is for names and numbers.
pub(crate) fn aligned<const N: usize>(rows: &[[String; N]], align: [Align; N]) -> String {
    let widths: [usize; N] = std::array::from_fn(|column| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)
    });
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(widths).zip(align).map(|((cell, width), align)| match align {
            Align::Left => format!("{cell:<width$}"),
            Align::Right => format!("{cell:>width$}"),
        });
        text.push_str(cells.collect::<Vec<_>>().join(GAP).trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_longest_text() {
        let rows = [["a", "1", "x"], ["löng", "22", ""]].map(|row| row.map(str::to_owned));
        let aligned = aligned(&rows, [Align::Left, Align::Right, Align::Left]);
        assert_eq!(aligned, "a      1  x\nlöng  22\n");
    }
}
