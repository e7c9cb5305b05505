//! The merge of a place where both sides changed neighbouring lines, paragraph by paragraph.
//!
//! A merge by lines calls it a conflict when two changes touch. In Markdown a line is a paragraph,
//! a list item or a row, so that touching lines are two different things more often than one.

use std::ops::Range;

use super::blocks::LineKind;
use super::words::{likeness, merge_words};

/// How alike a paragraph has to be to an older one to be its new wording, in percent.
const SAME_PARAGRAPH: usize = 50;

/// With more pairs of paragraphs to compare than this, nobody could follow the result.
const MOST_PAIRS: usize = 4_000;

/// One version's lines at that place, cut into paragraphs.
pub(crate) struct Version<'t> {
    pub(crate) lines: &'t [&'t str],
    pub(crate) kinds: &'t [LineKind],
    pub(crate) range: Range<usize>,
}

/// A line of the result: its text, and which of our lines it was.
pub(crate) type Line = (String, Option<usize>);

/// What became of a place.
pub(crate) struct Settled {
    pub(crate) lines: Vec<Line>,
    pub(crate) word_merges: Vec<Words>,
}

/// A paragraph that was merged by words.
pub(crate) struct Words {
    /// The number of its first line within the place.
    pub(crate) at: usize,
    pub(crate) before: String,
    pub(crate) yours: String,
    pub(crate) theirs: String,
    pub(crate) merged: String,
}

/// Merges a place paragraph by paragraph; none where a paragraph remains in conflict.
pub(crate) fn settle(
    base: &Version<'_>,
    ours: &Version<'_>,
    theirs: &Version<'_>,
) -> Option<Settled> {
    let [base_units, our_units, their_units] = [base, ours, theirs].map(Units::cut);
    let our_side = Side::align(&base_units, our_units)?;
    let their_side = Side::align(&base_units, their_units)?;
    if !can_stand_together(&our_side, &their_side) {
        return None;
    }
    let mut writer = Writer::default();
    let leading = three_way(base_units.leading, our_side.units.leading, their_side.units.leading);
    writer.blank_lines(leading);
    for position in 0..=base_units.list.len() {
        for (is_ours, edit) in edits_at(position, &our_side, &their_side) {
            let side = if is_ours { &our_side } else { &their_side };
            side.inserted(edit).iter().for_each(|unit| writer.own(unit, is_ours));
        }
        let pair = our_side.pairs.get(position).zip(their_side.pairs.get(position));
        if let Some((Some(mine), Some(other))) = pair {
            let [mine, other] = [&our_side.units.list[*mine], &their_side.units.list[*other]];
            writer.shared(&base_units.list[position], mine, other)?;
        }
    }
    Some(Settled { lines: writer.lines, word_merges: writer.word_merges })
}

/// What the sides insert at a place and put in place of what was there, in that order.
fn edits_at<'s>(position: usize, ours: &'s Side, theirs: &'s Side) -> Vec<(bool, &'s Edit)> {
    let at = |side: &'s Side| side.edits.iter().filter(move |edit| edit.base.start == position);
    let other = at(theirs).filter(|edit| !ours.makes_same(edit, theirs));
    let mut edits: Vec<_> =
        at(ours).map(|edit| (true, edit)).chain(other.map(|edit| (false, edit))).collect();
    // A new section comes behind what still belongs to the section above.
    let begins_section = |(is_ours, edit): &(bool, &Edit)| {
        let side = if *is_ours { ours } else { theirs };
        side.inserted(edit).first().is_some_and(|unit| unit.kind == LineKind::Heading)
    };
    edits.sort_by_key(|edit| (!edit.1.base.is_empty(), begins_section(edit)));
    edits
}

/// A paragraph, a list item, a row, a piece of code, with the blank lines behind it.
struct Unit {
    kind: LineKind,
    lines: Range<usize>,
    text: String,
    blanks: usize,
}

struct Units {
    /// Blank lines before the first unit.
    leading: usize,
    list: Vec<Unit>,
}

impl Units {
    fn cut(version: &Version<'_>) -> Self {
        let mut units = Self { leading: 0, list: Vec::new() };
        for number in version.range.clone() {
            let kind = version.kinds[number];
            if kind == LineKind::Blank {
                match units.list.last_mut() {
                    Some(unit) => unit.blanks += 1,
                    None => units.leading += 1,
                }
                continue;
            }
            match units.list.last_mut() {
                Some(unit) if unit.blanks == 0 && goes_on(unit.kind, kind) => {
                    unit.lines.end = number + 1;
                    unit.text.push_str(version.lines[number]);
                }
                _ => units.list.push(Unit {
                    kind,
                    lines: number..number + 1,
                    text: version.lines[number].to_owned(),
                    blanks: 0,
                }),
            }
        }
        units
    }
}

/// Whether a line belongs to the unit above it.
fn goes_on(unit: LineKind, line: LineKind) -> bool {
    match line {
        LineKind::Prose => matches!(unit, LineKind::Prose | LineKind::ListItem),
        LineKind::Code => matches!(unit, LineKind::Code | LineKind::FenceOpen),
        LineKind::Heading => unit == LineKind::Heading,
        _ => false,
    }
}

/// What a side did, in units of the base.
struct Side {
    units: Units,
    /// For each unit of the base the side's wording of it; none where the side has it no more.
    pairs: Vec<Option<usize>>,
    /// What the side inserted, deleted and replaced.
    edits: Vec<Edit>,
    /// Which units of the base the side says in other words.
    reworded: Vec<bool>,
}

#[derive(Clone, Debug)]
struct Edit {
    base: Range<usize>,
    side: Range<usize>,
}

impl Side {
    fn align(base: &Units, units: Units) -> Option<Self> {
        if base.list.len() * units.list.len() > MOST_PAIRS {
            return None;
        }
        let pairs = best_pairs(&base.list, &units.list);
        if moves_text(base, &units, &pairs) {
            return None;
        }
        let mut edits = Vec::new();
        let (mut from, mut side_from) = (0, 0);
        let ends = pairs.iter().enumerate().filter_map(|(at, pair)| pair.map(|pair| (at, pair)));
        for (at, pair) in ends.chain([(base.list.len(), units.list.len())]) {
            if from < at || side_from < pair {
                edits.push(Edit { base: from..at, side: side_from..pair });
            }
            (from, side_from) = (at + 1, pair + 1);
        }
        let reworded = pairs
            .iter()
            .zip(&base.list)
            .map(|(pair, unit)| pair.is_some_and(|pair| units.list[pair].text != unit.text));
        let reworded = reworded.collect();
        Some(Self { units, pairs, edits, reworded })
    }

    /// What an edit puts in.
    fn inserted(&self, edit: &Edit) -> &[Unit] {
        &self.units.list[edit.side.clone()]
    }

    /// Whether this side did the very same as an edit of the other.
    fn makes_same(&self, edit: &Edit, other: &Side) -> bool {
        let texts = |units: &Units, range: &Range<usize>| -> Vec<String> {
            units.list[range.clone()].iter().map(|unit| unit.text.clone()).collect()
        };
        self.edits.iter().any(|mine| {
            mine.base == edit.base
                && texts(&self.units, &mine.side) == texts(&other.units, &edit.side)
        })
    }
}

/// Whether a unit that the side seems to have deleted is within another one of it: the side moved
/// it or joined two, and nobody can say paragraph by paragraph what it did.
fn moves_text(base: &Units, units: &Units, pairs: &[Option<usize>]) -> bool {
    let deleted = pairs.iter().zip(&base.list).filter(|(pair, _)| pair.is_none());
    deleted
        .map(|(_, unit)| unit.text.trim())
        .any(|text| units.list.iter().any(|unit| unit.text.contains(text)))
}

/// Pairs units of the same kind so that the pairs are in order and as alike as possible.
fn best_pairs(base: &[Unit], side: &[Unit]) -> Vec<Option<usize>> {
    let score = |i: usize, j: usize| match (&base[i], &side[j]) {
        (a, b) if a.kind != b.kind => 0,
        (a, b) if a.text == b.text => 150,
        (a, b) => Some(likeness(&a.text, &b.text)).filter(|l| *l >= SAME_PARAGRAPH).unwrap_or(0),
    };
    let scores: Vec<Vec<usize>> =
        (0..base.len()).map(|i| (0..side.len()).map(|j| score(i, j)).collect()).collect();
    let mut best = vec![vec![0; side.len() + 1]; base.len() + 1];
    for i in (0..base.len()).rev() {
        for j in (0..side.len()).rev() {
            let paired = if scores[i][j] > 0 { scores[i][j] + best[i + 1][j + 1] } else { 0 };
            best[i][j] = paired.max(best[i + 1][j]).max(best[i][j + 1]);
        }
    }
    let mut pairs = vec![None; base.len()];
    let (mut i, mut j) = (0, 0);
    while i < base.len() && j < side.len() {
        if scores[i][j] > 0 && best[i][j] == scores[i][j] + best[i + 1][j + 1] {
            pairs[i] = Some(j);
            (i, j) = (i + 1, j + 1);
        } else if best[i][j] == best[i + 1][j] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// Whether it is clear where each side's insertions go, and neither takes away what the other
/// changed.
fn can_stand_together(ours: &Side, theirs: &Side) -> bool {
    let clear = |side: &Side, other: &Side| {
        side.edits.iter().all(|edit| {
            let same = other.makes_same(edit, side);
            let untouched = edit.base.clone().all(|at| !other.reworded[at]);
            let apart = other.edits.iter().all(|theirs| {
                are_apart(edit, theirs)
                    || (edit.base.is_empty()
                        && edit.base == theirs.base
                        && may_both_come(side.inserted(edit), other.inserted(theirs)))
            });
            same || (untouched && apart)
        })
    };
    clear(ours, theirs) && clear(theirs, ours)
}

/// Whether two edits are about different units, and it is clear which comes first.
fn are_apart(a: &Edit, b: &Edit) -> bool {
    if a.base.end < b.base.start || b.base.end < a.base.start {
        return true;
    }
    let touch_only = a.base.end == b.base.start || b.base.end == a.base.start;
    let both_insert = !a.side.is_empty() && !b.side.is_empty();
    let grows = |edit: &Edit| !edit.base.is_empty() && edit.side.len() > edit.base.len();
    let same_gap = both_insert && a.base.is_empty() && b.base.is_empty();
    touch_only && !same_gap && !(both_insert && (grows(a) || grows(b)))
}

/// Whether what both sides put in one place may stand there one behind the other: paragraphs and
/// whole sections, not rows or numbered steps, and not two wordings of the same.
fn may_both_come(ours: &[Unit], theirs: &[Unit]) -> bool {
    let stands_alone = |unit: &Unit| match unit.kind {
        LineKind::Prose | LineKind::Heading | LineKind::FenceOpen | LineKind::Other => true,
        LineKind::ListItem => !unit.text.trim_start().starts_with(|c: char| c.is_ascii_digit()),
        _ => false,
    };
    let alike = |a: &Unit| theirs.iter().any(|b| likeness(&a.text, &b.text) >= SAME_PARAGRAPH);
    let is_section = |units: &[Unit]| units.first().is_some_and(|u| u.kind == LineKind::Heading);
    let fits = |units: &[Unit]| is_section(units) || units.iter().all(stands_alone);
    fits(ours) && fits(theirs) && !ours.iter().any(alike)
}

/// Writes the result, and sees to it that two paragraphs that come together stay two.
#[derive(Default)]
struct Writer {
    lines: Vec<Line>,
    word_merges: Vec<Words>,
    /// Where the last unit ended in our version and in theirs; none where it was not in it.
    ends: [Option<usize>; 2],
}

impl Writer {
    /// Writes a unit that one side alone has.
    fn own(&mut self, unit: &Unit, is_ours: bool) {
        let sides = if is_ours { [Some(unit), None] } else { [None, Some(unit)] };
        self.write(sides, unit.kind, &unit.text, unit.blanks);
    }

    /// Writes a unit that both sides still have; none where they say different things.
    fn shared(&mut self, base: &Unit, mine: &Unit, other: &Unit) -> Option<()> {
        let blanks = three_way(base.blanks, mine.blanks, other.blanks);
        let sides = [Some(mine), Some(other)];
        if other.text == base.text || mine.text == other.text {
            self.write(sides, base.kind, &mine.text, blanks);
        } else if mine.text == base.text {
            self.write(sides, base.kind, &other.text, blanks);
        } else {
            let is_prose = matches!(base.kind, LineKind::Prose | LineKind::ListItem);
            let merged = is_prose.then(|| merge_words(&base.text, &mine.text, &other.text))??;
            let at = self.write(sides, base.kind, &merged, blanks);
            let [before, yours, theirs] = [base, mine, other].map(|unit| unit.text.clone());
            self.word_merges.push(Words { at, before, yours, theirs, merged });
        }
        Some(())
    }

    /// Writes a text with blank lines behind it; the number of its first line.
    fn write(
        &mut self,
        sides: [Option<&Unit>; 2],
        kind: LineKind,
        text: &str,
        blanks: usize,
    ) -> usize {
        let neighbours = (0..2).any(|side| {
            self.ends[side].is_some() && self.ends[side] == sides[side].map(|unit| unit.lines.start)
        });
        let needs_no_blank = matches!(
            kind,
            LineKind::ListItem | LineKind::TableRow | LineKind::FrontMatter | LineKind::Code
        );
        let touches = self.lines.last().is_some_and(|(line, _)| !line.trim().is_empty());
        if touches && !neighbours && !needs_no_blank {
            self.blank_lines(1);
        }
        let at = self.lines.len();
        let ours = sides[0].map_or(0..0, |unit| unit.lines.clone());
        let numbers = ours.map(Some).chain(std::iter::repeat(None));
        self.lines.extend(text.split_inclusive('\n').map(str::to_owned).zip(numbers));
        self.blank_lines(blanks);
        self.ends = sides.map(|unit| unit.map(|unit| unit.lines.end));
        at
    }

    fn blank_lines(&mut self, number: usize) {
        self.lines.extend(std::iter::repeat_n(("\n".to_owned(), None), number));
    }
}

/// The number of blank lines that the side which changed it wants; ours where both did.
fn three_way(base: usize, ours: usize, theirs: usize) -> usize {
    if ours == base { theirs } else { ours }
}
