//! Long texts for people: through their pager where one reads.

use std::env;
use std::io::{IsTerminal as _, Write as _, stdout};
use std::process::{Command, Stdio};

use super::error::{CliError, Exit, printed};

/// Prints a text with colours: through `$PAGER` (else `less`) on a terminal, without colours where
/// they are not wanted.
pub(super) fn print(text: &str) -> Result<Exit, CliError> {
    if stdout().is_terminal() && through_pager(text) {
        return Ok(Exit::Done);
    }
    printed(anstream::stdout().write_all(text.as_bytes()))
}

/// Whether a pager took the text; one that was closed early took what its reader wanted.
fn through_pager(text: &str) -> bool {
    let pager = env::var("PAGER").unwrap_or_else(|_| "less".to_owned());
    let mut words = pager.split_whitespace();
    let Some(program) = words.next() else { return false };
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    if env::var_os("LESS").is_none() {
        command.env("LESS", "FRX");
    }
    let Ok(mut child) = command.spawn() else { return false };
    if let Some(stdin) = child.stdin.take() {
        let plain = anstream::AutoStream::choice(&stdout()) == anstream::ColorChoice::Never;
        let text =
            if plain { anstream::adapter::strip_str(text).to_string() } else { text.to_owned() };
        let mut stdin = stdin;
        stdin.write_all(text.as_bytes()).ok();
    }
    child.wait().is_ok()
}
