//! One JSON value after another out of a stream of bytes, whatever stands between them.
//!
//! Lists are walked into at the top level, and so is an object that begins with `"Findings": [` or
//! `"Records": [`, so that an export of any size is never in memory as a whole. After something that is no JSON, the
//! stream goes on with the next line that begins as the broken record did.

use std::io::{self, BufRead};
use std::ops::Range;

use memchr::{memchr, memchr_iter, memmem};

use super::input::BYTE_ORDER_MARK;
use super::scan::{MAX_DEPTH, Scan, Scanner, is_space};
use super::{MAX_RECORD, Place, Problem};

/// The lists with which an object may begin that is walked into.
const LISTS: [&[u8]; 5] =
    [b"\"Findings\"", b"\"findings\"", b"\"Records\"", b"\"records\"", b"\"Messages\""];

/// How much is looked at to tell what something is.
const HEAD: usize = 400;

/// How far a line is looked for, so that one without end is not taken into memory for nothing.
const LONG_LINE: usize = 1 << 20;

/// What is deeper indented is not told from other lines by it.
const MAX_INDENT: usize = 1 << 10;

/// After so many lines in a row that were no whole records, the input is not one record a line.
const MAX_MISSES: u32 = 3;

/// A stream of bytes as JSON values.
#[derive(Debug)]
pub(crate) struct Frames<R> {
    input: R,
    /// What was read and not yet given up.
    buffer: Vec<u8>,
    /// Where the next byte stands in the buffer, and in the input.
    start: usize,
    place: Place,
    at_end: bool,
    /// Why the input ended early, until that is said.
    failure: Option<Problem>,
    /// The white space at the beginning of the line, as long as nothing else stands on it.
    indent: Option<Vec<u8>>,
    open: Vec<Container>,
    /// How many lines in a row were asked for and not taken.
    misses: u32,
}

/// What is walked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    List,
    /// An object whose first field is a list of findings, or of messages that hold them.
    Findings,
}

/// A value, or what stands where one should be.
pub(crate) struct Frame {
    /// Where it begins.
    pub(crate) place: Place,
    /// Its bytes, for [`Frames::bytes`]; they hold until the next frame is asked for.
    pub(crate) content: Result<Range<usize>, Problem>,
    /// How many values begin in it, those within others among them.
    pub(crate) values: usize,
}

impl<R: BufRead> Frames<R> {
    pub(crate) fn new(input: R) -> Self {
        let place = Place { line: 1, byte: 0 };
        let indent = Some(Vec::new());
        let (buffer, open) = (Vec::new(), Vec::new());
        Self {
            input,
            buffer,
            start: 0,
            place,
            at_end: false,
            failure: None,
            indent,
            open,
            misses: 0,
        }
    }

    /// The bytes of the latest frame.
    pub(crate) fn bytes(&self, frame: &Range<usize>) -> &[u8] {
        &self.buffer[frame.clone()]
    }

    /// Where the stream is.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// A line that may be one whole record, without having looked at what it holds. Whoever finds
    /// that it is, says so with [`Frames::take`]; else [`Frames::next`] begins at the same place.
    pub(crate) fn line(&mut self) -> Option<Range<usize>> {
        self.skip_space();
        let is_promising = self.open.is_empty() && self.misses < MAX_MISSES;
        if !is_promising || self.rest().first() != Some(&b'{') {
            return None;
        }
        self.misses += 1;
        let mut looked_at = 0;
        let end = loop {
            if let Some(found) = memchr(b'\n', &self.rest()[looked_at..]) {
                break looked_at + found;
            }
            looked_at = self.rest().len();
            if looked_at > LONG_LINE || self.at_end {
                return None;
            }
            self.fill();
        };
        let line = self.rest()[..end].trim_ascii_end();
        (line.last() == Some(&b'}')).then(|| self.start..self.start + line.len())
    }

    /// Gives up a frame that [`Frames::line`] gave.
    pub(crate) fn take(&mut self, frame: &Range<usize>) {
        self.misses = 0;
        self.advance(frame.len());
    }

    /// The next value; none at the end.
    pub(crate) fn next(&mut self) -> Option<Frame> {
        loop {
            self.skip_space();
            match self.rest().first() {
                None => return self.end(),
                Some(b'[') if self.open.len() < MAX_DEPTH => self.enter(Container::List, 1),
                Some(b']') if !self.open.is_empty() => {
                    if let Err(frame) = self.leave() {
                        return Some(frame);
                    }
                }
                Some(b'{') if self.open.is_empty() => match self.findings_begin_at() {
                    Some(length) => self.enter(Container::Findings, length),
                    None => return Some(self.value()),
                },
                Some(_) => return Some(self.value()),
            }
        }
    }

    /// Whether a list was still open where the input ended.
    pub(crate) fn ends_within_list(&self) -> bool {
        !self.open.is_empty()
    }

    fn value(&mut self) -> Frame {
        let place = self.place;
        let mut scanner = Scanner::new();
        let length = match self.rest() {
            [b'{' | b'[', 0, ..] => Err(Problem::Text(self.head())),
            [b'{' | b'[' | b'"', ..] => self.scan(&mut scanner),
            _ => Err(Problem::Text(self.head())),
        };
        let values = scanner.values();
        let content = match (length, scanner.excess()) {
            (Ok(length), excess) => {
                let range = self.start..self.start + length;
                self.advance(length);
                excess.map_or(Ok(range), Err)
            }
            (Err(Problem::TooLong), _) => {
                self.skip(&mut scanner);
                Err(Problem::TooLong)
            }
            (Err(problem), excess) => {
                let fault = if let Problem::NoJson { at, .. } = problem { at } else { 0 };
                self.resynchronise(fault);
                Err(excess.unwrap_or(problem))
            }
        };
        Frame { place, content, values }
    }

    /// At the end: what ended the input early, once.
    fn end(&mut self) -> Option<Frame> {
        let problem = self.failure.take()?;
        self.open.clear();
        Some(Frame { place: self.place, content: Err(problem), values: 0 })
    }

    /// The length of the value that begins here.
    fn scan(&mut self, scanner: &mut Scanner) -> Result<usize, Problem> {
        loop {
            match scanner.scan(&self.buffer[self.start..], self.at_end) {
                Scan::Whole(length) => return Ok(length),
                Scan::Broken(at) => {
                    return Err(Problem::NoJson { place: self.place_of(at), at });
                }
                Scan::TooDeep(_) => return Err(Problem::TooDeep),
                Scan::Unfinished if self.at_end => {
                    return Err(self.failure.take().unwrap_or(Problem::Cut));
                }
                Scan::Unfinished if self.rest().len() > MAX_RECORD => return Err(Problem::TooLong),
                Scan::Unfinished => self.fill(),
            }
        }
    }

    /// Skips the rest of a record that is too long, without keeping it.
    fn skip(&mut self, scanner: &mut Scanner) {
        let indent = self.indent.clone();
        loop {
            self.advance(scanner.forget());
            match scanner.scan(&self.buffer[self.start..], self.at_end) {
                Scan::Whole(length) => return self.advance(length),
                Scan::Unfinished if !self.at_end => self.fill(),
                Scan::Broken(at) | Scan::TooDeep(at) => {
                    self.indent = indent;
                    return self.resynchronise(at);
                }
                Scan::Unfinished => return self.advance(self.rest().len()),
            }
        }
    }

    /// Skips to where the next record may begin, at least one byte on. A record that began a line is
    /// followed by one that begins a line in the same way; one in the middle of a line is followed
    /// by one that begins a line, or by `}{` behind the fault.
    fn resynchronise(&mut self, fault: usize) {
        let indent = self.indent.clone();
        let mut from = fault.max(1);
        loop {
            let found = match &indent {
                Some(indent) => next_line(self.rest(), indent),
                None => next_on_line(self.rest(), from),
            };
            if let Some(found) = found {
                return self.advance(found);
            }
            if self.at_end {
                return self.advance(self.rest().len());
            }
            // What is skipped need not stay in memory, but for what may turn out to be a beginning.
            let keep = indent.as_ref().map_or(1, |indent| indent.len() + 1);
            self.advance(self.rest().len().saturating_sub(keep));
            self.indent.clone_from(&indent);
            from = 0;
            self.fill();
        }
    }

    fn enter(&mut self, container: Container, length: usize) {
        self.advance(length);
        self.open.push(container);
    }

    /// Behind the last value of a list; a fault in what then stands in the object around it.
    fn leave(&mut self) -> Result<(), Frame> {
        self.advance(1);
        if self.open.pop() == Some(Container::Findings) {
            let place = self.place;
            match self.scan(&mut Scanner::within_object()) {
                Ok(length) => self.advance(length),
                Err(problem) => {
                    self.resynchronise(0);
                    return Err(Frame { place, content: Err(problem), values: 0 });
                }
            }
        }
        Ok(())
    }

    /// How many bytes lead to the first value of the list with which an object begins.
    fn findings_begin_at(&mut self) -> Option<usize> {
        self.fill_to(HEAD);
        let bytes = self.rest();
        let after = |bytes: &'_ [u8], expected: &[u8]| {
            let rest = bytes.trim_ascii_start();
            rest.starts_with(expected).then_some(bytes.len() - rest.len() + expected.len())
        };
        let mut length = 0;
        for alternatives in [&[&b"{"[..]][..], &LISTS, &[b":"], &[b"["]] {
            let step = alternatives.iter().find_map(|expected| after(&bytes[length..], expected));
            length += step?;
        }
        Some(length)
    }

    /// Skips what stands between values. Commas are welcome everywhere: people join records with
    /// them; and so are byte-order marks: people join files that begin with one.
    fn skip_space(&mut self) {
        loop {
            let between = |&b: &u8| is_space(b) || b == b',';
            let length = self.rest().iter().take_while(|b| between(b)).count();
            self.advance(length);
            if self.rest().first() == Some(&BYTE_ORDER_MARK[0]) {
                self.fill_to(BYTE_ORDER_MARK.len());
                if !self.rest().starts_with(&BYTE_ORDER_MARK) {
                    return;
                }
                // It is no indent.
                let indent = self.indent.clone();
                self.advance(BYTE_ORDER_MARK.len());
                self.indent = indent;
            } else if !self.rest().is_empty() || self.at_end {
                return;
            } else {
                self.fill();
            }
        }
    }

    fn rest(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    fn head(&mut self) -> String {
        self.fill_to(HEAD);
        let rest = self.rest();
        String::from_utf8_lossy(&rest[..rest.len().min(HEAD)]).into_owned()
    }

    /// The place of a byte behind the current one.
    fn place_of(&self, at: usize) -> Place {
        let lines = memchr_iter(b'\n', &self.rest()[..at]).count();
        Place { line: self.place.line + lines as u64, byte: self.place.byte + at as u64 }
    }

    fn advance(&mut self, length: usize) {
        let passed = &self.buffer[self.start..self.start + length];
        let begun = match memchr::memrchr(b'\n', passed) {
            Some(newline) => Some(&passed[newline + 1..]),
            None => Some(passed).filter(|_| self.indent.is_some()),
        };
        let is_indent = begun.filter(|begun| begun.iter().all(|&b| b == b' ' || b == b'\t'));
        let has_newline = begun.is_some_and(|begun| begun.len() < passed.len());
        self.indent = is_indent.map(|begun| {
            let mut indent = self.indent.take().filter(|_| !has_newline).unwrap_or_default();
            indent.extend_from_slice(begun);
            indent
        });
        self.indent.take_if(|indent| indent.len() > MAX_INDENT);
        self.place = self.place_of(length);
        self.start += length;
    }

    /// Sees to it that so many bytes are there, if the input has them.
    fn fill_to(&mut self, length: usize) {
        while self.rest().len() < length && !self.at_end {
            self.fill();
        }
    }

    /// Reads more. What was given up makes room first. An input that fails is at its end.
    fn fill(&mut self) {
        if self.start > self.buffer.len() / 2 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        match self.input.fill_buf() {
            Ok(bytes) => {
                let length = bytes.len();
                self.buffer.extend_from_slice(bytes);
                self.input.consume(length);
                self.at_end = length == 0;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                self.failure = Some(Problem::of_input(error));
                self.at_end = true;
            }
        }
    }
}

/// The first line behind this one that begins with the indent and an object or a list.
fn next_line(bytes: &[u8], indent: &[u8]) -> Option<usize> {
    let begins = |start: &usize| {
        let behind = bytes[*start..].strip_prefix(indent).and_then(<[u8]>::first);
        matches!(behind, Some(b'{' | b'['))
    };
    memchr_iter(b'\n', bytes).map(|newline| newline + 1).find(begins)
}

/// The first line behind this one that begins with an object or a list, or an object right behind
/// another one, from the fault on.
fn next_on_line(bytes: &[u8], fault: usize) -> Option<usize> {
    let object = memmem::find(bytes.get(fault..)?, b"}{").map(|at| fault + at + 1);
    [object, next_line(bytes, b"")].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_values_takes_no_memory() {
        let input = [" ".repeat(1 << 20), "[".repeat(1 << 20)].concat();
        let mut frames = Frames::new(input.as_bytes());
        assert!(matches!(frames.next().unwrap().content, Err(Problem::TooDeep)));
        assert!(frames.next().is_none());
        assert!(frames.indent.is_none_or(|indent| indent.len() <= MAX_INDENT));
        assert_eq!(frames.open.len(), MAX_DEPTH);
    }
}
