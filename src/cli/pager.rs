//! Long texts for people: through their pager where one reads.

use std::env;
use std::io::{IsTerminal as _, Write as _, stdout};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::{CliError, Exit, printed};

/// What a line is as wide as where nothing says how wide the terminal is.
const USUAL_COLUMNS: usize = 80;
/// Longer lines are hard to read.
const MOST_COLUMNS: usize = 120;

static IS_OPEN: AtomicBool = AtomicBool::new(false);

/// Prints a text with colours: through `$PAGER` (else `less`) on a terminal, without colours where
/// they are not wanted.
pub(super) fn print(text: &str) -> Result<Exit, CliError> {
    if stdout().is_terminal() && through_pager(text) {
        return Ok(Exit::Done);
    }
    printed(anstream::stdout().write_all(text.as_bytes()))
}

/// The width for texts that are wrapped: `$COLUMNS`, else that of the terminal, within what can be
/// read well.
pub(super) fn columns() -> usize {
    let set = env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let columns = set.or_else(terminal).filter(|&columns| columns > 0);
    columns.unwrap_or(USUAL_COLUMNS).min(MOST_COLUMNS)
}

/// Whether somebody is reading in a pager, to which an interruption then belongs.
pub(super) fn is_open() -> bool {
    IS_OPEN.load(Ordering::Relaxed)
}

/// Whether a pager took the text; one that was closed early took what its reader wanted.
fn through_pager(text: &str) -> bool {
    IS_OPEN.store(true, Ordering::Relaxed);
    let is_taken = start().is_some_and(|mut child| {
        if let Some(mut stdin) = child.stdin.take() {
            let plain = anstream::AutoStream::choice(&stdout()) == anstream::ColorChoice::Never;
            let text = if plain {
                anstream::adapter::strip_str(text).to_string()
            } else {
                text.to_owned()
            };
            stdin.write_all(text.as_bytes()).ok();
        }
        child.wait().is_ok()
    });
    IS_OPEN.store(false, Ordering::Relaxed);
    is_taken
}

fn start() -> Option<Child> {
    let pager = env::var("PAGER").unwrap_or_else(|_| "less".to_owned());
    let mut words = pager.split_whitespace();
    let program = words.next()?;
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    if Path::new(program).file_stem().is_some_and(|name| name == "less") {
        // Whatever $LESS says, colours are to be shown as colours.
        command.arg("-R");
    }
    if env::var_os("LESS").is_none() {
        command.env("LESS", "FRX");
    }
    command.spawn().ok()
}
