use super::super::fixture::*;
use super::super::{Mode, Rendered, Update};
use super::*;

const X: &str = "Backdoor:EC2/X.B";
const Y: &str = "Trojan:EC2/Y";
const UPDATE: fn() -> Mode = || Mode::Update(Update::default());

fn runbook(name: &str, severity: &str, says: &str, steps: &str) -> Rendered {
    let body = format!("A sentence.\n\n## What AWS says\n\n{says}\n\n## Steps\n\n{steps}");
    let rendered = aws(name, &body);
    let text = rendered.text.replace("status:", &format!("severity: {severity}\nstatus:"));
    Rendered { text: text.into(), ..rendered }
}

#[test]
fn a_pull_request_says_what_changed() {
    let folder = Folder::new();
    let first = [
        runbook(X, "High", "One two three four five.", "Do it."),
        runbook(Y, "Low", "Four.", "Do it."),
    ];
    folder.run(&upstream(&first), PLAIN);
    let words = "One two three four five. Call Bob.";
    folder.write(
        "backdoor-ec2-x-b.md",
        folder.read("backdoor-ec2-x-b.md").replace("One two three four five.", words),
    );
    let second = [
        runbook(X, "Critical", "One 2 three four five.", "Do that."),
        runbook(Y, "Low", "Four.", "Do that."),
        runbook("Recon:EC2/Z", "Medium", "Five.", "Do that."),
    ];
    let text = folder.plan(&upstream(&second), UPDATE()).to_markdown();
    assert_eq!(
        text,
        "\
# GuardDuty runbooks

1 new, 1 updated, 1 merged.

## New finding types

- `Recon:EC2/Z` (`Medium`)

## Changed severities

- `Backdoor:EC2/X.B`: `High` → `Critical`

## Changed text

- `Backdoor:EC2/X.B`: `Front matter` (+1 −1); `What AWS says` (+1 −1); `Steps` (+1 −1)
- `Trojan:EC2/Y`: `Steps` (+1 −1)

## Merged word by word, please review

- `Backdoor:EC2/X.B`, line 13

  ```text
  before:
    One two three four five.
  yours:
    One two three four five. Call Bob.
  AWS:
    One 2 three four five.
  merged:
    One 2 three four five. Call Bob.
  ```
"
    );
}

#[test]
fn conflicts_come_first_and_nothing_ends_their_fence() {
    let folder = Folder::new();
    folder.run(&upstream(&[aws(X, "one"), aws(Y, "one")]), PLAIN);
    folder.write("backdoor-ec2-x-b.md", aws(X, "our ````text").text.as_bytes());
    folder.remove("trojan-ec2-y.md");
    let text = folder.plan(&upstream(&[aws(X, "two"), aws(Y, "two")]), UPDATE()).to_markdown();
    let conflict = text.find("## In conflict").unwrap();
    assert!(conflict < text.find("## Changed text").unwrap(), "{text}");
    assert!(text.contains("\n  `````text\n"), "{text}");
    assert!(
        text.contains("- `Trojan:EC2/Y`: somebody deleted it, and it stays deleted\n"),
        "{text}"
    );
}

#[test]
fn the_same_change_in_many_runbooks_is_one_item() {
    let folder = Folder::new();
    let all = |steps: &str| -> Vec<Rendered> {
        (0..9).map(|n| runbook(&format!("Trojan:EC2/Y{n}"), "Low", "Same.", steps)).collect()
    };
    folder.run(&upstream(&all("Do it.")), PLAIN);
    let text = folder.plan(&upstream(&all("Do that.")), UPDATE()).to_markdown();
    assert_eq!(text.matches("`Steps` (+1 −1)").count(), 1, "{text}");
    assert!(text.contains("in 9 runbooks"), "{text}");
}

#[test]
fn headings_are_found_in_both_templates() {
    let runbook = "---\na: b\n---\n\n# T\n\nfact\n\n## Says\n\n```\n## not one\n```\n";
    let found = headings(runbook);
    assert_eq!(found[1], "Front matter");
    assert_eq!((found[6].as_str(), found[11].as_str()), ("Title and facts", "Says"));
    let classic =
        "T:E/X\n-----\n\n### Sentence\n\ntext\n\n**Remediation recommendations:**\n\nend\n";
    let found = headings(classic);
    assert_eq!((found[0].as_str(), found[5].as_str()), ("Title and facts", "Sentence"));
    assert_eq!(found[9], "Remediation recommendations");
}

#[test]
fn nothing_to_say_is_said() {
    let folder = Folder::new();
    folder.run(&upstream(&[aws(X, "one")]), PLAIN);
    let text = folder.plan(&upstream(&[aws(X, "one")]), UPDATE()).to_markdown();
    assert_eq!(text, "# GuardDuty runbooks\n\nNothing changes.\n");
}

#[test]
fn what_a_page_says_mentions_nobody_and_closes_nothing() {
    let hostile =
        "@everyone @org/team fixes #1 GH-1 https://github.com/o/r/issues/1 <!-- `` ::error::x";
    let page = |says: &str| {
        let text = format!(
            "{X}\n---\n\n**Default severity: {says} {hostile}**\n\n### {hostile}\n\n{says}\n"
        );
        Rendered { text: text.into(), ..aws(X, "") }
    };
    let folder = Folder::new();
    folder.run(&upstream(&[page("one")]), PLAIN);
    for text in [
        folder.plan(&upstream(&[page("two")]), UPDATE()).to_markdown(),
        Folder::new().plan(&upstream(&[page("two")]), UPDATE()).to_markdown(),
    ] {
        let mut is_code = false;
        let mut found = 0;
        for event in pulldown_cmark::Parser::new(&text) {
            use pulldown_cmark::{Event, Tag, TagEnd};
            match event {
                Event::Start(Tag::CodeBlock(_)) => is_code = true,
                Event::End(TagEnd::CodeBlock) => is_code = false,
                Event::Text(shown) if !is_code => {
                    assert!(!shown.contains(['@', '#']) && !shown.contains("GH-1"), "{text}");
                }
                Event::Code(shown) => found += usize::from(shown.contains("@everyone")),
                Event::Html(html) | Event::InlineHtml(html) => panic!("{html} in {text}"),
                _ => {}
            }
        }
        assert!(found > 0, "{text}");
    }
}
