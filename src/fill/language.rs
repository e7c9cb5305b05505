//! What the code of a block is written in, and by which rules it quotes.

use super::quotes::{ANSI, HIVE, INSIGHTS, LINES, MYSQL, POSTGRES, SNOWFLAKE, Syntax, TSQL};
use crate::text::fence_language::fence_language;

/// What the code is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// Commands; also blocks that do not say what they are, because people paste them.
    Shell,
    Sql(Dialect),
    Json,
    /// A block of text: queries of CloudWatch Logs Insights, lines for a console of a database, or
    /// a letter.
    Text,
    /// Code in running text.
    Inline,
    /// A picture.
    Diagram,
    /// Anything else. Nobody knows here how it quotes.
    Other,
}

/// A family of SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// None is named: every rule counts that one of the known dialects has. Oracle, which has quotes of
    /// a kind of its own, is not among them.
    Any,
    MySql,
    Postgres,
    /// Athena reads queries as Trino does and definitions of tables as Hive does.
    Lake,
    TransactSql,
}

/// What every console of queries might make of a text.
pub(super) const QUERIES: &[Syntax] = &[ANSI, HIVE, MYSQL, POSTGRES, INSIGHTS, LINES];

impl Language {
    /// By what stands behind a fence.
    pub(super) fn of(info: &str) -> Self {
        match fence_language(info).to_ascii_lowercase().as_str() {
            "" if info.trim().is_empty() => Self::Shell,
            "bash" | "sh" | "shell" | "zsh" | "ksh" | "dash" | "ash" | "posix" | "console"
            | "terminal" | "shellscript" | "shell-script" | "shell-session" | "shellsession"
            | "sh-session" | "bash-session" | "zsh-session" => Self::Shell,
            "sql" | "sqlite" | "sqlite3" | "snowflake" | "bigquery" | "redshift" => {
                Self::Sql(Dialect::Any)
            }
            "mysql" | "mariadb" => Self::Sql(Dialect::MySql),
            "postgresql" | "postgres" | "plpgsql" | "pgsql" | "psql" => {
                Self::Sql(Dialect::Postgres)
            }
            "athena" | "presto" | "prestodb" | "prestosql" | "trino" | "hive" | "hiveql"
            | "hql" | "spark" | "sparksql" | "spark-sql" => Self::Sql(Dialect::Lake),
            "tsql" | "t-sql" | "mssql" | "sqlserver" => Self::Sql(Dialect::TransactSql),
            "json" | "jsonc" | "json5" => Self::Json,
            "text" | "txt" | "plain" | "plaintext" => Self::Text,
            "mermaid" => Self::Diagram,
            _ => Self::Other,
        }
    }
}

impl Dialect {
    /// The rules of quoting that may hold; a place is quoted where all of them say so.
    pub(super) fn syntaxes(self) -> &'static [Syntax] {
        match self {
            Self::Any => &[ANSI, HIVE, MYSQL, POSTGRES, TSQL, SNOWFLAKE],
            Self::MySql => &[MYSQL],
            Self::Postgres => &[POSTGRES],
            Self::Lake => &[ANSI, HIVE],
            Self::TransactSql => &[TSQL],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_has_many_names() {
        for (info, language) in [
            ("", Language::Shell),
            (" \t", Language::Shell),
            ("BASH", Language::Shell),
            ("bash title=\"x\"", Language::Shell),
            ("bash:run.sh", Language::Shell),
            ("{.bash}", Language::Shell),
            ("zsh\tx", Language::Shell),
            ("shell-session", Language::Shell),
            ("postgresql", Language::Sql(Dialect::Postgres)),
            ("MySQL", Language::Sql(Dialect::MySql)),
            ("{.trino}", Language::Sql(Dialect::Lake)),
            ("tsql", Language::Sql(Dialect::TransactSql)),
            ("sql", Language::Sql(Dialect::Any)),
            ("jsonc", Language::Json),
            ("text", Language::Text),
            ("mermaid{x}", Language::Diagram),
        ] {
            assert_eq!(Language::of(info), language, "{info}");
        }
    }

    #[test]
    fn what_is_not_known_is_no_text() {
        for info in [
            "fish",
            "powershell",
            "pwsh",
            "python",
            "yaml",
            "hcl",
            "cmd",
            "nu",
            "tcsh",
            "diff",
            "bаsh",
            "bash\u{a0}x",
            "{#id}",
            "{r}",
            ",x",
            "b&#97;sh",
            "language-bash",
            "sql+jinja",
        ] {
            assert_eq!(Language::of(info), Language::Other, "{info}");
        }
    }
}
