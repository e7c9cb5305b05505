use anstream::adapter::strip_str;
use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;

/// What is left without colours.
fn bare(markdown: &str, width: usize) -> String {
    strip_str(&render(markdown, width)).to_string()
}

#[test]
fn headings_paragraphs_and_links() {
    let text = "---\nstatus: \"active\"\n---\n\n# Recon:EC2/Portscan\n\nIt scans **many** ports of\na host, \
                see [the guide](https://example.org/a/long/address#here), <https://example.org/>.\n\n\
                ## First move\n\nLook  at `service.count`.\\\nThen wait.\n\n### Why\n\n<!-- note -->\n\nSo.\n\n---\n";
    assert_snapshot!(bare(text, 40), @"
    Recon:EC2/Portscan
    ══════════════════

    It scans many ports of a host, see the
    guide
    (https://example.org/a/long/address#here),
    https://example.org/.

    First move
    ──────────
    Look  at service.count.
    Then wait.

    ▸ Why

    So.

    ────────────────────────────────────────
    ");
}

#[test]
fn lists_quotes_and_their_contents() {
    let text = "- one\n- two words that go on for more than a line of it\n  - inner\n\n    1. deeper\n\n\
                9. nine\n\n10. ten\n\n    second paragraph of ten\n\n    ```sh\n    cat <<EOF\n    $A\n    EOF\n    ```\n\n\
                - [x] done\n- [ ] open\n\n> [!WARNING]\n> Stop before this, and read it twice.\n>\n> - in a quote\n\n\
                > plain\n";
    assert_snapshot!(bare(text, 30), @"
    • one
    • two words that go on for
      more than a line of it
      • inner

        1. deeper

    9. nine

    10. ten

        second paragraph of ten

    ┌─ sh
    cat <<EOF
    $A
    EOF
    └─

    • [x] done
    • [ ] open

    │ Warning
    │ Stop before this, and read
    │ it twice.
    │
    │ • in a quote

    │ plain
    ");
}

#[test]
fn code_can_be_copied() {
    let code = "aws  guardduty list-findings --region '<REGION>' --finding-criteria '{\"a\": 1}'\n\n\
                \tcat <<'EOF'\n  *not* emphasis <b>\nEOF\n";
    let text = format!("Run:\n\n```bash\n{code}```\n\n1. In a list\n\n   ```\n   x\n   ```\n");
    assert!(bare(&text, 20).contains(&format!("┌─ bash\n{code}└─\n")), "{}", bare(&text, 20));
    assert!(bare(&text, 20).contains("\nx\n"), "{}", bare(&text, 20));
    let crlf = text.replace('\n', "\r\n");
    assert_eq!(bare(&crlf, 20), bare(&text, 20));
}

const TABLE: &str = "| Fact | Value |\n| --- | --- |\n| Severity | High |\n\
    | Data source | VPC flow logs, and `DNS` logs of the resolver |\n| Page | <https://example.org/guide> |\n";

#[test]
fn tables_fit_into_the_width() {
    assert_snapshot!(bare(TABLE, 80), @"
    Fact         Value
    ───────────  ───────────────────────────────────────────
    Severity     High
    Data source  VPC flow logs, and DNS logs of the resolver
    Page         https://example.org/guide
    ");
    assert_snapshot!(bare(TABLE, 40), @"
    Fact      Value
    ────────  ──────────────────────────────
    Severity  High
    ────────  ──────────────────────────────
    Data      VPC flow logs, and DNS logs of
    source    the resolver
    ────────  ──────────────────────────────
    Page      https://example.org/guide
    ");
}

#[test]
fn a_table_that_cannot_fit_becomes_a_list() {
    let wide = "| One | Two | Three |\n| --- | --- | --- |\n| firstword second | seconds-word | thirds-word |\n| a | b |  |\n";
    assert_snapshot!(bare(wide, 24), @"
    One: firstword second
    Two: seconds-word
    Three: thirds-word

    One: a
    Two: b
    Three:
    ");
}

#[test]
fn a_flowchart_becomes_its_steps_and_other_diagrams_stay() {
    let flow = "```mermaid\nflowchart TD\n  A{\"Who?\"} -->|role| B[\"End its sessions, all of them\"]\n  B --> C[Wait]\n```\n";
    assert_snapshot!(bare(flow, 30), @"
    1. Who?
       role → 2. End its
         sessions, all of them
    2. End its sessions, all of
      them
       → Wait
    ");
    assert_snapshot!(bare("```mermaid\npie\n  \"a\": 1\n```\n", 30), @r#"
    ┌─ mermaid
    pie
      "a": 1
    └─
    "#);
}

#[test]
fn html_is_text() {
    let text = "Put <REGION> in place; a<br>b.<!-- no -->\n\n<details>\n<summary>More</summary>\n\nx\n\n</details>\n\n<script>\nalert(1)\n</script>\n";
    assert_snapshot!(bare(text, 40), @"
    Put <REGION> in place; a
    b.

    More

    x

    <script>
    alert(1)
    </script>
    ");
}

#[test]
fn styles() {
    let text = "## Do **it**\n\n**b** *i* `c` [l](https://e.org)\n\n```sh\nx\n```\n";
    assert_snapshot!(render(text, 40).replace('\u{1b}', "ESC"), @"
    ESC[1mESC[35mDo itESC[0m
    ESC[1mESC[35m─────ESC[0m
    ESC[1mbESC[0m ESC[3miESC[0m ESC[32mcESC[0m ESC[4mlESC[0mESC[2m (https://e.org)ESC[0m

    ESC[2m┌─ shESC[0m
    ESC[32mxESC[0m
    ESC[2m└─ESC[0m
    ");
}

#[test]
fn depth_does_not_make_lines_longer() {
    let deep = format!("{}deep words here\n", "> ".repeat(500));
    let shown = bare(&deep, 40);
    let last = shown.lines().last().unwrap();
    assert!(last.width() <= 40 && last.ends_with(" here"), "{last}");
    assert!(render(&"- ".repeat(2000), 40).len() < 100_000);
}

/// Any piece of Markdown, with what could act on a terminal in between.
fn markdown() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\u{1b}[31m"),
        Just("\u{1b}]8;;x\u{7}"),
        Just("\u{9b}1m"),
        Just("\r"),
        Just("\0"),
        Just("\u{202e}"),
        Just("\u{200b}"),
        Just("\u{feff}"),
        Just("&#27;"),
        Just("&#x202e;"),
        Just("\n"),
        Just("\n\n"),
        Just("    "),
        Just("\t"),
        Just("# "),
        Just("- "),
        Just("1. "),
        Just("> "),
        Just("```"),
        Just("```mermaid\nflowchart TD\n"),
        Just("`"),
        Just("**"),
        Just("_"),
        Just("| a | b |\n| --- | --- |\n"),
        Just("|"),
        Just("[a]("),
        Just(")"),
        Just("<!--"),
        Just("-->"),
        Just("<b>"),
        Just("<https://x.y>"),
        Just("---\n"),
        Just("東京"),
        Just("word "),
        Just("A --> B"),
        Just("~~"),
        Just("[ ] "),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// A word of code, with whatever Markdown and shells have marks for.
fn code_line() -> impl Strategy<Value = String> {
    "[ \t]{0,3}[a-z<>$'\"*_|#\\[\\]{}&!.:/-]{1,12}( {1,3}[a-zA-Z0-9=*_`<>|-]{1,60}){0,4}"
}

proptest! {
    #[test]
    fn nothing_but_our_own_colours_acts_on_the_terminal(text in markdown(), width in 0_usize..90) {
        let shown = render(&text, width);
        prop_assert!(shown.is_empty() || shown.ends_with('\n'));
        for sequence in shown.split('\u{1b}').skip(1) {
            let end = sequence.find('m').unwrap_or(0);
            let parameters = sequence[..end].strip_prefix('[');
            let is_ours = |c: char| c.is_ascii_digit() || c == ';';
            prop_assert!(parameters.is_some_and(|p| p.chars().all(is_ours)), "{:?}", shown);
        }
        let rest = shown.replace('\u{1b}', "");
        prop_assert!(rest.chars().all(super::super::is_plain), "{:?}", shown);
    }

    #[test]
    fn every_line_of_code_stands_as_it_is(
        lines in prop::collection::vec(code_line(), 1..6),
        before in "(- a\n  )?(> )?",
        width in 20_usize..60,
    ) {
        let inner = " ".repeat(if before.starts_with('-') { 2 } else { 0 });
        let quote = if before.ends_with("> ") { "> " } else { "" };
        let mut text = format!("{before}~~~~ sh\n");
        for line in &lines {
            text.push_str(&format!("{inner}{quote}{line}\n"));
        }
        text.push_str(&format!("{inner}{quote}~~~~\n"));
        let shown = bare(&text, width);
        let code: Vec<&str> =
            shown.lines().skip_while(|line| *line != "┌─ sh").skip(1).take(lines.len()).collect();
        if quote.is_empty() || lines.iter().all(|line| !line.contains('\t')) {
            prop_assert_eq!(code, lines.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }

    #[test]
    fn every_word_stays_and_lines_are_no_wider_than_the_terminal(
        words in prop::collection::vec("[a-zé東]{1,9}", 1..60), width in 20_usize..60,
        mark in prop::sample::select(vec!["", "- ", "> ", "## ", "1. - "]),
    ) {
        let text = format!("{mark}{}\n", words.join(" "));
        let shown = bare(&text, width);
        prop_assert!(shown.lines().all(|line| line.width() <= width), "{}", shown);
        let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
        prop_assert_eq!(letters(&shown), letters(&words.concat()));
    }
}
