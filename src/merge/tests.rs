use proptest::prelude::*;

use super::*;

fn resolved(base: &str, ours: &str, theirs: &str) -> Merged {
    match merge(base, ours, theirs) {
        Merge::Resolved(merged) => merged,
        Merge::Conflict { hunks, .. } => panic!("a conflict: {hunks:#?}"),
    }
}

fn hunks(base: &str, ours: &str, theirs: &str) -> Vec<Hunk> {
    match merge(base, ours, theirs) {
        Merge::Resolved(merged) => panic!("no conflict: {}", merged.text),
        Merge::Conflict { hunks, .. } => hunks,
    }
}

const PAGE: &str = "\
# Title

An instance in your AWS environment is querying a domain name of a mining pool.

If you use this instance to mine, this finding could be expected activity.

**Remediation:**

Look at the instance and stop it.
";

#[test]
fn changes_in_different_paragraphs_are_both_kept_however_close() {
    let ours = PAGE
        .replace("# Title\n", "# Title\n\nWe call Bob first.\n")
        .replace("expected activity.\n", "expected activity.\n\nAsk the mining team.\n");
    let theirs = PAGE
        .replace("An instance", "A running instance")
        .replace("**Remediation:**", "**Recommendations:**")
        .replace("is querying", "asks for");
    let merged = resolved(PAGE, &ours, &theirs);
    assert_eq!(
        merged.text,
        "\
# Title

We call Bob first.

A running instance in your AWS environment asks for a domain name of a mining pool.

If you use this instance to mine, this finding could be expected activity.

Ask the mining team.

**Recommendations:**

Look at the instance and stop it.
"
    );
    assert_eq!(merged.word_merges, []);
}

#[test]
fn a_section_at_the_end_stays_at_the_end() {
    let ours = format!("{PAGE}\n## Our steps\n\n1. Call Bob.\n");
    let theirs = PAGE.replace("stop it.", "isolate it.");
    let merged = resolved(PAGE, &ours, &theirs);
    assert_eq!(merged.text, ours.replace("stop it.", "isolate it."));
}

#[test]
fn a_deleted_paragraph_stays_deleted_and_its_neighbours_are_updated() {
    let gone = "If you use this instance to mine, this finding could be expected activity.\n\n";
    let ours = PAGE.replace(gone, "");
    let theirs = PAGE.replace("mining pool", "crypto pool").replace("**Remediation:**", "**Do:**");
    assert_eq!(resolved(PAGE, &ours, &theirs).text, theirs.replace(gone, ""));
}

#[test]
fn a_paragraph_that_both_changed_is_merged_by_words_and_listed() {
    let ours = PAGE.replace("mining pool.", "mining pool. Call Bob.");
    let theirs = PAGE.replace("An instance", "An EC2 instance");
    let merged = resolved(PAGE, &ours, &theirs);
    let expected =
        PAGE.replace("mining pool.", "mining pool. Call Bob.").replace("An i", "An EC2 i");
    assert_eq!(merged.text, expected);
    assert_eq!(merged.word_merges.len(), 1);
    let words = &merged.word_merges[0];
    assert_eq!(words.line, 3);
    assert!(words.merged.contains("EC2") && words.merged.contains("Bob"));
}

#[test]
fn what_both_sides_say_differently_is_a_conflict_with_its_lines() {
    let ours = format!("{}\nmore\n", PAGE.replace("stop it", "terminate it"));
    let theirs = PAGE.replace("stop it", "isolate it");
    let hunks = hunks(PAGE, &ours, &theirs);
    assert_eq!(hunks.len(), 1);
    assert_eq!(hunks[0].first_line, 9);
    assert!(hunks[0].yours.contains("terminate it") && hunks[0].theirs.contains("isolate it"));
    assert!(hunks[0].before.contains("stop it"));
}

#[test]
fn conflict_markers_hold_all_three_versions() {
    let base = "a\n\nwe stop it\n\nb\n";
    let Merge::Conflict { marked, .. } =
        merge(base, "a\n\nwe end it\n\nb\n", "a2\n\nwe leave it\n\nb\n")
    else {
        panic!("no conflict");
    };
    assert_eq!(
        marked.text,
        "a2\n\n<<<<<<< yours\nwe end it\n||||||| before\nwe stop it\n=======\nwe leave it\n>>>>>>> AWS\n\nb\n"
    );
    assert_eq!(first_marker(&marked.text), Some(3));
}

const COMMAND: &str = "\
Run this:

```bash
aws ec2 stop-instances \\
  --region eu-west-1 \\
  --instance-ids i-1 \\
  --output json

aws ec2 describe-instances
```

Then wait.
";

#[test]
fn an_argument_never_lands_in_a_new_command() {
    let ours = COMMAND.replace("--output json", "--output json --force");
    let theirs = COMMAND.replace("stop-instances", "terminate-instances");
    assert_eq!(hunks(COMMAND, &ours, &theirs).len(), 1);
    let theirs = COMMAND.replace("describe-instances", "describe-tags");
    let merged = resolved(COMMAND, &ours, &theirs);
    assert!(merged.text.contains("--force") && merged.text.contains("describe-tags"));
    let theirs = COMMAND.replace("Run this", "Do this").replace("Then wait.", "Wait.");
    assert!(resolved(COMMAND, &ours, &theirs).text.contains("--force"));
}

#[test]
fn words_are_not_mixed_in_headings_tables_and_front_matter() {
    for (base, ours, theirs) in [
        ("# one two three four five\n", "# 1 two three four five\n", "# one two three four 5\n"),
        (
            "| one two | three four five |\n|---|---|\n",
            "| 1 two | three four five |\n|---|---|\n",
            "| one two | three four 5 |\n|---|---|\n",
        ),
        (
            "---\ntitle: one two three four five\n---\n",
            "---\ntitle: 1 two three four five\n---\n",
            "---\ntitle: one two three four 5\n---\n",
        ),
        (
            "one two three four five\n----\n",
            "1 two three four five\n----\n",
            "one two three four 5\n----\n",
        ),
        (
            "    one two three four five\n",
            "    1 two three four five\n",
            "    one two three four 5\n",
        ),
    ] {
        assert_eq!(hunks(base, ours, theirs).len(), 1, "{base}");
    }
}

#[test]
fn neighbouring_items_rows_and_keys_are_different_things() {
    for base in [
        "1. Look at it\n2. Stop it\n3. Tell Bob\n",
        "| Severity | High |\n| Data | logs |\n| Plan | none |\n",
        "---\nseverity: High\ndata: logs\nplan: none\n---\n",
    ] {
        let lines: Vec<&str> = base.lines().collect();
        let change = |number: usize| {
            let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            lines[number] = lines[number]
                .replace("Look", "Peer")
                .replace("High", "Low")
                .replace("Stop it", "Halt it")
                .replace("logs", "files");
            lines.join("\n") + "\n"
        };
        let first = usize::from(base.starts_with("---"));
        let (ours, theirs) = (change(first), change(first + 1));
        let merged = resolved(base, &ours, &theirs).text;
        assert_eq!(merged.lines().nth(first), ours.lines().nth(first));
        assert_eq!(merged.lines().nth(first + 1), theirs.lines().nth(first + 1));
    }
}

#[test]
fn a_paragraph_and_a_section_at_one_place_both_come_the_paragraph_first() {
    let place = "stop it.\n";
    let ours = PAGE.replace(place, "stop it.\n\nThen call Bob and wait.\n");
    let theirs = PAGE.replace(place, "stop it.\n\n## Steps\n\n1. Open the console.\n");
    let expected = PAGE.replace(
        place,
        "stop it.\n\nThen call Bob and wait.\n\n## Steps\n\n1. Open the console.\n",
    );
    assert_eq!(resolved(PAGE, &ours, &theirs).text, expected);
    assert_eq!(resolved(PAGE, &theirs, &ours).text, expected);
}

#[test]
fn steps_rows_keys_and_wordings_of_the_same_at_one_place_are_a_conflict() {
    for (base, ours, theirs) in [
        ("1. Look\n", "1. Look\n2. Call Bob\n", "1. Look\n2. Take a snapshot\n"),
        (
            "| a | b |\n|---|---|\n",
            "| a | b |\n|---|---|\n| 1 | 2 |\n",
            "| a | b |\n|---|---|\n| x | y |\n",
        ),
        ("---\na: b\n---\n", "---\na: b\nc: 1\n---\n", "---\na: b\nc: 2\n---\n"),
        ("x\n", "x\n\nStop the instance now.\n", "x\n\nStop the instance then.\n"),
    ] {
        assert_eq!(hunks(base, ours, theirs).len(), 1, "{base}");
    }
}

#[test]
fn what_one_side_puts_in_front_of_a_place_stays_in_front_of_it() {
    let base = "a a a\n";
    let merged = resolved(base, "b b b\n", "first\n\na a a\n").text;
    assert_eq!(merged, "first\n\nb b b\n");
}

#[test]
fn two_paragraphs_that_come_together_stay_two() {
    let base = "one one one\n\ntwo two two\n\nthree three three\n";
    let ours = "one one one\n\ntwo two two 2\n";
    let theirs = "one one one\n\nnew new new\n\ntwo two two\n\nthree three three\n";
    let merged = resolved(base, ours, theirs).text;
    assert_eq!(merged, "one one one\n\nnew new new\n\ntwo two two 2\n");
}

#[test]
fn lone_carriage_returns_do_not_shift_the_lines() {
    let base = "a\rb\n\nc\n\nd\n";
    let ours = "a\rb\n\nc\n\nd mine\n\nmore\n";
    let theirs = "a\rb\n\nc theirs\n\nd\n";
    let merged = resolved(base, ours, theirs);
    assert_eq!(merged.text, "a\rb\n\nc theirs\n\nd mine\n\nmore\n");
    assert_eq!(merged.came_from, [Some(0), Some(1), None, Some(3), Some(4), Some(5), Some(6)]);
}

/// Texts of a runbook's kind, small enough that changes meet often.
fn text() -> impl Strategy<Value = String> {
    let block = prop_oneof![
        "[a-d]( [a-d]){0,7}\\.\n\n",
        "## [a-d]\n\n",
        "\\* [a-d]( [a-d]){0,4}\n",
        "```\n[a-d] --[a-d]\n[a-d]\n```\n\n",
        "\\| [a-d] \\| [a-d] \\|\n",
    ];
    proptest::collection::vec(block, 0..7).prop_map(|blocks| blocks.concat())
}

/// A text with some of its lines changed, deleted or added to.
fn edited(text: &str, edits: &[(usize, u8)], mark: &str) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for (at, edit) in edits {
        let at = at % (lines.len() + 1);
        match edit % 4 {
            0 => lines.insert(at, format!("{mark} new\n")),
            1 if at < lines.len() => drop(lines.remove(at)),
            2 if at < lines.len() && !lines[at].trim().is_empty() => {
                lines[at] = lines[at].replacen(' ', &format!(" {mark} "), 1);
            }
            _ if at < lines.len() => lines[at] = format!("{} {mark}\n", lines[at].trim_end()),
            _ => {}
        }
    }
    lines.concat()
}

fn edits() -> impl Strategy<Value = Vec<(usize, u8)>> {
    proptest::collection::vec((0usize..40, 0u8..4), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_merge_with_one_unchanged_side_is_the_other(base in text(), other in text()) {
        prop_assert_eq!(&resolved(&base, &other, &base).text, &other);
        prop_assert_eq!(&resolved(&base, &base, &other).text, &other);
        prop_assert_eq!(&resolved(&base, &other, &other).text, &other);
    }

    #[test]
    fn no_edited_line_is_lost(base in text(), our_edits in edits(), their_edits in edits()) {
        let ours = edited(&base, &our_edits, "ours");
        let theirs = edited(&base, &their_edits, "theirs");
        let merged = match merge(&base, &ours, &theirs) {
            Merge::Resolved(merged) | Merge::Conflict { marked: merged, .. } => merged,
        };
        let words = merged.word_merges.iter()
            .flat_map(|words| [words.yours.clone(), words.theirs.clone()]);
        let seen = words.fold(merged.text.clone(), |seen, text| seen + &text);
        for (side, mark) in [(&ours, "ours"), (&theirs, "theirs")] {
            for line in side.lines().filter(|line| line.contains(mark)) {
                prop_assert!(seen.lines().any(|have| have == line), "{line:?} is not in {seen}");
            }
        }
    }

    #[test]
    fn merging_the_result_again_changes_nothing(
        base in text(), our_edits in edits(), their_edits in edits(),
    ) {
        let ours = edited(&base, &our_edits, "ours");
        let theirs = edited(&base, &their_edits, "theirs");
        if let Merge::Resolved(merged) = merge(&base, &ours, &theirs) {
            prop_assert_eq!(&resolved(&theirs, &merged.text, &theirs).text, &merged.text);
        }
    }

    #[test]
    fn what_one_side_deleted_stays_deleted(
        kinds in proptest::collection::vec(0u8..4, 1..9), our_edits in edits(), their_edits in edits(),
    ) {
        let line = |(number, kind): (usize, &u8)| match kind {
            0 => format!("word{number} a b c d e f\n\n"),
            1 => format!("* item{number} a b c\n"),
            2 => format!("```\ncode{number} a\n```\n"),
            _ => format!("| row{number} | a |\n"),
        };
        let base: String = kinds.iter().enumerate().map(line).collect();
        let ours = edited(&base, &our_edits, "ours");
        let theirs = edited(&base, &their_edits, "theirs");
        let fences = |text: &str| text.matches("```").count();
        prop_assume!(fences(&ours) == fences(&base) && fences(&theirs) == fences(&base));
        if let Merge::Resolved(merged) = merge(&base, &ours, &theirs) {
            let has = |text: &str, line: &str| text.lines().any(|other| other == line);
            for line in base.lines().filter(|line| line.contains(char::is_numeric)) {
                let deleted = !has(&ours, line) || !has(&theirs, line);
                prop_assert_eq!(has(&merged.text, line), !deleted, "{:?} in {}", line, merged.text);
            }
        }
    }

    #[test]
    fn each_line_says_truly_where_it_came_from(
        base in text(), our_edits in edits(), their_edits in edits(),
    ) {
        let ours = edited(&base, &our_edits, "ours");
        let theirs = edited(&base, &their_edits, "theirs");
        let merged = match merge(&base, &ours, &theirs) {
            Merge::Resolved(merged) | Merge::Conflict { marked: merged, .. } => merged,
        };
        let lines: Vec<&str> = merged.text.lines().collect();
        prop_assert_eq!(lines.len(), merged.came_from.len());
        let known: Vec<usize> = merged.came_from.iter().flatten().copied().collect();
        prop_assert!(known.is_sorted_by(|a, b| a < b), "{known:?}");
        prop_assert!(known.iter().all(|number| *number < ours.lines().count()));
    }
}

#[test]
fn of_blank_lines_only_the_number_counts() {
    let merged = resolved("one\n\ntwo\n", " \n", "");
    assert_eq!((merged.text.as_str(), merged.came_from), ("\n", vec![None]));
}

#[test]
fn behind_a_lone_carriage_return_a_conflict_begins_within_its_line() {
    let ours = "one\ntwo\rours\n";
    let hunks = hunks("one\ntwo\rbase\n", ours, "one\ntwo\rtheirs\n");
    assert_eq!((hunks.len(), hunks[0].first_line, hunks[0].yours.as_str()), (1, 2, "ours\n"));
    assert_eq!(hunks[0].theirs, "theirs\n");
}
