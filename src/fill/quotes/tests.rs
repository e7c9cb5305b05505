use super::super::language::{Dialect, QUERIES};
use super::*;

/// How the placeholders of a code stand: `B`are, `Q`uoted, or `?`.
fn marks(code: &str, syntaxes: &[Syntax]) -> String {
    let mark = |(_, standing): &(Range<usize>, Standing)| match standing {
        Standing::Bare => 'B',
        Standing::Quoted => 'Q',
        Standing::Unclear => '?',
    };
    standings(code, syntaxes).iter().map(mark).collect()
}

#[test]
fn sql_has_texts_names_and_comments() {
    let code = "SELECT \"<A>\" FROM <B> -- it's <C>\nWHERE x = '<D>' AND y = 'it''s <E>' \
                /* ' <F> */ AND z = <G> AND w = 'é<H>";
    for dialect in [Dialect::Any, Dialect::Lake, Dialect::MySql, Dialect::Postgres] {
        assert_eq!(marks(code, dialect.syntaxes()), "QBQQQQBQ", "{dialect:?}");
    }
}

#[test]
fn each_dialect_has_its_own_quotes() {
    use Dialect::*;
    for (code, dialect, expected) in [
        ("/* é*é <A> */ <B>", Postgres, "QB"),
        (r"'it\'s <A>' <B>", MySql, "QB"),
        (r"'it\'s <A>' <B>", Postgres, "BQ"),
        (r"E'it\'s <A>' <B>", Postgres, "QB"),
        (r"name'\' <A>", Postgres, "B"),
        (r"'it\'s <A>' <B>", Any, "??"),
        (r"'it\'s <A>' <B>", Lake, "??"),
        ("x # it's <A>\n<B>", MySql, "QB"),
        ("x # it's <A>\n<B>", Any, "Q?"),
        ("5--1 <A>", MySql, "B"),
        ("5--1 <A>", Any, "?"),
        ("$$ it's <A> $$ <B>", Postgres, "?B"),
        ("$f$ $$ ' <A> $f$ '<B>' $1 <C>", Postgres, "?QB"),
        ("/* /* */ <A> */ <B>", Postgres, "QB"),
        ("/* /* */ <A> */ <B>", Any, "?B"),
        ("/*! WHERE x = <A> */ <B>", MySql, "?B"),
        ("/*! WHERE x = <A> */ <B>", Any, "?B"),
        ("[it's <A>] <B>", TransactSql, "QB"),
        ("ARRAY['<A>'][1]", Any, "Q"),
        ("`it's <A>` <B>", Lake, "QB"),
        ("SELECT '{\"a\": \"<A>\"}'", Any, "Q"),
        ("-- <A>\r\n<B>", Postgres, "QB"),
        (r"0E'it\'s <A>' <B>", Postgres, "??"),
        (r"x0E'it\'s <A>' <B>", Postgres, "BQ"),
        ("-- <A>\r<B> '\n<C>", Postgres, "???"),
        ("x // <A>\u{2028}<B>\n", Any, "??"),
    ] {
        assert_eq!(marks(code, dialect.syntaxes()), expected, "{dialect:?} {code}");
    }
}

#[test]
fn a_value_does_not_complete_a_sign() {
    for (code, dialect, expected) in [
        ("/**<A>*/", Dialect::Lake, "?"),
        ("/* <A>* */", Dialect::Postgres, "?"),
        (r"'\<A>' '\u00<B>' '\ <C>'", Dialect::MySql, "??Q"),
    ] {
        assert_eq!(marks(code, dialect.syntaxes()), expected, "{code}");
    }
    assert_eq!(marks(r#"{"a": "\<A>", "b": "\u0<B>"}"#, &JSON), "??");
}

#[test]
fn json_has_texts_and_comments() {
    let code = r#"{"a": "<A>", "b": <B>, "c": "\"<C>", "<D>": "\\", "e": <E>}"#;
    assert_eq!(marks(code, &JSON), "QBQQB");
    assert_eq!(marks("{\"a\": 1, // \"\n\"b\": \"<A>\"}", &JSON), "?");
    assert_eq!(marks("{'a': '<A>'}", &JSON), "?");
    assert!(is_json_key("x\" : 1"));
    assert!(!is_json_key("\", \"a\": 1"));
}

#[test]
fn queries_of_logs_have_regular_expressions() {
    for (code, expected) in [
        ("| filter x = '<A>' and y like /it's/ and z = '<B>'", "Q?"),
        ("| filter x like /<A>/", "?"),
        ("| filter x = <A>", "B"),
        ("it's late\n| filter x = '<A>'", "?"),
        ("ALTER USER '<A>'@'%' ACCOUNT LOCK;", "Q"),
        ("| filter x = '<A>.' or y like '.<B>.'", "QQ"),
    ] {
        assert_eq!(marks(code, QUERIES), expected, "{code}");
    }
}

#[test]
fn what_does_not_end_goes_on_to_the_end() {
    for code in ["'<A>", "\"<A>", "/*<A>", "$$<A>", "-- <A>", "[<A>", "'é\\", "$é", "/*", "*/", "/"]
    {
        for syntaxes in [QUERIES, &[TSQL], &JSON, &JMESPATH] {
            standings(code, syntaxes);
        }
    }
}
