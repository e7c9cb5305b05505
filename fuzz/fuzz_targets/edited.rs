//! A block that somebody wrote into a runbook, in any language, any quotes and any nesting, and a
//! value that somebody else chose.
#![no_main]

use guardduty_runbooks::fill::fill;
use guardduty_runbooks::fill::values::Values;
use guardduty_runbooks::guidance::library;
use guardduty_runbooks_fuzz::code::Code;
use guardduty_runbooks_fuzz::parts;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// The placeholder that takes the most characters, and one for numbers.
const PLACEHOLDERS: [(&str, &str, &str); 2] =
    [("object_key", "<OBJECT_KEY>", "hxqz7"), ("remote_port", "<REMOTE_PORT>", "73519")];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let [info, wrap, code, value] = parts(input);
    let runbook = wrapped(&wrap, info.trim_end_matches(['\n', '\r']), &code);
    let number = value.bytes().all(|byte| byte.is_ascii_digit());
    let (name, shown, harmless) = PLACEHOLDERS[usize::from(number)];
    let filled = fill(&runbook, &Values::given([(name, value.as_str())], library()));
    if !filled.used.contains_key(name) || runbook.contains(&value) || runbook.contains(harmless) {
        return;
    }
    let other = filled.text.replace(&value, harmless);
    let [before, blocks, others] = [&runbook, &filled.text, &other].map(|text| blocks(text));
    assert_eq!(blocks.len(), before.len(), "a block came or went in\n{}", filled.text);
    assert_eq!(blocks.len(), others.len(), "a block came or went in\n{other}");
    for ((block, other), before) in blocks.iter().zip(&others).zip(&before) {
        if block.1 == before.1 {
            continue;
        }
        let code = Code::of(&block.0);
        assert_eq!((&block.0, code), (&other.0, Code::of(&before.0)), "another language");
        if code == Code::Foreign {
            assert!(
                value.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "{value:?} in {block:?}"
            );
        }
        // A value that is part of the parser's own words, such as a single letter, cannot be told.
        if code.structure(&other.1).contains(&value) {
            continue;
        }
        let [one, two] = [(&block.1, value.as_str()), (&other.1, harmless)]
            .map(|(text, value)| code.structure(text).replace(value, shown));
        assert_eq!(one, two, "{value:?} changes what {code:?} is:\n{}\n{}", block.1, other.1);
    }
});

/// A runbook with a block in it, within lists and quotes as `wrap` says.
fn wrapped(wrap: &str, info: &str, code: &str) -> String {
    let info = info.split(['\n', '\r']).next().unwrap_or_default();
    let fence = if wrap.contains('~') { "~~~~~~" } else { "``````" };
    let mut lines = vec![format!("{fence}{info}")];
    lines.extend(code.lines().map(str::to_owned));
    lines.push(fence.to_owned());
    for mark in wrap.chars().take(8) {
        let (first, then) = match mark {
            '>' => ("> ", "> "),
            '-' => ("- ", "  "),
            '1' => ("1. ", "   "),
            ' ' => (" ", " "),
            '\t' => ("- a\n\n\t", "\t"),
            _ => continue,
        };
        for (number, line) in lines.iter_mut().enumerate() {
            line.insert_str(0, if number == 0 { first } else { then });
        }
    }
    format!("# Ours\n\nText.\n\n{}\n\nMore.\n", lines.join("\n"))
}

/// The fenced blocks of a Markdown text: the first word behind each fence, and the code.
fn blocks(markdown: &str) -> Vec<(String, String)> {
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut is_in_block = false;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let word = match &kind {
                    CodeBlockKind::Fenced(info) => info.split(' ').next().unwrap_or_default(),
                    CodeBlockKind::Indented => "",
                };
                blocks.push((word.to_ascii_lowercase(), String::new()));
                is_in_block = true;
            }
            Event::End(TagEnd::CodeBlock) => is_in_block = false,
            Event::Text(text) if is_in_block => {
                blocks.last_mut().expect("the block began").1.push_str(&text);
            }
            _ => {}
        }
    }
    blocks
}
