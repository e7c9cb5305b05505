//! Everything that is said: talk goes to stderr, data to stdout.

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{ColorChoice, SharedArgs};
use super::error::CliError;
use crate::terminal::plain;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// Says things on stderr, as loudly as was asked for.
pub(super) struct Printer {
    quiet: bool,
    verbose: bool,
    progress: bool,
}

impl Printer {
    pub(super) fn new(args: &SharedArgs) -> Self {
        let choice = match args.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        let progress = stderr().is_terminal() && args.color != ColorChoice::Never && !args.quiet;
        Self { quiet: args.quiet, verbose: args.verbose, progress }
    }

    /// What ended the run.
    #[expect(clippy::unused_self, reason = "everything that is said goes through the printer")]
    pub(super) fn error(&self, error: &CliError) {
        say("error", ERROR, &error.message);
        error.hints.iter().for_each(|hint| say("hint", HINT, hint));
    }

    /// Something that was not done.
    #[expect(clippy::unused_self, reason = "everything that is said goes through the printer")]
    pub(super) fn failure(&self, message: impl Display, hint: Option<&str>) {
        say("error", ERROR, message);
        if let Some(hint) = hint {
            say("hint", HINT, hint);
        }
    }

    /// Something that people should know.
    pub(super) fn warning(&self, message: impl Display) {
        if !self.quiet {
            say("warning", WARNING, message);
        }
    }

    /// What was done.
    pub(super) fn status(&self, message: impl Display) {
        if !self.quiet {
            line(&plain(message));
        }
    }

    /// What was done in detail.
    pub(super) fn detail(&self, message: impl Display) {
        if self.verbose {
            line(&plain(message));
        }
    }

    /// A line on a terminal that counts pages as they arrive.
    pub(super) fn page_counter(&self, source: &str) -> ProgressBar {
        if !self.progress {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{spinner} {pos} pages read from {msg}");
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_message(plain(source));
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }
}

fn say(label: &str, style: Style, message: impl Display) {
    line(&format!("{style}{label}:{style:#} {}", plain(message)));
}

/// A message that cannot reach stderr has nowhere else to go.
fn line(message: &str) {
    writeln!(anstream::stderr(), "{message}").ok();
}
