//! Code as its own parsers read it: bash, several dialects of SQL, JSON.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;
use sqlparser::dialect::{
    AnsiDialect, Dialect, GenericDialect, HiveDialect, MsSqlDialect, MySqlDialect,
    PostgreSqlDialect,
};
use sqlparser::tokenizer::Tokenizer;

/// What a block is written in, as its fence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Bash,
    MySql,
    Postgres,
    Hive,
    TransactSql,
    /// SQL of no dialect in particular: it has to keep its structure in each.
    Sql,
    Json,
    /// A language that the program does not know.
    Foreign,
    /// Anything that is not judged here.
    Unjudged,
}

impl Code {
    /// By the word behind a fence, which this says anew.
    pub fn of(word: &str) -> Self {
        match word {
            "bash" | "sh" => Self::Bash,
            "mysql" => Self::MySql,
            "postgresql" => Self::Postgres,
            "hive" => Self::Hive,
            "tsql" => Self::TransactSql,
            "sql" => Self::Sql,
            "json" => Self::Json,
            "fish" | "powershell" | "python" | "yaml" | "hcl" => Self::Foreign,
            _ => Self::Unjudged,
        }
    }

    /// The structure of a code, as text; the same for codes that differ in their values alone.
    /// Codes that cannot be read have a structure as well: how far they were read.
    pub fn structure(self, code: &str) -> String {
        match self {
            Self::Bash => bash(code),
            Self::MySql => tokens(&MySqlDialect {}, code),
            Self::Postgres => postgres(code),
            Self::Hive => tokens(&HiveDialect {}, code),
            // This tokenizer takes `$tag$` for a quote, which T-SQL does not have.
            Self::TransactSql if code.contains('$') => String::new(),
            Self::TransactSql => tokens(&MsSqlDialect {}, code),
            Self::Sql => {
                let dialects: [&dyn Dialect; 2] = [&AnsiDialect {}, &MySqlDialect {}];
                let tokens = dialects.map(|dialect| tokens(dialect, code)).join("\n");
                format!("{tokens}\n{}\n{}", generic(code), postgres(code))
            }
            Self::Json => match serde_json::from_str::<Value>(code) {
                Ok(document) => format!("{document:?}"),
                Err(_) => "not JSON".to_owned(),
            },
            Self::Foreign | Self::Unjudged => String::new(),
        }
    }
}

fn tokens(dialect: &dyn Dialect, code: &str) -> String {
    match Tokenizer::new(dialect, code).tokenize() {
        Ok(tokens) => format!("{tokens:?}"),
        Err(_) => "not SQL".to_owned(),
    }
}

/// This tokenizer begins a text at a `$` within a name, and takes `//` for an operator before it looks for
/// `/*`, which no database does.
fn generic(code: &str) -> String {
    let is_in_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let is_misread = code.contains("//")
        || code.match_indices('$').any(|(at, _)| code[..at].ends_with(is_in_name));
    if is_misread { String::new() } else { tokens(&GenericDialect {}, code) }
}

/// This tokenizer takes a comment that touches an operator for a part of it, which PostgreSQL does not
/// (<https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-OPERATORS>).
fn postgres(code: &str) -> String {
    let touches = |mark| code.match_indices(mark).any(|(at, _)| code[..at].ends_with(is_operator));
    let is_misread = touches("--") || touches("/*");
    if is_misread { String::new() } else { tokens(&PostgreSqlDialect {}, code) }
}

fn is_operator(c: char) -> bool {
    "+-*/<>=~!@#%^&|`?".contains(c)
}

/// The commands as bash has understood them. It reads them and runs none.
fn bash(code: &str) -> String {
    let mut reader = Command::new("/bin/bash")
        .args(["--noprofile", "--norc", "--pretty-print", "/dev/stdin"])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("there is a bash");
    let mut input = reader.stdin.take().expect("it has a pipe");
    // bash may stop reading before the end.
    let _ = input.write_all(code.as_bytes());
    drop(input);
    let output = reader.wait_with_output().expect("bash ends");
    format!("{:?}\n{}", output.status.code(), String::from_utf8_lossy(&output.stdout))
}
