//! Completion scripts and manual pages, made from the syntax of the command line.

use std::io::{Write as _, stdout};

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use super::args::Args;
use super::error::{CliError, Exit, printed};

/// Prints the completion script for a shell.
pub(super) fn completions(shell: Shell) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "guardduty-runbooks", &mut script);
    printed(stdout().write_all(&script))
}

/// Prints the manual page of the program, or of one of its commands.
pub(super) fn man(command: Option<&str>) -> Result<Exit, CliError> {
    let mut program = Args::command();
    program.build();
    let page = match command {
        None => program,
        Some(name) => program.find_subcommand(name).cloned().ok_or_else(|| {
            CliError::usage(&format_args!("there is no command {name:?}"))
                .hint("`guardduty-runbooks --help` lists the commands")
        })?,
    };
    let mut text = Vec::new();
    Man::new(page).render(&mut text).expect("writing to memory does not fail");
    printed(stdout().write_all(&text))
}
