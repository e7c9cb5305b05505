//! The merge of one paragraph that both sides changed, word by word.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};
use unicode_segmentation::UnicodeSegmentation;

/// How much of the paragraph's words each side has to keep, in percent.
const KEPT_WORDS: usize = 70;

/// Changes of one side with no more tokens than this between them count as one change, so that
/// nothing lands in the middle of a sentence that was rewritten.
const SHORT_GAP: usize = 2;

/// Merges a paragraph of prose; none unless an untouched token lies between any two changes, each
/// side keeps most of the words, and the result is as well formed as both sides are.
pub(crate) fn merge_words(base: &str, ours: &str, theirs: &str) -> Option<String> {
    let (base, ours, theirs) = (tokens(base), tokens(ours), tokens(theirs));
    let our_edits = edits(&base, &ours);
    let their_edits = edits(&base, &theirs);
    if !keeps_most(&base, &our_edits) || !keeps_most(&base, &their_edits) {
        return None;
    }
    let merged = combine(&base, (&ours, &our_edits), (&theirs, &their_edits))?;
    let whole =
        |tokens: &[Token<'_>]| is_balanced(&tokens.iter().map(Token::both).collect::<String>());
    (is_balanced(&merged) || !(whole(&ours) && whole(&theirs))).then_some(merged)
}

/// How alike two paragraphs are: twice the words they share over the words they have, in percent.
pub(crate) fn likeness(a: &str, b: &str) -> usize {
    let words = |text| -> Vec<&str> {
        let mut words: Vec<&str> =
            tokens(text).iter().filter(|t| t.is_word).map(|t| t.text).collect();
        words.sort_unstable();
        words
    };
    let (a, b) = (words(a), words(b));
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, shared) = (i + 1, j + 1, shared + 1),
        }
    }
    match a.len() + b.len() {
        0 => 100,
        all => 200 * shared / all,
    }
}

/// A word, a punctuation mark, or something that must not be cut (a code span, an address), with
/// the white space in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Token<'t> {
    space: &'t str,
    text: &'t str,
    is_word: bool,
}

impl Token<'_> {
    fn both(&self) -> String {
        [self.space, self.text].concat()
    }
}

/// The tokens of a paragraph; the last one is empty and holds the white space at the end.
fn tokens(paragraph: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut space = 0..0;
    let mut position = 0;
    while position < paragraph.len() {
        let rest = &paragraph[position..];
        let whole = whole_length(rest, paragraph[..position].ends_with(']'));
        let length = whole.unwrap_or_else(|| rest.split_word_bounds().next().map_or(1, str::len));
        let text = &rest[..length];
        position += length;
        if text.trim().is_empty() {
            space.end = position;
        } else {
            let is_word = whole.is_some() || text.chars().any(char::is_alphanumeric);
            tokens.push(Token { space: &paragraph[space], text, is_word });
            space = position..position;
        }
    }
    tokens.push(Token { space: &paragraph[space], text: "", is_word: false });
    tokens
}

/// The length of what must not be cut at the start of a text: a code span, the destination of a
/// link, an address.
fn whole_length(text: &str, behind_bracket: bool) -> Option<usize> {
    let ticks = text.len() - text.trim_start_matches('`').len();
    if ticks > 0 {
        let close = text[ticks..].find(&text[..ticks])?;
        return Some(close + 2 * ticks);
    }
    if behind_bracket && text.starts_with('(') {
        return text.find(')').map(|end| end + 1);
    }
    if text.starts_with('<') {
        let end = text.find('>')?;
        return (!text[..end].contains(char::is_whitespace)).then_some(end + 1);
    }
    if text.starts_with("http://") || text.starts_with("https://") {
        let end = text.find(|c: char| c.is_whitespace() || matches!(c, ')' | '>' | '"'));
        return Some(
            text[..end.unwrap_or(text.len())].trim_end_matches(['.', ',', ';', ':']).len(),
        );
    }
    None
}

/// A change of one side: which tokens of the base became which of the side.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Edit {
    base: Range<usize>,
    side: Range<usize>,
}

fn edits(base: &[Token<'_>], side: &[Token<'_>]) -> Vec<Edit> {
    let texts = |tokens: &[Token<'_>]| tokens.iter().map(|t| t.text.to_owned()).collect::<Vec<_>>();
    let (base, side) = (texts(base), texts(side));
    let ops = capture_diff_slices(Algorithm::Myers, &base, &side);
    let mut edits: Vec<Edit> = Vec::new();
    for (number, op) in ops.iter().enumerate() {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let equal_behind = ops.get(number + 1).map_or(0, |next| next.old_range().len());
        let edit = Edit { base: op.old_range(), side: op.new_range() };
        let edit = moved_on(edit, equal_behind, &base, &side);
        match edits.last_mut() {
            Some(last) if edit.base.start - last.base.end <= SHORT_GAP => {
                last.base.end = edit.base.end;
                last.side.end = edit.side.end;
            }
            _ => edits.push(edit),
        }
    }
    edits
}

/// What was inserted among equal tokens could be some places further on as well (in `a. B.` made
/// from `a.`, either full stop may be the new one): taken as far on as possible, because people
/// append.
fn moved_on(edit: Edit, equal_behind: usize, base: &[String], side: &[String]) -> Edit {
    let Edit { base: mut at, side: mut new } = edit;
    let last = at.end + equal_behind.saturating_sub(1);
    while at.is_empty() && at.end < last && side[new.start] == base[at.end] {
        at = at.start + 1..at.end + 1;
        new = new.start + 1..new.end + 1;
    }
    Edit { base: at, side: new }
}

fn keeps_most(base: &[Token<'_>], edits: &[Edit]) -> bool {
    let words = |tokens: &[Token<'_>]| tokens.iter().filter(|token| token.is_word).count();
    let all = words(base);
    let lost: usize = edits.iter().map(|edit| words(&base[edit.base.clone()])).sum();
    all > 0 && (all - lost) * 100 >= all * KEPT_WORDS
}

type Side<'s, 't> = (&'s [Token<'t>], &'s [Edit]);

/// Puts both sides' changes into one paragraph; none where two of them meet.
fn combine(base: &[Token<'_>], ours: Side<'_, '_>, theirs: Side<'_, '_>) -> Option<String> {
    let mut merged = String::new();
    let (mut our_next, mut their_next) = (0, 0);
    let mut position = 0;
    let (mut our_shift, mut their_shift) = (0_isize, 0_isize);
    loop {
        let our_edit = ours.1.get(our_next);
        let their_edit = theirs.1.get(their_next);
        let our_turn = our_edit.filter(|edit| edit.base.start == position);
        let their_turn = their_edit.filter(|edit| edit.base.start == position);
        if our_turn.or(their_turn).is_some() && meet(our_edit, their_edit) {
            let (mine, other) = our_edit.zip(their_edit)?;
            if !same_change(mine, ours.0, other, theirs.0) {
                return None;
            }
        }
        let turn = our_turn.map(|edit| (ours.0, edit)).or(their_turn.map(|edit| (theirs.0, edit)));
        if let Some((side, edit)) = turn {
            merged.extend(side[edit.side.clone()].iter().map(Token::both));
            position = edit.base.end;
            our_shift += our_turn.map_or(0, growth);
            their_shift += their_turn.map_or(0, growth);
            our_next += usize::from(our_turn.is_some());
            their_next += usize::from(their_turn.is_some());
            continue;
        }
        let Some(token) = base.get(position) else { return Some(merged) };
        let mine = ours.0[position.checked_add_signed(our_shift)?];
        let other = theirs.0[position.checked_add_signed(their_shift)?];
        merged.push_str(if mine.space == token.space { other.space } else { mine.space });
        merged.push_str(token.text);
        position += 1;
    }
}

fn growth(edit: &Edit) -> isize {
    let signed = |range: &Range<usize>| isize::try_from(range.len()).unwrap_or(isize::MAX);
    signed(&edit.side) - signed(&edit.base)
}

/// Whether no untouched token lies between two changes.
fn meet(a: Option<&Edit>, b: Option<&Edit>) -> bool {
    a.zip(b).is_some_and(|(a, b)| a.base.start <= b.base.end && b.base.start <= a.base.end)
}

fn same_change(a: &Edit, ours: &[Token<'_>], b: &Edit, theirs: &[Token<'_>]) -> bool {
    let texts = |tokens: &[Token<'_>]| tokens.iter().map(Token::both).collect::<String>();
    a.base == b.base && texts(&ours[a.side.clone()]) == texts(&theirs[b.side.clone()])
}

/// Whether code spans, bold text and brackets are closed.
fn is_balanced(paragraph: &str) -> bool {
    let count = |mark: &str| paragraph.matches(mark).count();
    count("`").is_multiple_of(2)
        && count("**").is_multiple_of(2)
        && count("[") == count("]")
        && count("(") == count(")")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn changes_with_a_word_between_them_come_together() {
        assert_eq!(
            merge_words(
                "This finding informs you that an instance in your AWS environment is querying a domain.",
                "This finding informs you that an instance in our AWS environment is querying a domain.",
                "This finding informs you that an EC2 instance in your AWS environment is querying a domain.",
            )
            .as_deref(),
            Some("This finding informs you that an EC2 instance in our AWS environment is querying a domain.")
        );
    }

    #[test]
    fn a_sentence_at_the_end_survives_a_change_of_the_last_word() {
        assert_eq!(
            merge_words(
                "If this was not expected, your keys may be compromised.",
                "If this was not expected, your keys may be compromised. Call the night desk.",
                "If this was not expected, your keys may be stolen.",
            )
            .as_deref(),
            Some("If this was not expected, your keys may be stolen. Call the night desk.")
        );
    }

    #[test]
    fn changes_that_meet_are_a_conflict() {
        let base = "one two three four five six seven eight nine ten";
        let replace = |from, to| base.replace(from, to);
        assert_eq!(merge_words(base, &replace("three", "3"), &replace("three", "III")), None);
        assert_eq!(merge_words(base, &replace("three", "3"), &replace("four", "IV")), None);
        assert_eq!(
            merge_words(base, &replace("three", "three x"), &replace("three", "three y")),
            None
        );
        assert!(merge_words(base, &replace("three", "3"), &replace("five", "V")).is_some());
        let same = replace("three", "3");
        assert_eq!(merge_words(base, &same, &same), Some(same.clone()));
    }

    #[test]
    fn a_rewritten_paragraph_is_a_conflict() {
        let base = "one two three four five six seven eight nine ten";
        let rewritten = "four words are kept: one two nine ten";
        assert_eq!(merge_words(base, rewritten, &base.replace("ten", "10")), None);
    }

    #[test]
    fn code_spans_and_addresses_are_never_mixed() {
        let base = "Run `aws iam list-users` and then look at the answer with care.";
        let ours = base.replace("list-users`", "list-users --profile x`");
        let theirs = base.replace("`aws iam", "`aws --region y iam");
        assert_eq!(merge_words(base, &ours, &theirs), None);
        let base = "See [the guide](https://a.example/b/c/d) for all of it, and ask if unsure.";
        let ours = base.replace("a.example", "ours.example");
        let theirs = base.replace("/c/", "/theirs/");
        assert_eq!(merge_words(base, &ours, &theirs), None);
        let both = merge_words(base, &ours, &base.replace("unsure", "in doubt")).unwrap();
        assert_eq!(both, ours.replace("unsure", "in doubt"));
    }

    #[test]
    fn likeness_counts_shared_words() {
        assert_eq!(likeness("a b c", "a b c"), 100);
        assert_eq!(likeness("a b", "a c"), 50);
        assert_eq!(likeness("a", "b"), 0);
    }

    proptest! {
        #[test]
        fn tokens_hold_every_character(paragraph in "\\PC{0,60}") {
            let whole: String = tokens(&paragraph).iter().map(Token::both).collect();
            prop_assert_eq!(whole, paragraph);
        }

        #[test]
        fn one_sided_changes_are_taken_as_they_are(base in "[a-e]( [a-e]|[.,`]){4,12}", at in 0usize..9) {
            let changed: String = base.chars().enumerate()
                .map(|(number, c)| if number == at { 'x' } else { c }).collect();
            if let Some(merged) = merge_words(&base, &changed, &base) {
                prop_assert_eq!(&merged, &changed);
            }
            if let Some(merged) = merge_words(&base, &base, &changed) {
                prop_assert_eq!(&merged, &changed);
            }
        }
    }
}
