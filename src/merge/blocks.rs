//! What each line of a runbook is, as far as a merge has to know: prose, or something in which
//! words must not be mixed.

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineKind {
    /// Nothing but white space, outside of code.
    Blank,
    /// Within the front matter, its two `---` lines included.
    FrontMatter,
    /// The first line of a fenced code block.
    FenceOpen,
    /// A line of code, the last line of a fence included.
    Code,
    /// A row of a table.
    TableRow,
    /// A heading; of a setext heading, the underline too.
    Heading,
    /// The first line of a list item.
    ListItem,
    /// A line of a paragraph.
    Prose,
    /// A thematic break, a link definition, HTML.
    Other,
}

/// The kind of each line. Reads the whole file, because only that tells code from prose.
pub(crate) fn classify(lines: &[&str]) -> Vec<LineKind> {
    let mut reader = Reader::default();
    let matter = front_matter_length(lines);
    let mut kinds = vec![LineKind::FrontMatter; matter];
    for line in &lines[matter..] {
        let kind = reader.read(line.trim_end(), kinds.last().copied());
        kinds.push(kind);
    }
    mark_setext_headings(lines, matter, &mut kinds);
    mark_tables(lines, matter, &mut kinds);
    kinds
}

fn front_matter_length(lines: &[&str]) -> usize {
    let is_end = |line: &&str| matches!(line.trim_end(), "---" | "...");
    match lines.split_first() {
        Some((first, rest)) if first.trim_end() == "---" => {
            rest.iter().position(is_end).map_or(0, |end| end + 2)
        }
        _ => 0,
    }
}

/// Reads line by line, knowing whether a fence is open and whether a list is.
#[derive(Default)]
struct Reader {
    /// The mark of the open fence and how often it is repeated.
    fence: Option<(char, usize)>,
    in_list: bool,
}

impl Reader {
    fn read(&mut self, line: &str, above: Option<LineKind>) -> LineKind {
        let inner = line.trim_start_matches([' ', '\t', '>']);
        if let Some((mark, length)) = self.fence {
            if fence(inner).is_some_and(|(m, l, rest)| m == mark && l >= length && rest.is_empty())
            {
                self.fence = None;
            }
            return LineKind::Code;
        }
        let content = list_marker(inner).map_or(inner, |length| inner[length..].trim_start());
        if let Some((mark, length, info)) = fence(content)
            && !(mark == '`' && info.contains('`'))
        {
            self.fence = Some((mark, length));
            return LineKind::FenceOpen;
        }
        if line.trim().is_empty() {
            return LineKind::Blank;
        }
        let after_blank = !matches!(above, Some(LineKind::Prose | LineKind::ListItem));
        let indented = line.starts_with("    ") || line.starts_with('\t');
        if list_marker(inner).is_some() && !is_break(inner) {
            self.in_list = true;
        } else if after_blank && !line.starts_with([' ', '\t']) {
            self.in_list = false;
        } else if after_blank && indented && !self.in_list {
            return LineKind::Code;
        }
        kind_of_line(inner)
    }
}

fn kind_of_line(inner: &str) -> LineKind {
    let without_marks = inner.trim_start_matches('#');
    let marks = inner.len() - without_marks.len();
    let is_heading = (1..=6).contains(&marks)
        && (without_marks.is_empty() || without_marks.starts_with([' ', '\t']));
    let is_html = inner.strip_prefix('<').is_some_and(|rest| {
        rest.starts_with(['!', '/', '?']) || rest.starts_with(|c: char| c.is_ascii_alphabetic())
    });
    let is_definition = inner.starts_with('[') && inner.contains("]: ");
    if is_heading {
        LineKind::Heading
    } else if inner.starts_with('|') {
        LineKind::TableRow
    } else if is_break(inner) || is_html || is_definition {
        LineKind::Other
    } else if list_marker(inner).is_some() {
        LineKind::ListItem
    } else {
        LineKind::Prose
    }
}

/// The mark of a code fence, how often it is repeated, and what follows.
fn fence(line: &str) -> Option<(char, usize, &str)> {
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let rest = line.trim_start_matches(mark);
    let length = line.len() - rest.len();
    (length >= 3).then(|| (mark, length, rest.trim()))
}

/// The length of the list marker at the start, with the space behind it.
fn list_marker(line: &str) -> Option<usize> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let mark = line.as_bytes().get(digits)?;
    let is_marker = match digits {
        0 => matches!(mark, b'*' | b'+' | b'-'),
        1..=9 => matches!(mark, b'.' | b')'),
        _ => false,
    };
    let rest = &line[digits + usize::from(is_marker)..];
    (is_marker && (rest.is_empty() || rest.starts_with([' ', '\t'])))
        .then(|| digits + 1 + usize::from(!rest.is_empty()))
}

fn is_break(line: &str) -> bool {
    ['-', '*', '_'].iter().any(|&mark| {
        let is_mark = |c: char| c == mark || c == ' ' || c == '\t';
        line.chars().all(is_mark) && line.matches(mark).count() >= 3
    })
}

/// A line of `-` or `=` right below a paragraph makes a heading of it.
fn mark_setext_headings(lines: &[&str], from: usize, kinds: &mut [LineKind]) {
    for number in from + 1..lines.len() {
        let underline = lines[number].trim();
        let is_underline =
            |mark: char| !underline.is_empty() && underline.chars().all(|c| c == mark);
        let plain = matches!(kinds[number], LineKind::Prose | LineKind::Other | LineKind::ListItem);
        if !plain
            || !(is_underline('=') || is_underline('-'))
            || kinds[number - 1] != LineKind::Prose
        {
            continue;
        }
        kinds[number] = LineKind::Heading;
        for kind in kinds[from..number].iter_mut().rev() {
            if *kind != LineKind::Prose {
                break;
            }
            *kind = LineKind::Heading;
        }
    }
}

/// A delimiter row makes a table of the line above and of those below, also without outer bars.
fn mark_tables(lines: &[&str], from: usize, kinds: &mut [LineKind]) {
    for number in from + 1..lines.len() {
        let row = lines[number].trim();
        let delimits = row.contains('|')
            && row.contains('-')
            && row.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '));
        if !delimits || kinds[number] == LineKind::Code {
            continue;
        }
        let is_row = |kind: LineKind| {
            !matches!(kind, LineKind::Blank | LineKind::FenceOpen | LineKind::Code)
        };
        let last = (number..lines.len()).take_while(|&row| is_row(kinds[row])).last();
        for kind in &mut kinds[number - 1..=last.unwrap_or(number)] {
            *kind = LineKind::TableRow;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LineKind::*;
    use super::*;

    fn kinds(text: &str) -> Vec<LineKind> {
        classify(&text.split_inclusive('\n').collect::<Vec<_>>())
    }

    #[test]
    fn front_matter_code_and_prose_are_told_apart() {
        let text = "---\nstatus: active\n---\n\n# Title\n\nWords.\n\n```bash\naws x \\\n\n  --y\n```\nMore.\n";
        assert_eq!(
            kinds(text),
            [
                FrontMatter,
                FrontMatter,
                FrontMatter,
                Blank,
                Heading,
                Blank,
                Prose,
                Blank,
                FenceOpen,
                Code,
                Code,
                Code,
                Code,
                Prose
            ]
        );
    }

    #[test]
    fn fences_in_lists_and_longer_fences_end_where_they_should() {
        assert_eq!(
            kinds("1. Run\n   ````\n   ```\n   x\n   ````\n2. Look\n"),
            [ListItem, FenceOpen, Code, Code, Code, ListItem]
        );
        assert_eq!(kinds("1. ```sh\n   x\n   ```\n"), [FenceOpen, Code, Code]);
        assert_eq!(kinds("```a``` is code\n"), [Prose]);
        assert_eq!(kinds("~~~\nnever closed\n\n# still code\n"), [FenceOpen, Code, Code, Code]);
    }

    #[test]
    fn indented_code_is_code_and_a_lists_second_paragraph_is_not() {
        assert_eq!(kinds("Words\n\n    code\n"), [Prose, Blank, Code]);
        assert_eq!(kinds("* Item\n\n    second paragraph\n"), [ListItem, Blank, Prose]);
        assert_eq!(kinds("Words\n    go on\n"), [Prose, Prose]);
    }

    #[test]
    fn headings_tables_and_the_rest() {
        assert_eq!(kinds("Title\n-----\n\n---\n"), [Heading, Heading, Blank, Other]);
        assert_eq!(kinds("| a | b |\n|---|---|\n| 1 | 2 |\n"), [TableRow; 3]);
        assert_eq!(
            kinds("a | b\n--|--\n1 | 2\n\nx\n"),
            [TableRow, TableRow, TableRow, Blank, Prose]
        );
        assert_eq!(kinds("<!-- note -->\n[x]: https://a.example\n"), [Other, Other]);
        assert_eq!(kinds("#hashtag\n**bold** text\n- item\n"), [Prose, Prose, ListItem]);
    }
}
