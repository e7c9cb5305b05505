//! Where placeholders stand in shell code: between quotes or bare.
//!
//! The words of the shell follow POSIX and bash
//! (<https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_03>):
//! quotes, comments, command substitutions, parameters, arithmetic and here-documents.

use std::ops::Range;

use super::place::{Only, Place, Quoting, Takes};
use super::quotes::ends_in_escape;
use super::{argument, here_document};
use crate::guidance::placeholder;

/// The placeholders in shell code, in their order.
pub(super) fn places(code: &str) -> Vec<Place> {
    let mut lexer = Lexer {
        code,
        at: 0,
        frames: vec![Frame::new(Kind::Command, 0)],
        here_documents: Vec::new(),
        places: Vec::new(),
        bodies: Vec::new(),
    };
    while lexer.at < code.len() {
        lexer.step();
    }
    while lexer.frames.len() > 1 {
        lexer.leave(0);
    }
    for body in lexer.bodies {
        here_document::restrict(code, body, &mut lexer.places);
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
    /// Where its content begins.
    start: usize,
    /// Where the word began that is being read, in a frame of commands.
    word: Option<usize>,
    /// The word before that in the same command.
    previous: Range<usize>,
}

/// What a stretch is in which nothing has a meaning to the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Raw<'d> {
    Comment,
    /// `'…'`
    Single,
    /// `$'…'`
    AnsiC,
    /// The body of a here-document with this delimiter.
    Document(&'d str),
}

impl Frame {
    fn new(kind: Kind, start: usize) -> Self {
        Self { kind, start, word: None, previous: 0..0 }
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
    /// Where the here-documents are.
    bodies: Vec<Range<usize>>,
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
                self.raw(self.at..self.at + line, Raw::Comment);
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
        self.raw(self.at..from + length, Raw::Single);
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
        self.raw(self.at..end, Raw::AnsiC);
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
                self.bodies.push(self.at..self.at + length);
                self.raw(self.at..self.at + length, Raw::Document(&document.delimiter));
            } else {
                unquoted.push(document);
            }
        }
        // The first of them has to end up on top.
        for document in unquoted.into_iter().rev() {
            self.frames.push(Frame::new(Kind::HereDocument(document), self.at));
        }
    }

    /// A stretch in which nothing has a meaning; placeholders in it stand as they are.
    fn raw(&mut self, range: Range<usize>, raw: Raw<'_>) {
        let mut at = range.start;
        while at < range.end {
            match placeholder::at_start(&self.code[at..range.end]) {
                Some(name) => {
                    let end = at + name.len() + 2;
                    let takes = self.takes_in(raw, range.start, &(at..end));
                    self.places.push(Place { range: at..end, quoting: Quoting::Within, takes });
                    at = end;
                }
                None => at += first(&self.code[at..]).len_utf8(),
            }
        }
        self.at = range.end;
    }

    /// What a placeholder takes in a stretch without meaning, which begins at `from`.
    fn takes_in(&self, raw: Raw<'_>, from: usize, range: &Range<usize>) -> Takes {
        match raw {
            Raw::Comment => Takes::default(),
            Raw::Document(delimiter) => {
                Takes { delimiter: Some(delimiter.to_owned()), ..Takes::default() }
            }
            Raw::AnsiC if ends_in_escape(&self.code[from..range.start]) => Takes::only(Only::None),
            Raw::AnsiC | Raw::Single => {
                Takes { delimiter: self.delimiter(), ..self.takes_in_word(range) }
            }
        }
    }

    fn placeholder(&mut self, range: Range<usize>, quoting: Quoting) {
        self.begin_word();
        self.at = range.end;
        let before = &self.code[..range.start];
        let frame = self.frame();
        let is_code = match frame.kind {
            Kind::Parameter { .. } => !is_default(&self.code[frame.start..range.start]),
            _ => false,
        };
        let takes = match frame.kind {
            Kind::Arithmetic { .. } => Takes::only(Only::Numbers),
            _ if is_code || quoting == Quoting::Within && goes_into_a_name(before) => {
                Takes::only(Only::None)
            }
            _ if quoting == Quoting::Bare => self.takes_in_word(&range),
            _ => Takes { delimiter: self.delimiter(), ..self.takes_in_word(&range) },
        };
        self.places.push(Place { range, quoting, takes });
    }

    /// What a placeholder takes as part of an argument.
    fn takes_in_word(&self, range: &Range<usize>) -> Takes {
        let commands = self.frames.iter().rev().find(|frame| frame.holds_commands());
        let from = commands.and_then(|frame| frame.word).unwrap_or(range.start);
        let previous = commands.map_or(0..0, |frame| frame.previous.clone());
        let [previous, before] = [previous, from..range.start].map(|range| &self.code[range]);
        argument::takes(previous, before, &self.code[range.end..])
    }

    /// The line that ends the here-document that is being read.
    fn delimiter(&self) -> Option<String> {
        self.frames.iter().rev().find_map(|frame| match &frame.kind {
            Kind::HereDocument(document) => Some(document.delimiter.clone()),
            _ => None,
        })
    }

    fn enter(&mut self, kind: Kind, length: usize) {
        self.begin_word();
        self.at += length;
        self.frames.push(Frame::new(kind, self.at));
    }

    fn leave(&mut self, length: usize) {
        if let Some(Frame { kind: Kind::HereDocument(_), start, .. }) = self.frames.pop() {
            self.bodies.push(start..self.at);
        }
        self.at += length;
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
        let goes_on = self.code[self.at..].starts_with([' ', '\t']);
        let end = self.at;
        let frame = self.frame_mut();
        frame.previous = match frame.word.take() {
            Some(from) if goes_on => from..end,
            _ if goes_on => frame.previous.clone(),
            _ => 0..0,
        };
        let is_case = self.frame().kind == Kind::Case;
        match word.as_deref() {
            Some("case") => self.frames.push(Frame::new(Kind::Case, end)),
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

/// Whether a value would become part of a name, whose value the shell puts in: `"$<X>"`, `"$a<X>"`,
/// and in a terminal `"!<X>"`.
fn goes_into_a_name(before: &str) -> bool {
    let name = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    before.ends_with('!') || name.ends_with('$')
}

/// Whether what follows in `${…}` is a text in place of a missing value: `a:-`, `a?`.
fn is_default(parameter: &str) -> bool {
    let rest = parameter.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let rest =
        if rest.len() == parameter.len() { rest.trim_start_matches(['@', '*']) } else { rest };
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    rest.len() < parameter.len() && rest.starts_with(['-', '=', '+', '?'])
}

fn first(text: &str) -> char {
    text.chars().next().unwrap_or('\0')
}

#[cfg(test)]
mod tests;
