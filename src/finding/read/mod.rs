//! Findings out of a stream of bytes: one after another, whatever shape they come in, and whatever
//! stands between them.

pub(crate) mod frames;
mod input;
mod scan;

use std::collections::VecDeque;
use std::io::{self, BufRead};

use self::frames::{Frame, Frames};
use self::input::Input;
pub(super) use self::scan::{Scan, Scanner};
use super::recognise::{Foreign, findings};
use super::{Finding, damage, json};

/// The largest record that is read, in bytes: a finding with the envelopes around it.
pub(super) const MAX_RECORD: usize = 64 << 20;

/// The most values that a record may hold, with those in texts that are JSON. An object with one field
/// takes some four hundred bytes, so that these take half a GiB at most.
pub(super) const MAX_VALUES: usize = 1_000_000;

/// The stream that [`read`] reads from, unpacked.
pub(crate) type Unpacked<R> = Input<R>;

/// A place in an input, after decompression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, counted from 1.
    pub line: u64,
    /// The byte, counted from 0.
    pub byte: u64,
}

/// A record that is no finding, or none that can be read. The records behind it are read all the
/// same.
#[derive(Debug, thiserror::Error)]
#[error("line {}, byte {}: {problem}", .place.line, .place.byte)]
pub struct BadRecord {
    /// Where the record begins.
    pub place: Place,
    /// What is wrong with it.
    pub problem: Problem,
}

/// Why a record is no finding.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It is JSON, and something else than a finding; or an input without any record.
    #[error("{0}")]
    Foreign(Foreign),
    /// It is neither an object nor a list nor a text of JSON. The text is its beginning.
    #[error("{}", Foreign::of_text(.0))]
    Text(String),
    /// It begins as JSON and does not go on so.
    #[error("the JSON is broken at line {}, byte {}", .place.line, .place.byte)]
    NoJson {
        /// The first byte that JSON does not have there.
        place: Place,
        /// The same, counted from the first byte of the record.
        at: usize,
    },
    /// A value in it cannot be read.
    #[error("the JSON cannot be read: {0}")]
    BadValue(String),
    /// The input ends in the middle of it.
    #[error("the input ends in the middle of the record; it may have been cut off")]
    Cut,
    /// It is nested too deeply.
    #[error("the JSON is nested too deeply (more than {} levels)", scan::MAX_DEPTH)]
    TooDeep,
    /// It is too large.
    #[error("the record is larger than {} MiB", MAX_RECORD >> 20)]
    TooLong,
    /// It has more values than that.
    #[error("it holds more than {0} values")]
    TooManyValues(usize),
    /// The finding itself is too large.
    #[error("the finding has more than {} MiB of text", damage::MAX_TEXT >> 20)]
    TooMuchText,
    /// The compressed data cannot be decompressed any further.
    #[error("the gzip data are broken or cut off ({0}); nothing behind that can be read")]
    Gzip(io::Error),
    /// The input cannot be read any further.
    #[error("the input cannot be read: {0}")]
    Input(io::Error),
}

impl Problem {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Foreign(foreign) => Some(foreign.hint()),
            Self::Text(head) => Some(Foreign::of_text(head).hint()),
            Self::Gzip(_) | Self::Cut => Some("copy or download the file again"),
            Self::TooLong | Self::TooManyValues(_) => {
                Some("if it holds many findings, give them as a list, or one a line")
            }
            _ => None,
        }
    }

    /// An error of the input; decompression says what is wrong with its data in the same way.
    fn of_input(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidData
            | io::ErrorKind::UnexpectedEof => Self::Gzip(error),
            _ => Self::Input(error),
        }
    }
}

/// Reads findings. What they come in is recognised by what it holds: one JSON value, a list, one a
/// line, several after another with or without anything between them; compressed with gzip or not;
/// in each of the shapes that [`Shape`](super::Shape) names, and in the envelopes of EventBridge,
/// SNS, SQS and Lambda.
///
/// Memory is bounded by the largest record (64 MiB, a million values), not by the input. A finding has
/// at most 4 MiB of text and 100,000 values. What is larger is a bad record. A finding that is damaged
/// is read all the same, and says so ([`Finding::damage`]).
pub fn read<R: BufRead>(input: R) -> Records<R> {
    Records { frames: frames(input), ready: VecDeque::new(), is_empty: true, is_over: false }
}

/// The JSON values of an input, decompressed.
pub(crate) fn frames<R: BufRead>(input: R) -> Frames<Unpacked<R>> {
    Frames::new(Input::new(input))
}

/// The findings of an input, see [`read`].
#[derive(Debug)]
pub struct Records<R: BufRead> {
    frames: Frames<Unpacked<R>>,
    ready: VecDeque<Result<Finding, BadRecord>>,
    is_empty: bool,
    is_over: bool,
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = Result<Finding, BadRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.is_over {
            if let Some(frame) = self.frames.next() {
                self.is_empty = false;
                self.ready.extend(of_frame(&self.frames, frame));
            } else {
                self.is_over = true;
                self.ready.extend(at_end(&self.frames, self.is_empty).map(Err));
            }
        }
        self.ready.pop_front()
    }
}

/// The findings in one JSON value: mostly one.
pub(crate) fn of_frame<R: BufRead>(
    frames: &Frames<R>,
    frame: Frame,
) -> Vec<Result<Finding, BadRecord>> {
    let Frame { place, content, values } = frame;
    let parsed = content.and_then(|range| {
        json::parse(frames.bytes(&range)).map_err(|error| Problem::BadValue(error.to_string()))
    });
    let found = match parsed {
        Err(problem) => vec![Err(problem)],
        Ok(value) => findings(value, place, MAX_VALUES.saturating_sub(values)),
    };
    found.into_iter().map(|one| one.map_err(|problem| BadRecord { place, problem })).collect()
}

/// What there is to say about an input that has ended.
pub(crate) fn at_end<R: BufRead>(frames: &Frames<R>, is_empty: bool) -> Option<BadRecord> {
    let place = frames.place();
    if frames.ends_within_list() {
        return Some(BadRecord { place, problem: Problem::Cut });
    }
    let foreign = if place.byte == 0 { Foreign::Nothing } else { Foreign::NoRecords };
    is_empty.then_some(BadRecord { place, problem: Problem::Foreign(foreign) })
}
