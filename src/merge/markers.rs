//! Conflict markers, as git and editors know them.

use super::Hunk;

const YOURS: &str = "<<<<<<< yours\n";
const BEFORE: &str = "||||||| before\n";
const MIDDLE: &str = "=======\n";
const UPSTREAM: &str = ">>>>>>> AWS\n";

/// The number of the first line (from 1) that is a conflict marker, whoever wrote it. A line of
/// `=======` alone does not count: it also makes a heading.
pub fn first_marker(text: &str) -> Option<usize> {
    let starts = ["<<<<<<< ", "||||||| ", ">>>>>>> "];
    let is_marker = |line: &str| starts.iter().any(|start| line.starts_with(start));
    text.lines().position(is_marker).map(|number| number + 1)
}

/// The numbers of the lines (from 1) that begin a place in conflict, as the tool marks it.
pub fn first_markers(text: &str) -> impl Iterator<Item = usize> {
    let numbered = text.split_inclusive('\n').enumerate();
    numbered.filter(|(_, line)| *line == YOURS).map(|(number, _)| number + 1)
}

/// A place in conflict between markers; `first` is the number of its first line in our version.
pub(super) fn marked(hunk: &Hunk, first: usize) -> Vec<(String, Option<usize>)> {
    let marker = |marker: &str| [(marker.to_owned(), None)].into_iter();
    let lines = |text: &str| -> Vec<(String, Option<usize>)> {
        text.split_inclusive('\n').map(|line| (line.to_owned(), None)).collect()
    };
    let own = lines(&hunk.yours).into_iter().enumerate();
    let own = own.map(|(number, (line, _))| (line, Some(first + number)));
    marker(YOURS)
        .chain(own)
        .chain(marker(BEFORE))
        .chain(lines(&hunk.before))
        .chain(marker(MIDDLE))
        .chain(lines(&hunk.theirs))
        .chain(marker(UPSTREAM))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_found_and_headings_are_not() {
        assert_eq!(first_marker("a\n<<<<<<< HEAD\nb\n"), Some(2));
        assert_eq!(first_marker("a\n>>>>>>> AWS\n"), Some(2));
        assert_eq!(first_marker("Title\n=======\n\n<<<<<<<\n> > > quote\n"), None);
    }
}
