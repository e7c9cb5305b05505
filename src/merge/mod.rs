//! The three-way merge of a runbook: what somebody wrote, what the tool had written, what upstream
//! says now.
//!
//! 1. By lines, over the whole file.
//! 2. Where both sides changed the same paragraph of code, it is a conflict even if different lines
//!    changed: a team's argument must not land in AWS's new command.
//! 3. Where changes touch, paragraph by paragraph; within a paragraph of prose that both sides
//!    changed, by words. What remains is a conflict.

pub(crate) mod blocks;
mod markers;
mod settle;
mod words;

use std::ops::Range;

use similar::{Algorithm, MergeResolution, TextMerge};

use self::blocks::{LineKind, classify};
pub use self::markers::{first_marker, first_markers};
use self::settle::{Line, Settled, Version, settle};

/// What came of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Both sides' changes are in the text.
    Resolved(Merged),
    /// There are places in which the sides say different things.
    Conflict {
        /// The places, in order.
        hunks: Vec<Hunk>,
        /// The text with these places between conflict markers, everything else merged.
        marked: Merged,
        /// The text with these places as the person has them, everything else merged.
        yours: Merged,
    },
}

/// A merged text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The text; lines end in `\n`.
    pub text: String,
    /// The paragraphs that were merged word by word, for a person to look at.
    pub word_merges: Vec<WordMerge>,
    /// For each line which line of the person's file it was, if any, counted from 0.
    pub came_from: Vec<Option<usize>>,
}

/// A paragraph that both sides changed, and that was merged word by word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordMerge {
    /// The number of its first line in the merged text, counted from 1.
    pub line: usize,
    /// As the tool had written it.
    pub before: String,
    /// As the person has it.
    pub yours: String,
    /// As upstream has it now.
    pub theirs: String,
    /// As it is in the merged text.
    pub merged: String,
}

/// A place in which the sides say different things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// The number of its first line in the person's file, counted from 1. Where the person has
    /// no lines there, the line in front of which they were.
    pub first_line: usize,
    /// How many lines of the person's file are in it.
    pub lines: usize,
    /// As the tool had written it.
    pub before: String,
    /// As the person has it.
    pub yours: String,
    /// As upstream has it now.
    pub theirs: String,
}

/// Merges three texts whose lines end in `\n`, the last one too.
pub fn merge(base: &str, ours: &str, theirs: &str) -> Merge {
    if ours == theirs || theirs == base {
        return Merge::Resolved(taken(ours, Some));
    }
    if ours == base {
        return Merge::Resolved(taken(theirs, |_| None));
    }
    let [base, ours, theirs] = [base, ours, theirs].map(Text::of);
    let lines = Lines { base: &base, ours: &ours, theirs: &theirs };
    let mut writer = Writer::default();
    for region in together_in_code(&base, regions(&lines)) {
        writer.region(&lines, &region);
    }
    writer.end(&ours)
}

fn taken(text: &str, came_from: impl Fn(usize) -> Option<usize>) -> Merged {
    let came_from = (0..text.split_inclusive('\n').count()).map(came_from).collect();
    Merged { text: text.to_owned(), word_merges: Vec::new(), came_from }
}

struct Text<'t> {
    whole: &'t str,
    lines: Vec<&'t str>,
    kinds: Vec<LineKind>,
}

impl<'t> Text<'t> {
    fn of(whole: &'t str) -> Self {
        let lines = split_lines(whole);
        let kinds = classify(&lines);
        Self { whole, lines, kinds }
    }

    /// How many lines of the file are above one of `lines`.
    fn lines_above(&self, number: usize) -> usize {
        self.lines[..number].iter().filter(|line| line.ends_with('\n')).count()
    }

    fn version(&self, range: &Range<usize>) -> Version<'_> {
        Version { lines: &self.lines, kinds: &self.kinds, range: range.clone() }
    }

    fn part(&self, range: &Range<usize>) -> String {
        self.lines[range.clone()].concat()
    }
}

/// Lines as the merge library cuts them: also behind a lone `\r`.
fn split_lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (at, mark) in text.match_indices(['\r', '\n']) {
        if mark == "\n" || !text[at + 1..].starts_with('\n') {
            lines.push(&text[start..=at]);
            start = at + 1;
        }
    }
    lines.extend((start < text.len()).then(|| &text[start..]));
    lines
}

struct Lines<'t> {
    base: &'t Text<'t>,
    ours: &'t Text<'t>,
    theirs: &'t Text<'t>,
}

/// A run of lines with one fate.
#[derive(Clone, Debug)]
struct Region {
    fate: Fate,
    base: Range<usize>,
    ours: Range<usize>,
    theirs: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Unchanged,
    Ours,
    Theirs,
    /// Both sides changed it, whether in the same way or not.
    Both,
}

fn regions(lines: &Lines<'_>) -> Vec<Region> {
    let merge = TextMerge::configure().algorithm(Algorithm::Patience).merge_lines(
        lines.base.whole,
        lines.ours.whole,
        lines.theirs.whole,
    );
    let region = |region: &similar::MergeRegion| Region {
        fate: match region.resolution() {
            MergeResolution::Unchanged => Fate::Unchanged,
            MergeResolution::Ours => Fate::Ours,
            MergeResolution::Theirs => Fate::Theirs,
            _ => Fate::Both,
        },
        base: region.base_range(),
        ours: region.ours_range(),
        theirs: region.theirs_range(),
    };
    merge.regions().iter().map(region).collect()
}

/// Joins the regions of a paragraph of code (the lines between two blank lines of a block) that
/// both sides changed.
fn together_in_code(base: &Text<'_>, mut regions: Vec<Region>) -> Vec<Region> {
    for code in paragraphs_of_code(&base.kinds, &base.lines) {
        let touched = |region: &Region, by: Fate| {
            (region.fate == by || region.fate == Fate::Both)
                && region.base.start <= code.end
                && code.start <= region.base.end
        };
        let by = |fate: Fate| {
            let first = regions.iter().position(|region| touched(region, fate))?;
            let last = regions.iter().rposition(|region| touched(region, fate))?;
            Some((first, last))
        };
        if let (Some(ours), Some(theirs)) = (by(Fate::Ours), by(Fate::Theirs)) {
            let (first, last) = (ours.0.min(theirs.0), ours.1.max(theirs.1));
            let joined = Region {
                fate: Fate::Both,
                base: regions[first].base.start..regions[last].base.end,
                ours: regions[first].ours.start..regions[last].ours.end,
                theirs: regions[first].theirs.start..regions[last].theirs.end,
            };
            regions.splice(first..=last, [joined]);
        }
    }
    regions
}

fn paragraphs_of_code(kinds: &[LineKind], lines: &[&str]) -> Vec<Range<usize>> {
    let mut paragraphs: Vec<Range<usize>> = Vec::new();
    for number in (0..kinds.len()).filter(|&number| kinds[number] == LineKind::Code) {
        if lines[number].trim().is_empty() {
            continue;
        }
        match paragraphs.last_mut() {
            Some(last) if last.end == number => last.end = number + 1,
            _ => paragraphs.push(number..number + 1),
        }
    }
    paragraphs
}

#[derive(Default)]
struct Writer {
    /// With conflict markers.
    lines: Vec<Line>,
    /// With the person's lines in their place.
    yours: Vec<Line>,
    word_merges: Vec<WordMerge>,
    hunks: Vec<Hunk>,
}

impl Writer {
    fn region(&mut self, lines: &Lines<'_>, region: &Region) {
        match region.fate {
            Fate::Unchanged | Fate::Ours => self.ours(lines.ours, &region.ours),
            Fate::Theirs => {
                let theirs = &lines.theirs.lines[region.theirs.clone()];
                self.push(theirs.iter().map(|line| ((*line).to_owned(), None)));
            }
            Fate::Both => self.both(lines, region),
        }
    }

    fn ours(&mut self, ours: &Text<'_>, range: &Range<usize>) {
        self.push(numbered(ours, range));
    }

    fn both(&mut self, lines: &Lines<'_>, region: &Region) {
        let Region { base, ours, theirs, .. } = region;
        if lines.ours.lines[ours.clone()] == lines.theirs.lines[theirs.clone()] {
            return self.ours(lines.ours, ours);
        }
        let settled = settle(
            &lines.base.version(base),
            &lines.ours.version(ours),
            &lines.theirs.version(theirs),
        );
        match settled {
            Some(settled) => self.settled(settled),
            None => self.conflict(
                lines.ours,
                ours,
                Hunk {
                    first_line: lines.ours.lines_above(ours.start) + 1,
                    lines: lines.ours.part(ours).matches('\n').count(),
                    before: lines.base.part(base),
                    yours: lines.ours.part(ours),
                    theirs: lines.theirs.part(theirs),
                },
            ),
        }
    }

    fn settled(&mut self, settled: Settled) {
        let is_whole = |(line, _): &&Line| line.ends_with('\n');
        let above = self.lines.iter().filter(is_whole).count();
        self.word_merges.extend(settled.word_merges.into_iter().map(|words| WordMerge {
            line: above + words.at + 1,
            before: words.before,
            yours: words.yours,
            theirs: words.theirs,
            merged: words.merged,
        }));
        self.push(settled.lines.into_iter());
    }

    fn conflict(&mut self, ours: &Text<'_>, range: &Range<usize>, hunk: Hunk) {
        self.lines.extend(markers::marked(&hunk, range.start));
        self.yours.extend(numbered(ours, range));
        self.hunks.push(hunk);
    }

    fn push(&mut self, lines: impl Iterator<Item = Line>) {
        for line in lines {
            self.yours.push(line.clone());
            self.lines.push(line);
        }
    }

    fn end(self, ours: &Text<'_>) -> Merge {
        let merged = |lines: Vec<Line>, word_merges| {
            let whole = lines.iter().filter(|(line, _)| line.ends_with('\n'));
            let came_from = whole.map(|(_, number)| number.map(|number| ours.lines_above(number)));
            let came_from = came_from.collect();
            let text = lines.into_iter().map(|(line, _)| line).collect();
            Merged { text, word_merges, came_from }
        };
        if self.hunks.is_empty() {
            return Merge::Resolved(merged(self.lines, self.word_merges));
        }
        // The lines at which words were merged are those of the text with markers.
        let yours = merged(self.yours, Vec::new());
        Merge::Conflict { hunks: self.hunks, marked: merged(self.lines, self.word_merges), yours }
    }
}

/// Lines of the person's file, each with its number.
fn numbered<'t>(ours: &'t Text<'t>, range: &Range<usize>) -> impl Iterator<Item = Line> + use<'t> {
    range.clone().map(|number| (ours.lines[number].to_owned(), Some(number)))
}

#[cfg(test)]
mod tests;
