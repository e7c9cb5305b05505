//! The syntax of the command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

use crate::export::RunbookLinks;
use crate::export::cacao::{IdentityId, Timestamp};
use crate::export::matano::{FieldPath, TableName};

const EXAMPLES: &str = "\
Examples:
  guardduty-runbooks --outdir runbooks
          write a runbook for every finding type; files that exist stay as they are
  guardduty-runbooks --outdir runbooks --severity critical,high --protection-plan s3
          only some of them
  guardduty-runbooks --outdir runbooks --source builtin
          without network, from the built-in catalogue
  guardduty-runbooks --outdir runbooks --dry-run --verbose
          what a run would do, and why, without doing it
  guardduty-runbooks show ec2 bitcoin dns --section first,contain
          what to do about a finding, in the terminal
  guardduty-runbooks site --outdir runbooks --output public
          a searchable web site of them, also for a file share or a closed network
  guardduty-runbooks list --severity high --format csv
          finding types with their facts, for a spreadsheet
  aws guardduty get-findings ... | guardduty-runbooks fill -
          the runbook of a finding, with its values in the commands

Exit status:
  0    done
  1    a conflict remains, or `check` found something to do
  2    wrong usage or configuration
  3    the source could not be read
  4    done in part: a runbook was not written, or facts are missing from one
  130  interrupted";

/// Writes an incident-response runbook in Markdown for every Amazon GuardDuty finding type, from
/// AWS's own documentation.
///
/// Without a command it writes the runbooks that do not exist yet, and leaves existing files alone.
#[derive(Debug, Parser)]
#[command(name = "guardduty-runbooks", version, after_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = false, subcommand_negates_reqs = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) generate: GenerateArgs,
    #[command(flatten)]
    pub(super) shared: SharedArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Bring runbooks up to date, keeping edits (three-way merge).
    Update(UpdateArgs),
    /// Report what `update` would do; for CI.
    Check(CheckArgs),
    /// Show what people changed, and what AWS changed, since the program last wrote each runbook.
    Diff(DiffArgs),
    /// Take over a folder that the Python tool wrote, edits and all.
    Adopt(AdoptArgs),
    /// List the finding types with severity, resource, protection plan and ATT&CK.
    List(ListArgs),
    /// Write catalogue and guidance in the formats of other programs.
    Export(ExportArgs),
    /// Fill runbooks with the values of findings, or sum up many findings.
    Fill(FillArgs),
    /// Show one runbook, found by its name or a part of it, for reading in the terminal.
    Show(ShowArgs),
    /// Write a searchable web site of the runbooks.
    Site(SiteArgs),
    /// Print the completion script for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page of the program, or of one of its commands.
    Man {
        /// The command; without it, the page of the program.
        command: Option<String>,
    },
}

/// What only the writing of runbooks knows.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Writing")]
pub(super) struct GenerateArgs {
    /// Overwrite existing files, also those that somebody edited.
    #[arg(short = 'o', long)]
    pub(super) overwrite: bool,
    /// With --overwrite: keep a copy (`.md.bak`) of each file that somebody edited.
    #[arg(long, requires = "overwrite")]
    pub(super) backup: bool,
    /// Say what would be written, and write nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Also write `index.md` and `index.json`, the list of the runbooks.
    #[arg(long)]
    pub(super) index: bool,
    /// Go on although more than a twentieth of the finding types has vanished.
    #[arg(long)]
    pub(super) allow_shrink: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct UpdateArgs {
    /// Only these finding types, by name or file name.
    #[arg(value_name = "TYPE")]
    pub(super) types: Vec<String>,
    /// What happens to a file where you and AWS changed the same lines.
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    pub(super) conflict: OnConflict,
    /// Write runbooks again that somebody deleted.
    #[arg(long)]
    pub(super) restore: bool,
    /// With --template: carry edits over to the other template.
    #[arg(long)]
    pub(super) port_edits: bool,
    /// Go on although more than a twentieth of the finding types has vanished.
    #[arg(long)]
    pub(super) allow_shrink: bool,
    /// Say what would be written, and write nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Also write what changed for people, in Markdown fit for a pull request.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) summary: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct CheckArgs {
    /// Only these finding types, by name or file name.
    #[arg(value_name = "TYPE")]
    pub(super) types: Vec<String>,
    /// How to write the report.
    #[arg(long, value_enum, default_value_t = CheckFormat::Table)]
    pub(super) format: CheckFormat,
    /// Go on although more than a twentieth of the finding types has vanished.
    #[arg(long)]
    pub(super) allow_shrink: bool,
    /// Also write what `update` would change, in Markdown fit for a pull request.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) summary: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// For people; `!` marks what is to be done.
    Table,
    /// For programs.
    Json,
    /// Annotations for GitHub Actions.
    Github,
}

#[derive(Debug, ClapArgs)]
pub(super) struct DiffArgs {
    /// Only these finding types, by name or file name.
    #[arg(value_name = "TYPE")]
    pub(super) types: Vec<String>,
    /// Only what people changed; needs no source.
    #[arg(long)]
    pub(super) edits: bool,
    /// Only what AWS changed.
    #[arg(long)]
    pub(super) upstream: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct AdoptArgs {
    /// A folder with the files as the Python tool wrote them, before anybody edited them.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) base: Option<PathBuf>,
    /// Say what would be taken over, and write nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum OnConflict {
    /// The file stays as it is.
    #[default]
    Keep,
    /// The file gets conflict markers.
    Inline,
}

#[derive(Debug, ClapArgs)]
pub(super) struct ListArgs {
    /// How to write the list.
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub(super) format: ListFormat,
    /// List the finding types that AWS has retired instead of the active ones.
    #[arg(long)]
    pub(super) retired: bool,
}

/// The folder's own runbook, with your edits, is shown; where there is none, the built-in one. The
/// network is not used.
#[derive(Debug, ClapArgs)]
pub(super) struct ShowArgs {
    /// The finding type: its name, its file name, or words of either in any order: `ec2 bitcoin dns`.
    #[arg(value_name = "TYPE", required = true)]
    pub(super) finding_type: Vec<String>,
    /// Only these sections, by how their headings begin: contain, "first move"; several with commas.
    #[arg(long, value_name = "HEADING", value_delimiter = ',')]
    pub(super) section: Vec<String>,
    /// How to write it [default: terminal on a terminal, else markdown].
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(super) format: Option<ShowFormat>,
    /// Print only the address of AWS's documentation of the finding type.
    #[arg(long, conflicts_with_all = ["section", "format", "path"])]
    pub(super) url: bool,
    /// Print only the path of the runbook in the folder.
    #[arg(long, conflicts_with_all = ["section", "format"])]
    pub(super) path: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ShowFormat {
    /// Wrapped to the width of the terminal, with colours, through `$PAGER` on a terminal.
    Terminal,
    /// As it is in the file.
    Markdown,
}

#[derive(Debug, ClapArgs)]
pub(super) struct SiteArgs {
    /// The folder of the site; made if it is missing [default: site].
    ///
    /// Files in it that the program did not write are never touched.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) output: Option<PathBuf>,
    /// Show the site on this machine only, at this port (8080 without a number, 0 for any that is
    /// free), until Ctrl-C; nothing is written, unless --output is given as well.
    #[arg(long, value_name = "PORT", num_args = 0..=1, default_missing_value = "8080")]
    pub(super) serve: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// Aligned columns, for people.
    Table,
    /// An array of objects with all facts, for programs.
    Json,
    /// A heading line and a line a finding type, for spreadsheets.
    Csv,
    /// A table with links to AWS's pages.
    Markdown,
}

#[derive(Debug, ClapArgs)]
pub(super) struct ExportArgs {
    #[command(subcommand)]
    pub(super) format: ExportFormat,
    /// The folder to write into; without it, a single file goes to standard output.
    #[arg(long, value_name = "DIR", global = true, value_hint = ValueHint::DirPath)]
    #[arg(help_heading = "Export")]
    pub(super) output: Option<PathBuf>,
    /// Where the runbooks are, for links to them: the address of their folder, or one with {slug}
    /// in place of a file name without .md [default: file names alone].
    #[arg(long, value_name = "URL", global = true, value_hint = ValueHint::Url)]
    #[arg(help_heading = "Export")]
    pub(super) link_base: Option<RunbookLinks>,
    /// Replace files that somebody else wrote or edited.
    #[arg(long, global = true, help_heading = "Export")]
    pub(super) overwrite: bool,
    /// Say what would be written, and write nothing.
    #[arg(long, global = true, help_heading = "Export")]
    pub(super) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum ExportFormat {
    /// A global helper and rules with tests for Panther.
    Panther,
    /// A detection for Matano.
    Matano {
        /// The table that has the findings.
        #[arg(long, value_name = "NAME", default_value = "guardduty")]
        table: TableName,
        /// The field of a record that has the finding type; the other fields of the finding stand
        /// beside it.
        #[arg(long, value_name = "PATH", default_value = "type")]
        type_field: FieldPath,
    },
    /// A layer for the ATT&CK Navigator.
    Navigator,
    /// The whole catalogue as JSON, with the names of its questions and steps; with --output, its JSON
    /// Schema as well.
    Json,
    /// The whole catalogue as CSV.
    Csv,
    /// A CACAO 2.0 playbook for each finding type.
    Cacao {
        /// When the playbooks were last changed, in UTC: 2026-01-31T12:00:00.000Z. Playbooks of the
        /// same finding type are versions of each other, told apart by it.
        #[arg(long, value_name = "TIME", default_value_t)]
        modified: Timestamp,
        /// Who makes them, as the id of a STIX identity: identity--UUID.
        #[arg(long, value_name = "ID", default_value_t)]
        created_by: IdentityId,
    },
}

/// The folder's own runbook, with your edits, is filled; where there is none, the built-in one. The
/// network is not used.
#[derive(Debug, ClapArgs)]
pub(super) struct FillArgs {
    /// Files with findings, or `-` for standard input; with --summary also folders, which are
    /// searched for files of JSON, compressed with gzip or not.
    ///
    /// Findings are recognised in every shape in which AWS gives them: of an S3 export, of `aws
    /// guardduty get-findings`, of EventBridge, SNS and SQS, of Security Hub (ASFF and OCSF); one,
    /// a list, or one after another.
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::AnyPath)]
    pub(super) files: Vec<PathBuf>,
    /// Write a file for each finding into this folder; one that exists is brought up to date, and
    /// keeps what people wrote into it.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    #[arg(conflicts_with_all = ["summary", "format"])]
    pub(super) output: Option<PathBuf>,
    /// Where people read the runbooks, for links: the address of their folder, or one with {slug} in
    /// place of a file name without .md.
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, conflicts_with = "summary")]
    pub(super) link_base: Option<RunbookLinks>,
    /// Count findings by type and severity instead, and say which types have a runbook.
    #[arg(long)]
    pub(super) summary: bool,
    /// How to write it [default: terminal on a terminal, else markdown].
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(super) format: Option<FillFormat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FillFormat {
    /// For a file, a ticket or a chat.
    Markdown,
    /// For programs: an object a line.
    Json,
    /// For reading at once.
    Terminal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PagesFormat {
    /// As the site serves them to browsers.
    Html,
    /// As the site serves them to programs.
    Markdown,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Puts an option among the general ones: the heading of the options before it would go on else.
const NO_HEADING: Option<&str> = None;

/// What every command knows.
#[derive(Debug, ClapArgs)]
pub(super) struct SharedArgs {
    /// The folder of the runbooks; made if it is missing [default: the current folder].
    #[arg(long, value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    #[arg(global = true, hide_default_value = true, help_heading = NO_HEADING)]
    pub(super) outdir: PathBuf,
    /// The configuration file, which may name paths anywhere [default: the nearest
    /// guardduty-runbooks.toml in the folder of the runbooks or above it].
    ///
    /// The search ends with the repository, with the home folder, and where the folder above belongs to
    /// somebody else. A file that is found has to be your own, and names paths in its own folder.
    #[arg(long, value_name = "FILE", global = true, value_hint = ValueHint::FilePath)]
    #[arg(help_heading = NO_HEADING)]
    pub(super) config: Option<PathBuf>,
    /// Treat every warning as a failure (exit status 4).
    #[arg(long, global = true, help_heading = NO_HEADING)]
    pub(super) strict: bool,

    #[command(flatten)]
    pub(super) source: SourceArgs,
    #[command(flatten)]
    pub(super) selection: SelectionArgs,

    /// `runbook`, `classic` (as the Python tool wrote them), or a file of your own [default:
    /// runbook].
    #[arg(long, value_name = "TEMPLATE", global = true, help_heading = "Rendering")]
    pub(super) template: Option<String>,
    /// Leave out the paragraph that names source and licence of AWS's text.
    ///
    /// The licence (CC BY-SA 4.0) asks for both wherever the text is passed on.
    #[arg(long, global = true, help_heading = "Rendering")]
    pub(super) no_attribution: bool,

    /// Say nothing but errors.
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Output")]
    pub(super) quiet: bool,
    /// Say what happens to each file and why, and what went over the network.
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(super) verbose: bool,
    /// When to use colour and show progress.
    #[arg(long, value_enum, value_name = "WHEN", global = true, default_value_t)]
    #[arg(help_heading = "Output")]
    pub(super) color: ColorChoice,
}

/// Where pages come from.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Source")]
pub(super) struct SourceArgs {
    /// Where AWS's text comes from: `auto`, `site`, `builtin`, a URL or a folder [default: auto].
    ///
    /// `auto` is AWS's site, or the built-in catalogue where the site cannot be reached. `site` is
    /// AWS's site and nothing else. `builtin` needs no network and has facts only, without AWS's
    /// text. A URL is that of another guide or of a mirror. A folder holds saved pages in HTML or
    /// Markdown.
    #[arg(long, value_name = "SOURCE", global = true)]
    pub(super) source: Option<String>,
    /// Which kind of pages a site is asked for [default: html].
    #[arg(long, value_enum, value_name = "FORMAT", global = true)]
    pub(super) pages: Option<PagesFormat>,
    /// Where pages are kept between runs [default: the platform's cache folder].
    #[arg(long, value_name = "DIR", global = true, value_hint = ValueHint::DirPath)]
    pub(super) cache_dir: Option<PathBuf>,
    /// Read every page anew, whatever is in the cache.
    #[arg(long, global = true)]
    pub(super) refresh: bool,
    /// Give up on a site after this many seconds [default: 60].
    #[arg(long, value_name = "SECONDS", global = true)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(super) timeout: Option<u64>,
    /// At most this many connections to a site that does not speak HTTP/2, 1 to 8 [default: 8].
    #[arg(long, value_name = "N", global = true)]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=8))]
    pub(super) jobs: Option<u8>,
    /// How the program names itself to a site [default: guardduty-runbooks/VERSION].
    #[arg(long, value_name = "TEXT", global = true)]
    pub(super) user_agent: Option<String>,
}

/// Which finding types a run is about.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Filters")]
pub(super) struct SelectionArgs {
    /// Only these severities: critical, high, medium, low, variable; several with commas.
    #[arg(long, value_name = "LEVEL", global = true, value_delimiter = ',')]
    pub(super) severity: Vec<String>,
    /// Only these resources: ec2, iam, s3, kubernetes, runtime, lambda, rds …; several with commas.
    #[arg(long, value_name = "RESOURCE", global = true, value_delimiter = ',')]
    pub(super) resource: Vec<String>,
    /// Only these protection plans, or a part of a name: s3, runtime, "malware protection for ec2"
    /// …; several with commas.
    #[arg(long, value_name = "PLAN", global = true, value_delimiter = ',')]
    pub(super) protection_plan: Vec<String>,
    /// Only these ATT&CK tactics, by id or name: TA0011, "command and control"; several with commas.
    #[arg(long, value_name = "TACTIC", global = true, value_delimiter = ',')]
    pub(super) tactic: Vec<String>,
    /// Only these ATT&CK techniques, with those below them: T1071, T1071.004; several with commas.
    #[arg(long, value_name = "ID", global = true, value_delimiter = ',')]
    pub(super) technique: Vec<String>,
    /// Only finding types whose name or file name fits the pattern: `CryptoCurrency:*`; repeatable.
    #[arg(long, value_name = "GLOB", global = true)]
    pub(super) include: Vec<String>,
    /// Leave out finding types whose name or file name fits the pattern; repeatable.
    #[arg(long, value_name = "GLOB", global = true)]
    pub(super) exclude: Vec<String>,
}
