//! Long texts for people: through their pager where one reads.

use std::env;
use std::io::{self, IsTerminal as _, Write as _, stdout};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::{CliError, Exit, printed};

/// What a line is as wide as where nothing says how wide the terminal is.
const USUAL_COLUMNS: usize = 80;
/// Longer lines are hard to read.
const MOST_COLUMNS: usize = 120;

static IS_OPEN: AtomicBool = AtomicBool::new(false);

/// Texts with colours on their way to people: through `$PAGER` (else `less`) on a terminal, without
/// colours where they are not wanted. One after another goes through the same pager.
pub(super) struct Pager {
    child: Option<Child>,
}

/// Prints a single text.
pub(super) fn print(text: &str) -> Result<Exit, CliError> {
    let mut pager = Pager::open();
    pager.write(text)?;
    Ok(Exit::Done)
}

impl Pager {
    pub(super) fn open() -> Self {
        // Before it is there, so that it can be interrupted as soon as it is.
        IS_OPEN.store(true, Ordering::Relaxed);
        let child = stdout().is_terminal().then(start).flatten();
        IS_OPEN.store(child.is_some(), Ordering::Relaxed);
        Self { child }
    }

    /// Writes a text. False where nobody reads any more: whoever closes a pager early has seen what
    /// they wanted.
    pub(super) fn write(&mut self, text: &str) -> Result<bool, CliError> {
        let Some(stdin) = self.child.as_mut().and_then(|child| child.stdin.as_mut()) else {
            let result = anstream::stdout().write_all(text.as_bytes());
            let is_read = !is_closed(&result);
            return printed(result).map(|_| is_read);
        };
        let plain = anstream::AutoStream::choice(&stdout()) == anstream::ColorChoice::Never;
        let result = if plain {
            stdin.write_all(anstream::adapter::strip_str(text).to_string().as_bytes())
        } else {
            stdin.write_all(text.as_bytes())
        };
        Ok(result.is_ok())
    }
}

impl Drop for Pager {
    /// Stays until the pager is closed.
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.stdin.take());
            child.wait().ok();
        }
        IS_OPEN.store(false, Ordering::Relaxed);
    }
}

/// Whether what was written could not be, because nobody reads any more.
pub(super) fn is_closed(result: &io::Result<()>) -> bool {
    matches!(result, Err(error) if error.kind() == io::ErrorKind::BrokenPipe)
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
