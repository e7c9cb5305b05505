//! Where placeholders stand in shell code: between quotes or bare.
//!
//! The words of the shell follow POSIX and bash
//! (<https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_03>):
//! quotes, comments, command substitutions, parameters, arithmetic and here-documents.

use std::ops::Range;

use super::place::{Place, Quoting};
use crate::guidance::placeholder;

/// The placeholders in shell code, in their order.
pub(super) fn places(code: &str) -> Vec<Place> {
    let mut lexer = Lexer {
        code,
        at: 0,
        frames: vec![Frame::new(Kind::Command)],
        here_documents: Vec::new(),
        places: Vec::new(),
    };
    while lexer.at < code.len() {
        lexer.step();
    }
    lexer.places
}

/// What a stretch of code is within.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// Commands: at the top, or in parentheses.
    Command,
    /// Commands between backquotes.
    Backquoted,
    /// `"…"`.
    Double,
    /// `${…}`; within double quotes or not.
    Parameter { quoted: bool },
    /// `((…))`, `$((…))`; within, parentheses are counted.
    Arithmetic { open: usize },
    /// The body of a here-document whose delimiter is not quoted.
    HereDocument(HereDocument),
    /// `case … esac`: a `)` in it ends a pattern, not a group.
    Case,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct HereDocument {
    delimiter: String,
    quoted: bool,
    strips_tabs: bool,
}

#[derive(Clone, Debug)]
struct Frame {
    kind: Kind,
    /// Where the word began that is being read, in a frame of commands.
    word: Option<usize>,
}

impl Frame {
    fn new(kind: Kind) -> Self {
        Self { kind, word: None }
    }

    fn holds_commands(&self) -> bool {
        matches!(self.kind, Kind::Command | Kind::Backquoted | Kind::Case)
    }
}

struct Lexer<'c> {
    code: &'c str,
    at: usize,
    frames: Vec<Frame>,
    here_documents: Vec<HereDocument>,
    places: Vec<Place>,
}

impl Lexer<'_> {
    fn step(&mut self) {
        let frame = self.frames.last().expect("the frame at the top stays").clone();
        let rest = &self.code[self.at..];
        if let Some(name) = placeholder::at_start(rest) {
            let end = self.at + name.len() + 2;
            return self.placeholder(self.at..end, quoting(&frame.kind));
        }
        if rest.starts_with('\\') {
            return self.escaped();
        }
        match frame.kind {
            Kind::Command | Kind::Backquoted | Kind::Case => self.command(rest.len(), &frame.kind),
            Kind::Double => match first(rest) {
                '"' => self.leave(1),
                _ => self.expansion(),
            },
            Kind::Parameter { quoted } => match first(rest) {
                '}' => self.leave(1),
                '"' if !quoted => self.enter(Kind::Double, 1),
                '\'' if !quoted => self.single(1),
                _ => self.expansion(),
            },
            Kind::Arithmetic { open } => self.arithmetic(open),
            Kind::HereDocument(document) => {
                let begins_line = self.at == 0 || self.code[..self.at].ends_with('\n');
                let line = begins_line.then(|| rest.split('\n').next().unwrap_or_default());
                match line {
                    Some(line) if document.ends_with(line) => self.leave(line.len()),
                    _ => self.expansion(),
                }
            }
        }
    }

    /// A character among commands.
    fn command(&mut self, left: usize, kind: &Kind) {
        let rest = &self.code[self.code.len() - left..];
        let begins_word = self.frame().word.is_none();
        match first(rest) {
            '\n' => self.end_of_line(),
            '#' if begins_word => {
                let line = rest.find('\n').unwrap_or(rest.len());
                self.raw(self.at..self.at + line);
            }
            '\'' => self.single(1),
            '"' => self.enter(Kind::Double, 1),
            '`' if *kind == Kind::Backquoted => self.leave(1),
            '<' if rest.starts_with("<<") && !rest.starts_with("<<<") => self.here_document(),
            '<' | '>' if rest[1..].starts_with('(') => self.enter(Kind::Command, 2),
            '(' if rest.starts_with("((") && begins_word => {
                self.enter(Kind::Arithmetic { open: 0 }, 2);
            }
            '(' => self.enter(Kind::Command, 1),
            ')' if *kind == Kind::Command && self.frames.len() > 1 => self.leave(1),
            // It ends what the `esac` before it is in.
            ')' if *kind == Kind::Case && self.word() == Some("esac") => self.end_word(0),
            ' ' | '\t' | ';' | '&' | '|' | '<' | '>' | ')' => self.end_word(1),
            _ => self.expansion(),
        }
    }

    /// Whatever means the same among commands, in double quotes and in here-documents.
    fn expansion(&mut self) {
        let rest = &self.code[self.at..];
        let among_commands = self.frame().holds_commands();
        if rest.starts_with("$((") {
            self.enter(Kind::Arithmetic { open: 0 }, 3);
        } else if rest.starts_with("$(") {
            self.enter(Kind::Command, 2);
        } else if rest.starts_with("${") {
            let quoted = self
                .frames
                .iter()
                .any(|frame| matches!(frame.kind, Kind::Double | Kind::HereDocument(_)))
                && !among_commands;
            self.enter(Kind::Parameter { quoted }, 2);
        } else if rest.starts_with('`') {
            self.enter(Kind::Backquoted, 1);
        } else if among_commands && rest.starts_with("$'") {
            self.ansi_c();
        } else {
            self.advance(first(rest).len_utf8());
        }
    }

    /// A backslash takes the meaning from what follows, also from the `<` of a placeholder.
    fn escaped(&mut self) {
        let length = 1 + self.code[self.at + 1..].chars().next().map_or(0, char::len_utf8);
        let ends_line = self.code[self.at..].starts_with("\\\n");
        if ends_line && self.frame().word.is_none() {
            self.at += length;
        } else {
            self.advance(length);
        }
    }

    fn arithmetic(&mut self, open: usize) {
        let rest = &self.code[self.at..];
        match (first(rest), open) {
            (')', 0) => self.leave(if rest.starts_with("))") { 2 } else { 1 }),
            ('(', _) => self.count(open + 1),
            (')', _) => self.count(open - 1),
            _ => self.expansion(),
        }
    }

    fn count(&mut self, open: usize) {
        self.frame_mut().kind = Kind::Arithmetic { open };
        self.advance(1);
    }

    /// `'…'`, after a prefix of that length; it ends at the next quote.
    fn single(&mut self, prefix: usize) {
        self.begin_word();
        let from = self.at + prefix;
        let length = self.code[from..].find('\'').map_or(self.code.len() - from, |at| at + 1);
        self.raw(self.at..from + length);
    }

    /// `$'…'`, in which a quote can be escaped.
    fn ansi_c(&mut self) {
        self.begin_word();
        let mut escaped = false;
        let mut end = self.code.len();
        for (at, c) in self.code[self.at + 2..].char_indices() {
            match c {
                '\'' if !escaped => {
                    end = self.at + 2 + at + 1;
                    break;
                }
                _ => escaped = c == '\\' && !escaped,
            }
        }
        self.raw(self.at..end);
    }

    /// `<<` or `<<-` and its delimiter.
    fn here_document(&mut self) {
        let rest = &self.code[self.at + 2..];
        let strips_tabs = rest.starts_with('-');
        let rest = &rest[usize::from(strips_tabs)..];
        let word = rest.trim_start_matches([' ', '\t']);
        let end = word.find([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')']);
        let word = &word[..end.unwrap_or(word.len())];
        let delimiter: String = word.chars().filter(|c| !"'\"\\".contains(*c)).collect();
        let quoted = delimiter.len() < word.len();
        let length = word.as_ptr() as usize - self.code[self.at..].as_ptr() as usize + word.len();
        if !delimiter.is_empty() {
            self.here_documents.push(HereDocument { delimiter, quoted, strips_tabs });
        }
        self.end_word(length.max(2));
    }

    /// The end of a line of commands, after which here-documents have their bodies.
    fn end_of_line(&mut self) {
        self.end_word(1);
        let documents = std::mem::take(&mut self.here_documents);
        let mut unquoted = Vec::new();
        for document in documents {
            if document.quoted && unquoted.is_empty() {
                let body = &self.code[self.at..];
                let lines = body.split_inclusive('\n');
                let mut length = 0;
                for line in lines {
                    length += line.len();
                    if document.ends_with(line.trim_end_matches('\n')) {
                        break;
                    }
                }
                self.raw(self.at..self.at + length);
            } else {
                unquoted.push(document);
            }
        }
        // The first of them has to end up on top.
        for document in unquoted.into_iter().rev() {
            self.frames.push(Frame::new(Kind::HereDocument(document)));
        }
    }

    /// A stretch in which nothing has a meaning; placeholders in it stand as they are.
    fn raw(&mut self, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            match placeholder::at_start(&self.code[at..range.end]) {
                Some(name) => {
                    let end = at + name.len() + 2;
                    self.place(at..end, Quoting::Within);
                    at = end;
                }
                None => at += first(&self.code[at..]).len_utf8(),
            }
        }
        self.at = range.end;
    }

    fn placeholder(&mut self, range: Range<usize>, quoting: Quoting) {
        self.begin_word();
        self.at = range.end;
        self.place(range, quoting);
    }

    fn place(&mut self, range: Range<usize>, quoting: Quoting) {
        let word = self.frames.iter().rev().find(|frame| frame.holds_commands());
        let from = word.and_then(|frame| frame.word).unwrap_or(range.start);
        let in_shorthand = is_shorthand(&self.code[from..range.start]);
        self.places.push(Place { range, quoting, in_shorthand });
    }

    fn enter(&mut self, kind: Kind, length: usize) {
        self.begin_word();
        self.at += length;
        self.frames.push(Frame::new(kind));
    }

    fn leave(&mut self, length: usize) {
        self.at += length;
        self.frames.pop();
    }

    /// Goes on within a word.
    fn advance(&mut self, length: usize) {
        self.begin_word();
        self.at += length;
    }

    fn begin_word(&mut self) {
        let at = self.at;
        let frame = self.frame_mut();
        if frame.holds_commands() {
            frame.word.get_or_insert(at);
        }
    }

    /// The word up to here, in a frame of commands.
    fn word(&self) -> Option<&str> {
        self.frame().word.map(|from| &self.code[from..self.at])
    }

    /// Ends a word, and goes on behind what ended it.
    fn end_word(&mut self, length: usize) {
        let word = self.word().map(str::to_owned);
        self.frame_mut().word = None;
        let is_case = self.frame().kind == Kind::Case;
        match word.as_deref() {
            Some("case") => self.frames.push(Frame::new(Kind::Case)),
            Some("esac") if is_case => {
                self.frames.pop();
            }
            _ => {}
        }
        self.at += length;
    }

    fn frame(&self) -> &Frame {
        self.frames.last().expect("the frame at the top stays")
    }

    fn frame_mut(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the frame at the top stays")
    }
}

impl HereDocument {
    fn ends_with(&self, line: &str) -> bool {
        let line = if self.strips_tabs { line.trim_start_matches('\t') } else { line };
        line == self.delimiter
    }
}

fn quoting(kind: &Kind) -> Quoting {
    match kind {
        Kind::Command | Kind::Backquoted | Kind::Case | Kind::Parameter { quoted: false } => {
            Quoting::Bare
        }
        Kind::Double
        | Kind::Parameter { quoted: true }
        | Kind::Arithmetic { .. }
        | Kind::HereDocument(_) => Quoting::Within,
    }
}

/// Whether a word that goes on like this is in the AWS CLI's shorthand, `Name=vpc-id,Values=…`, in
/// which commas and equal signs have a meaning
/// (<https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html>). An option with
/// its value (`--query=…`), a path, and JSON are not.
fn is_shorthand(before: &str) -> bool {
    let before = before.trim_start_matches(['\'', '"']);
    let key = before.split('=').next().unwrap_or_default();
    before.contains('=') && !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric())
}

fn first(text: &str) -> char {
    text.chars().next().unwrap_or('\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code with bare placeholders as `B` and quoted ones as `Q`.
    fn marked(code: &str) -> String {
        let mut text = code.to_owned();
        for place in places(code).iter().rev() {
            let mark = match place.quoting {
                Quoting::Bare => "B",
                Quoting::Within => "Q",
            };
            text.replace_range(place.range.clone(), mark);
        }
        text
    }

    #[test]
    fn placeholders_are_bare_or_within_quotes() {
        for (code, expected) in [
            ("aws x --id <ID>", "aws x --id B"),
            ("aws x --id '<ID>' \"<ID>\" <ID>", "aws x --id 'Q' \"Q\" B"),
            ("aws x a'<ID>'<ID>\"<ID>\"", "aws x a'Q'B\"Q\""),
            ("x '{\"a\": \"<ID>\", \"b\": <N>}'", "x '{\"a\": \"Q\", \"b\": Q}'"),
            ("x \"$(aws y <ID> '<ID>')<ID>\"", "x \"$(aws y B 'Q')Q\""),
            ("x `aws y <ID>` \"`aws <ID>`<ID>\"", "x `aws y B` \"`aws B`Q\""),
            ("x \"a\\\"<ID>\" <ID>", "x \"a\\\"Q\" B"),
            ("# it's <ID>\nx <ID>", "# it's Q\nx B"),
            ("x a#<ID> #<ID>", "x a#B #Q"),
            ("x $'it\\'s <ID>' <ID>", "x $'it\\'s Q' B"),
            ("x ${a:-<ID>} \"${a:-<ID>}\"", "x ${a:-B} \"${a:-Q}\""),
            ("x $((1 + (<N>))) <ID>", "x $((1 + (Q))) B"),
            ("((<N> > 2)) && x <ID>", "((Q > 2)) && x B"),
            ("diff <(aws <ID>) <(cat <ID>)", "diff <(aws B) <(cat B)"),
            ("x \\\n  <ID>", "x \\\n  B"),
            ("(x <ID>) && y <ID>", "(x B) && y B"),
        ] {
            assert_eq!(marked(code), expected, "{code}");
        }
    }

    #[test]
    fn here_documents_end_at_their_delimiter() {
        for (code, expected) in [
            ("x <<EOF\nit's <ID>\nEOF\ny <ID>", "x <<EOF\nit's Q\nEOF\ny B"),
            ("x <<'EOF'\n$(a <ID>)\nEOF\ny <ID>", "x <<'EOF'\n$(a Q)\nEOF\ny B"),
            ("x <<EOF\n$(a <ID>)\nEOF\ny <ID>", "x <<EOF\n$(a B)\nEOF\ny B"),
            ("x <<-E\n\t\"<ID>\n\tE\ny <ID>", "x <<-E\n\t\"Q\n\tE\ny B"),
            ("x <<A <<'B' <ID>\n<ID>\nA\n<ID>\nB\nz <ID>", "x <<A <<'B' B\nQ\nA\nQ\nB\nz B"),
            ("x <<< <ID>", "x <<< B"),
            ("kubectl apply -f - <<EOF\nname: <ID>\n", "kubectl apply -f - <<EOF\nname: Q\n"),
        ] {
            assert_eq!(marked(code), expected, "{code}");
        }
    }

    #[test]
    fn patterns_of_a_case_do_not_end_a_substitution() {
        let code = "\"$(case $x in a) y <ID> ;; esac)<ID>\" <ID>";
        assert_eq!(marked(code), "\"$(case $x in a) y B ;; esac)Q\" B");
    }

    #[test]
    fn an_escaped_sign_begins_no_placeholder() {
        assert_eq!(marked("x \\<ID> \"\\<ID>\" '\\<ID>'"), "x \\<ID> \"\\<ID>\" '\\Q'");
    }

    #[test]
    fn what_does_not_end_is_quoted_to_the_end() {
        for code in
            ["x '<ID>", "x \"<ID>", "x <<EOF\n<ID>", "x ${<ID>", "x $'<ID>", "x `", "((", "\\"]
        {
            places(code);
        }
        assert_eq!(marked("x 'a <ID>\ny <ID>"), "x 'a Q\ny Q");
    }

    #[test]
    fn shorthand_is_told_from_options_paths_and_json() {
        let in_shorthand = |code| places(code)[0].in_shorthand;
        assert!(in_shorthand("aws x --filters 'Name=a,Values=<ID>'"));
        assert!(in_shorthand("aws x --filters Name=a,Values=<ID>"));
        assert!(in_shorthand("aws x --tags Key='<ID>'"));
        for code in ["aws x --id <ID>", "aws x --id='<ID>'", "aws s3 ls 's3://<ID>/a=<ID>'"] {
            assert!(!in_shorthand(code), "{code}");
        }
        assert!(!in_shorthand("aws x --p '{\"a\": \"b=<ID>\"}'"));
    }
}
