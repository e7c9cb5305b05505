//! `diff`: edits against what the program wrote, and AWS's changes against the same.

use anstyle::{AnsiColor, Style};

use super::args::DiffArgs;
use super::error::{CliError, Exit};
use super::pager;
use super::printer::{Printer, plain};
use super::report::print_diagnostics;
use super::run::{Run, RunOptions};
use super::settings::Settings;
use crate::workspace::diff::{FileDiff, LineChange};
use crate::workspace::{Mode, Update, Workspace};

const FILE: Style = Style::new().bold();
const HUNK: Style = AnsiColor::Cyan.on_default();

/// Shows what people changed and what AWS changed since the program last wrote each runbook.
pub(super) fn run(
    args: &DiffArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<Exit, CliError> {
    let both = args.edits == args.upstream;
    let mut text = String::new();
    if args.edits || both {
        let workspace = Workspace::load(&settings.outdir)?;
        for diff in workspace.edits().iter().filter(|diff| is_named(&diff.to, &args.types)) {
            text.push_str(&coloured(diff));
        }
    }
    if args.upstream || both {
        let options = RunOptions {
            read_only: true,
            allow_shrink: true,
            named: args.types.clone(),
            ..RunOptions::default()
        };
        let run = Run::prepare(&options, settings, printer)?;
        let plan = run.workspace.plan(&run.upstream, Mode::Update(Update::default()))?;
        plan.upstream_changes().iter().for_each(|diff| text.push_str(&coloured(diff)));
        print_diagnostics(&run.guide.catalogue, settings, printer);
    }
    if text.is_empty() {
        printer.status("no differences");
    }
    pager::print(&text)
}

/// Whether a file is among the named finding types; without names every file is.
fn is_named(file: &str, named: &[String]) -> bool {
    let slug = |name: &String| match name.parse::<crate::finding_type::FindingType>() {
        Ok(finding_type) => finding_type.slug().file_name(),
        Err(_) => format!("{}.md", name.trim_end_matches(".md")),
    };
    named.is_empty() || named.iter().any(|name| slug(name) == file)
}

fn coloured(diff: &FileDiff) -> String {
    let FileDiff { from, to, hunks } = diff;
    let mut text = format!("{FILE}--- {from}\n+++ {to}{FILE:#}\n");
    for hunk in hunks {
        text.push_str(&format!("{HUNK}{}{HUNK:#}\n", hunk.header()));
        for line in &hunk.lines {
            let style = match line.change {
                LineChange::Same => Style::new(),
                LineChange::Removed => AnsiColor::Red.on_default(),
                LineChange::Added => AnsiColor::Green.on_default(),
            };
            text.push_str(&format!("{style}{}{style:#}", line.change.sign()));
            for part in &line.parts {
                let style = if part.is_emphasised { style.invert() } else { style };
                text.push_str(&format!("{style}{}{style:#}", plain(&part.text)));
            }
            text.push('\n');
        }
    }
    text
}
