//! The command line: the rim that reads arguments, prints, and turns what came of a run into an
//! exit status.
//!
//! [`args`] is syntax only, [`settings`] is what it means together with the configuration file.
//! A command's function gives back an [`Exit`] or a [`CliError`].

mod args;
mod config;
mod documents;
mod error;
mod generate;
mod guide;
mod index;
mod list;
mod printer;
mod report;
mod run;
mod settings;
mod update;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};
use error::{CliError, Exit};
use printer::Printer;
use settings::Settings;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are no errors, and go to stdout.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            return match error.print() {
                Ok(()) => exit.into(),
                Err(_) => Exit::Usage.into(),
            };
        }
    };
    let printer = Printer::new(&args.shared);
    let exit = run(args, &printer).unwrap_or_else(|error| {
        printer.error(&error);
        error.exit()
    });
    exit.into()
}

fn run(args: Args, printer: &Printer) -> Result<Exit, CliError> {
    match args.command {
        Some(Command::Completions { shell }) => documents::completions(shell),
        Some(Command::Man { command }) => documents::man(command.as_deref()),
        Some(Command::List(list)) => {
            list::run(&list, &Settings::new(&args.shared, args.generate.no_attribution)?, printer)
        }
        Some(Command::Update(update)) => {
            let settings = Settings::new(&args.shared, args.generate.no_attribution)?;
            update::run(&update, &settings, printer)
        }
        None => {
            let settings = Settings::new(&args.shared, args.generate.no_attribution)?;
            generate::run(&args.generate, &settings, printer)
        }
    }
}
