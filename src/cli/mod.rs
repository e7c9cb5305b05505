//! The command line: the rim that reads arguments, prints, and turns what came of a run into an
//! exit status.
//!
//! `args` is syntax only, `settings` is what it means together with the configuration file.
//! A command's function gives back an `Exit` or a `CliError`.

mod adopt;
mod args;
mod check;
mod config;
mod confines;
mod diff;
mod discovery;
mod documents;
mod error;
mod export;
mod fill;
mod fill_summary;
mod generate;
mod guide;
mod index;
mod list;
mod names;
mod overlays;
mod pager;
mod printer;
mod report;
mod run;
mod serve;
mod settings;
mod show;
mod site;
mod templates;
mod update;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command, SharedArgs};
use error::{CliError, Exit};
use printer::Printer;
use settings::Settings;

use crate::workspace::Counts;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are no errors, and go to stdout.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            // Whoever has closed the pipe does not want to know more.
            error.print().ok();
            return exit.into();
        }
    };
    let printer = Printer::new(&args.shared);
    end_when_interrupted(&printer);
    let exit = run(&args, &printer).unwrap_or_else(|error| {
        printer.error(&error);
        error.exit()
    });
    exit.into()
}

fn run(args: &Args, printer: &Printer) -> Result<Exit, CliError> {
    let with = |command: &dyn Fn(&Settings) -> Result<Exit, CliError>| {
        let settings = settings(&args.shared, printer)?;
        command(&settings).map_err(|error| settings.blamed(error))
    };
    match &args.command {
        Some(Command::Completions { shell }) => documents::completions(*shell),
        Some(Command::Man { command }) => documents::man(command.as_deref()),
        Some(Command::Check(check)) => with(&|settings| check::run(check, settings, printer)),
        Some(Command::Diff(diff)) => with(&|settings| diff::run(diff, settings, printer)),
        Some(Command::Fill(fill)) => with(&|settings| fill::run(fill, settings, printer)),
        Some(Command::List(list)) => with(&|settings| list::run(list, settings, printer)),
        Some(Command::Export(export)) => with(&|settings| export::run(export, settings, printer)),
        Some(Command::Show(show)) => show::run(show, &args.shared, printer),
        Some(Command::Site(site)) => with(&|settings| site::run(site, settings, printer)),
        Some(Command::Adopt(adopt)) => {
            writing(printer, || with(&|settings| adopt::run(adopt, settings, printer)))
        }
        Some(Command::Update(update)) => {
            writing(printer, || with(&|settings| update::run(update, settings, printer)))
        }
        None => {
            writing(printer, || with(&|settings| generate::run(&args.generate, settings, printer)))
        }
    }
}

/// What a run is to do; in detail it is told which configuration is in force.
fn settings(args: &SharedArgs, printer: &Printer) -> Result<Settings, CliError> {
    let settings = Settings::new(args)?;
    if let Some(file) = settings.configuration() {
        printer.detail(format_args!("the configuration in force is {}", file.display()));
    }
    Ok(settings)
}

/// Runs a command that writes runbooks. An error of it ends the run before anything is written,
/// and the last line says so.
fn writing(
    printer: &Printer,
    command: impl FnOnce() -> Result<Exit, CliError>,
) -> Result<Exit, CliError> {
    command().or_else(|error| {
        printer.error(&error);
        printer
            .status(format_args!("{} (nothing was written)", report::summary(&Counts::default())));
        Ok(error.exit())
    })
}

/// Ctrl-C ends the program at once, in any of its threads; what was written so far is whole, and
/// the next run goes on from there.
fn end_when_interrupted(printer: &Printer) {
    let quiet_exit = || {
        // The interruption is the pager's, which may end a search by it and go on.
        if !pager::is_open() {
            std::process::exit(Exit::INTERRUPTED);
        }
    };
    if ctrlc::set_handler(quiet_exit).is_err() {
        printer.detail("an interruption cannot be noticed on this system");
    }
}
