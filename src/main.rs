//! The program `guardduty-runbooks`: parse, run, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    guardduty_runbooks::cli::main()
}
