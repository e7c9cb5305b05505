//! What a word of a command is to the program that gets it: shorthand of the AWS CLI, JSON, a
//! query. The shell's quotes are gone by then, and what the word holds has a syntax of its own.

use std::borrow::Cow;

use super::language::QUERIES;
use super::place::{Only, Takes};
use super::quotes::{self, JMESPATH, JSON, Standing, Syntax};

/// Words beyond this length are not taken apart, so that a block of any size takes linear time.
const LONGEST: usize = 1 << 10;

/// What begins a query of a database, or of CloudWatch Logs Insights.
const STATEMENTS: [&str; 30] = [
    "alter", "analyze", "begin", "call", "comment", "create", "delete", "display", "do", "drop",
    "explain", "fields", "filter", "grant", "insert", "kill", "lock", "merge", "parse", "reassign",
    "rename", "revoke", "set", "show", "stats", "truncate", "update", "use", "vacuum", "with",
];

/// What goes on like a query, and unlike a sentence that begins with such a word.
const CLAUSES: [&str; 16] = [
    "as", "by", "database", "from", "into", "like", "on", "owned", "role", "select", "set",
    "table", "to", "user", "values", "where",
];

/// What a placeholder takes in a word, from the code of the word before and behind it and from the
/// word in front, which may be an option.
pub(super) fn takes(previous: &str, before: &str, after: &str) -> Takes {
    if before.len() > LONGEST {
        return Takes::only(Only::Words);
    }
    let word = unquoted(before);
    let (option, text) = option(previous, &word);
    let first = text.trim_start().chars().next();
    if option == "query" {
        return quoted_or(Only::Numbers, text, &JMESPATH);
    }
    if matches!(first, Some('{' | '[')) {
        return json(text, after);
    }
    // What other programs than the AWS CLI are told to run.
    let is_code = ["-c", "-e", "--command", "--execute"].contains(&previous);
    if is_query(option, text) || is_code && text.contains(char::is_whitespace) {
        return Takes { in_query: true, ..quoted_or(Only::Words, text, QUERIES) };
    }
    let in_shorthand = is_shorthand(text, after);
    // The CLI takes more characters in the values of its shorthand than in its keys.
    let is_key = in_shorthand && rest(after).split(',').next().is_some_and(ends_key);
    Takes {
        only: if is_key { Only::Words } else { Only::All },
        in_shorthand,
        in_query: text.contains(char::is_whitespace),
        ..Takes::default()
    }
}

/// The option that a word belongs to, without its dashes, and what the word holds for it:
/// `--filters=Name=a` has both.
fn option<'w>(previous: &'w str, word: &'w str) -> (&'w str, &'w str) {
    let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let own = word.strip_prefix("--").and_then(|rest| rest.split_once('='));
    match own.filter(|(name, _)| is_name(name)) {
        Some(own) => own,
        None => (previous.strip_prefix("--").unwrap_or_default(), word),
    }
}

fn quoted_or(only: Only, text: &str, syntaxes: &[Syntax]) -> Takes {
    match standing(text, syntaxes) {
        Standing::Quoted => Takes::default(),
        Standing::Bare | Standing::Unclear => Takes::only(only),
    }
}

/// How a placeholder behind a text would stand.
fn standing(text: &str, syntaxes: &[Syntax]) -> Standing {
    let code = format!("{text}<X>");
    quotes::standings(&code, syntaxes).pop().map_or(Standing::Unclear, |(_, standing)| standing)
}

fn json(text: &str, after: &str) -> Takes {
    match standing(text, &JSON[..1]) {
        Standing::Quoted if quotes::is_json_key(after) => Takes::only(Only::None),
        Standing::Quoted => {
            let member = open_text(text).replace("\\\"", "\"");
            let only = if is_query("", &member) { Only::Words } else { Only::All };
            let in_query = member.contains(char::is_whitespace);
            Takes { in_query, ..quoted_or(only, &member, QUERIES) }
        }
        Standing::Bare | Standing::Unclear => Takes::only(Only::Numbers),
    }
}

/// What the last text of a JSON document holds, which does not end there.
fn open_text(json: &str) -> &str {
    let (mut begin, mut is_escaped) = (None, false);
    for (at, c) in json.char_indices() {
        if c == '"' && !is_escaped {
            begin = if begin.is_none() { Some(at + 1) } else { None };
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    begin.map_or("", |at| &json[at..])
}

fn is_query(option: &str, text: &str) -> bool {
    if ["query-string", "query-statement", "sql", "execute"].contains(&option) {
        return true;
    }
    if !text.contains(char::is_whitespace) {
        return false;
    }
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_ascii_lowercase).collect();
    let has = |known: &[&str], words: &[String]| words.iter().any(|w| known.contains(&w.as_str()));
    has(&["select"], &words)
        || has(&STATEMENTS, &words[..words.len().min(1)])
            && (has(&CLAUSES, &words[1..]) || text.contains(['(', '=', '@']))
}

/// Whether a word that goes on like this is in the AWS CLI's shorthand, `Name=vpc-id,Values=…`, in
/// which commas and equal signs have a meaning
/// (<https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html>). Addresses are not.
fn is_shorthand(text: &str, after: &str) -> bool {
    if text.contains("://") {
        return false;
    }
    let key = text.split('=').next().unwrap_or_default();
    text.contains('=') && !key.is_empty() && key.chars().all(is_of_key)
        || ends_key(rest(after))
        || rest(after).starts_with(',')
}

/// Whether a text goes on as a key of the shorthand and its equal sign; other placeholders may be in it.
/// `?versionId=` is no such key.
fn ends_key(text: &str) -> bool {
    let key = text.split_once('=').map(|(key, _)| key);
    key.is_some_and(|key| key.chars().all(|c| is_of_key(c) || "<>,".contains(c)))
}

fn is_of_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-.:/".contains(c)
}

/// What follows in the same word, as far as the next quote.
fn rest(after: &str) -> &str {
    let after = after.trim_start_matches(['\'', '"']);
    after.split(|c: char| c.is_whitespace() || "'\";|&".contains(c)).next().unwrap_or_default()
}

/// The beginning of a word as the shell hands it on: without quotes and backslashes.
fn unquoted(word: &str) -> Cow<'_, str> {
    if !word.contains(['\'', '"', '\\']) {
        return word.into();
    }
    let mut out = String::with_capacity(word.len());
    let mut quote = None;
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if c == open => quote = None,
            (None, '\\') => out.extend(chars.next().filter(|c| *c != '\n')),
            (Some('"'), '\\') if chars.peek().is_some_and(|c| "\"\\$`\n".contains(*c)) => {
                out.extend(chars.next().filter(|c| *c != '\n'));
            }
            _ => out.push(c),
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(previous: &str, word: &str) -> Takes {
        let (before, after) = word.split_once("<X>").unwrap();
        takes(previous, before, after)
    }

    #[test]
    fn shorthand_is_told_from_options_addresses_and_json() {
        for word in [
            "Name=a,Values=<X>",
            "'Name=a,Values=<X>'",
            "Key='<X>'",
            "my-key=<X>",
            "--filters=Name=a,Values=<X>",
            "--filters=\"Name=a,Values=<X>\"",
            "--filters='Name=a,Values='<X>",
            "Name\\=a,Values=<X>",
            "<X>=a",
            "'<X>',b",
            "<X>a=b",
            "commands=<X>",
            "Add=[{UserId=<X>}]",
        ] {
            assert!(of("--filters", word).in_shorthand, "{word}");
        }
        for (word, only) in
            [("<X>=a", Only::Words), ("Key=a,<X>=b", Only::Words), ("a=<X>,b=c", Only::All)]
        {
            assert_eq!(of("--tags", word).only, only, "{word}");
        }
        for word in [
            "<X>",
            "--id=<X>",
            "--id='<X>'",
            "'s3://<X>/a=b'",
            "s3://x/a=<X>",
            "a/<X>/b",
            "'<X>/<KEY>?versionId=<V>'",
        ] {
            assert_eq!(of("x", word), Takes::default(), "{word}");
        }
    }

    #[test]
    fn json_takes_texts_in_quotes_and_numbers() {
        for (word, only) in [
            (r#"'{"a": "<X>", "b": 1}'"#, Only::All),
            (r#""{\"a\": \"<X>\"}""#, Only::All),
            (r#"--cli-input-json='["a","<X>"]'"#, Only::All),
            (r#"'{"a": <X>}'"#, Only::Numbers),
            (r"'[<X>]'", Only::Numbers),
            (r#"'{"<X>": 1}'"#, Only::None),
            (r#""{\"<X>\": 1}""#, Only::None),
            (r#"'{"a": "\u00<X>"}'"#, Only::Numbers),
        ] {
            assert_eq!(of("--policy", word), Takes::only(only), "{word}");
        }
        for (word, only) in [
            (r#"'{"Description": "Case <X>"}'"#, Only::All),
            (r#""{\"q\": \"SELECT \\\"a\\\" FROM b WHERE c = '<X>'\"}""#, Only::All),
            (r#""{\"q\": \"SELECT \\\"a\\\" FROM b WHERE c = <X>\"}""#, Only::Words),
        ] {
            let takes = of("--x", word);
            assert_eq!((takes.only, takes.in_query), (only, true), "{word}");
        }
    }

    #[test]
    fn queries_take_values_in_quotes() {
        for (previous, word, only) in [
            ("--query-string", "\"SELECT a FROM b WHERE c = '<X>'\"", Only::All),
            ("--query-string", "\"SELECT a FROM b WHERE c = <X>\"", Only::Words),
            ("-c", "'select * from b where c = \"<X>\"'", Only::All),
            ("-e", "\"UPDATE a SET b=<X>\"", Only::Words),
            ("--query-string", "'<X>'", Only::Words),
            ("x", "'-- a\nSELECT <X>'", Only::Words),
        ] {
            let takes = of(previous, word);
            assert_eq!((takes.only, takes.in_query), (only, true), "{word}");
        }
        for sentence in ["\"Case <X> is closed\"", "'Delete the key <X>'"] {
            let takes = of("--description", sentence);
            assert_eq!((takes.only, takes.in_query), (Only::All, true), "{sentence}");
        }
    }

    #[test]
    fn members_are_named_in_quotes_in_what_chooses_from_an_answer() {
        for (word, only) in [
            ("\"Users[?UserName=='<X>'].Arn\"", Only::All),
            ("'Users[?UserName==`\"<X>\"`]'", Only::All),
            ("'Users[?Port==`<X>`]'", Only::Numbers),
            ("Users[?UserName=='<X>']", Only::Numbers),
            ("'Users[<X>]'", Only::Numbers),
        ] {
            assert_eq!(of("--query", word), Takes::only(only), "{word}");
        }
        assert_eq!(of("x", "--query=\"Users[?a=='<X>']\"").only, Only::All);
    }

    #[test]
    fn a_word_without_end_is_not_taken_apart() {
        let word = format!("'{}<X>'", "a".repeat(LONGEST + 1));
        assert_eq!(of("", &word), Takes::only(Only::Words));
    }
}
