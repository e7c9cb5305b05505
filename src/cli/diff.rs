//! `diff`: edits against what the program wrote, and AWS's changes against the same.

use std::collections::BTreeSet;

use anstyle::{AnsiColor, Style};

use super::args::DiffArgs;
use super::error::{CliError, Exit};
use super::names;
use super::pager;
use super::printer::Printer;
use super::report::print_diagnostics;
use super::run::{Run, RunOptions};
use super::settings::Settings;
use crate::catalogue::lookup::is_name_of;
use crate::finding_type::FindingType;
use crate::terminal::plain;
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
    let show_edits = |workspace: &Workspace, text: &mut String| {
        let is_named = |name: &&FindingType| args.types.iter().any(|given| is_name_of(given, name));
        let named = workspace.tracked_types().filter(is_named).map(|name| name.slug().file_name());
        let named: BTreeSet<String> = named.collect();
        let edits = workspace.edits();
        let shown = edits.iter().filter(|diff| args.types.is_empty() || named.contains(&diff.to));
        shown.for_each(|diff| text.push_str(&coloured(diff)));
    };
    if args.edits && !both {
        let workspace = Workspace::load(&settings.outdir)?;
        names::named(&args.types, workspace.tracked_types())?;
        show_edits(&workspace, &mut text);
    } else {
        let options = RunOptions {
            read_only: true,
            allow_shrink: true,
            named: args.types.clone(),
            ..RunOptions::default()
        };
        let run = Run::prepare(&options, settings, printer)?;
        if both {
            show_edits(&run.workspace, &mut text);
        }
        let plan = run.workspace.plan(&run.upstream, Mode::Update(Update::default()))?;
        plan.upstream_changes().iter().for_each(|diff| text.push_str(&coloured(diff)));
        print_diagnostics(&run.guide.catalogue, settings, printer);
    }
    if text.is_empty() {
        printer.status("no differences");
    }
    pager::print(&text)
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
