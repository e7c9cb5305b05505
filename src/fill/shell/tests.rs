use super::*;

/// The code with bare placeholders as `B` and quoted ones as `Q`.
fn marked(code: &str) -> String {
    let mut text = code.to_owned();
    for place in places(code).iter().rev() {
        let mark = match place.quoting {
            Quoting::Bare => "B",
            Quoting::Within => "Q",
        };
        text.replace_range(place.range.clone(), mark);
    }
    text
}

#[test]
fn placeholders_are_bare_or_within_quotes() {
    for (code, expected) in [
        ("aws x --id <ID>", "aws x --id B"),
        ("aws x --id '<ID>' \"<ID>\" <ID>", "aws x --id 'Q' \"Q\" B"),
        ("aws x a'<ID>'<ID>\"<ID>\"", "aws x a'Q'B\"Q\""),
        ("x '{\"a\": \"<ID>\", \"b\": <N>}'", "x '{\"a\": \"Q\", \"b\": Q}'"),
        ("x \"$(aws y <ID> '<ID>')<ID>\"", "x \"$(aws y B 'Q')Q\""),
        ("x `aws y <ID>` \"`aws <ID>`<ID>\"", "x `aws y B` \"`aws B`Q\""),
        ("x \"a\\\"<ID>\" <ID>", "x \"a\\\"Q\" B"),
        ("# it's <ID>\nx <ID>", "# it's Q\nx B"),
        ("x a#<ID> #<ID>", "x a#B #Q"),
        ("x $'it\\'s <ID>' <ID>", "x $'it\\'s Q' B"),
        ("x ${a:-<ID>} \"${a:-<ID>}\"", "x ${a:-B} \"${a:-Q}\""),
        ("x $((1 + (<N>))) <ID>", "x $((1 + (Q))) B"),
        ("((<N> > 2)) && x <ID>", "((Q > 2)) && x B"),
        ("diff <(aws <ID>) <(cat <ID>)", "diff <(aws B) <(cat B)"),
        ("x \\\n  <ID>", "x \\\n  B"),
        ("(x <ID>) && y <ID>", "(x B) && y B"),
    ] {
        assert_eq!(marked(code), expected, "{code}");
    }
}

#[test]
fn here_documents_end_at_their_delimiter() {
    for (code, expected) in [
        ("x <<EOF\nit's <ID>\nEOF\ny <ID>", "x <<EOF\nit's Q\nEOF\ny B"),
        ("x <<'EOF'\n$(a <ID>)\nEOF\ny <ID>", "x <<'EOF'\n$(a Q)\nEOF\ny B"),
        ("x <<EOF\n$(a <ID>)\nEOF\ny <ID>", "x <<EOF\n$(a B)\nEOF\ny B"),
        ("x <<-E\n\t\"<ID>\n\tE\ny <ID>", "x <<-E\n\t\"Q\n\tE\ny B"),
        ("x <<A <<'B' <ID>\n<ID>\nA\n<ID>\nB\nz <ID>", "x <<A <<'B' B\nQ\nA\nQ\nB\nz B"),
        ("x <<< <ID>", "x <<< B"),
        ("kubectl apply -f - <<EOF\nname: <ID>\n", "kubectl apply -f - <<EOF\nname: Q\n"),
    ] {
        assert_eq!(marked(code), expected, "{code}");
    }
}

#[test]
fn patterns_of_a_case_do_not_end_a_substitution() {
    let code = "\"$(case $x in a) y <ID> ;; esac)<ID>\" <ID>";
    assert_eq!(marked(code), "\"$(case $x in a) y B ;; esac)Q\" B");
}

#[test]
fn an_escaped_sign_begins_no_placeholder() {
    assert_eq!(marked("x \\<ID> \"\\<ID>\" '\\<ID>'"), "x \\<ID> \"\\<ID>\" '\\Q'");
}

#[test]
fn what_does_not_end_is_quoted_to_the_end() {
    for code in ["x '<ID>", "x \"<ID>", "x <<EOF\n<ID>", "x ${<ID>", "x $'<ID>", "x `", "((", "\\"]
    {
        places(code);
    }
    assert_eq!(marked("x 'a <ID>\ny <ID>"), "x 'a Q\ny Q");
}

#[test]
fn words_are_told_by_what_they_are_to_the_program() {
    let takes = |code| places(code).pop().unwrap().takes;
    for code in [
        "aws x --filters 'Name=a,Values=<ID>'",
        "aws x --filters Name=a,Values=<ID>",
        "aws x --filters=Name=a,Values=<ID>",
        "aws x --filters=\"Name=a,Values=<ID>\"",
        "aws x --filters Name=a,Values=b \\\n  Name=c,Values='<ID>'",
        "aws x --tags Key='<ID>'",
        "x \"$(aws y --tags Key=a,Value=<ID>)\"",
    ] {
        assert!(takes(code).in_shorthand, "{code}");
    }
    for code in ["aws x --id <ID>", "aws x --id='<ID>'", "aws s3 ls 's3://<ID>/a=<ID>'"] {
        assert_eq!(takes(code), Takes::default(), "{code}");
    }
    assert!(!takes("aws x --p '{\"a\": \"b=<ID>\"}'").in_shorthand);
    for (code, only) in [
        ("aws x --query \"a[?b=='<ID>']\"", Only::All),
        ("aws x --query 'a[<ID>]'", Only::Numbers),
        ("aws x --query 'a' | jq <ID>", Only::All),
        ("aws x --query-string \\\n \"SELECT a WHERE b = <ID>\"", Only::Words),
        ("aws x --query-string \"SELECT a WHERE b = '<ID>'\"", Only::All),
    ] {
        assert_eq!(takes(code).only, only, "{code}");
    }
}

#[test]
fn values_name_no_variables_and_compute_nothing() {
    let only = |code| places(code).pop().unwrap().takes.only;
    for code in [
        "x \"$<ID>\"",
        "x \"$a<ID>\"",
        "x \"!<ID>\"",
        "x \"${<ID>}\"",
        "x ${a/<ID>/b}",
        "x \"${a:<ID>}\"",
        "x \"${<ID>:-a}\"",
        "x $'\\u00<ID>'",
        "x <<E\n$a<ID>\nE",
    ] {
        assert_eq!(only(code), Only::None, "{code}");
    }
    for code in ["x $((1 + <ID>))", "((<ID> > 2)) && x", "x \"$((<ID>))\""] {
        assert_eq!(only(code), Only::Numbers, "{code}");
    }
    for code in
        ["x '$<ID>'", "x $<ID>", "x \"${a:-<ID>}\"", "x ${a-<ID>}", "x $'it\\'s <ID>'", "# $<ID>"]
    {
        assert_eq!(only(code), Only::All, "{code}");
    }
}

#[test]
fn here_documents_are_read_by_other_programs() {
    let takes = |code| places(code).pop().unwrap().takes;
    for (code, only) in [
        ("x <<E\nSELECT '<ID>'\nE", Only::All),
        ("x <<E\nSELECT <ID>\nE", Only::Words),
        ("x <<'E'\nSELECT <ID>\nE", Only::Words),
        ("x <<'E'\nit's\nSELECT '<ID>'\nE", Only::Words),
        ("x <<E\n  - name: <ID>\nE", Only::Scalars),
        ("x <<E\nname: <ID> a\nE", Only::Words),
        ("x <<E\n{\"a\": \"<ID>\"}\n", Only::All),
    ] {
        let takes = takes(code);
        assert_eq!((takes.only, takes.in_query), (only, true), "{code}");
        assert_eq!(takes.delimiter.as_deref(), Some("E"), "{code}");
    }
    assert_eq!(takes("x <<E\n$(a <ID>)\nE"), Takes::default());
    assert_eq!(takes("x <<E\n$(a '<ID>')\nE").delimiter.as_deref(), Some("E"));
    assert_eq!(takes("x <<E <ID>\na\nE"), Takes::default());
}
