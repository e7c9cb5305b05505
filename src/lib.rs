//! Incident-response runbooks in Markdown for every Amazon GuardDuty finding type, made from AWS's
//! own documentation.
//!
//! The program `guardduty-runbooks` is a thin rim around this library. The library does everything
//! but talk: it prints nothing, and it reads no configuration of the user's. What it does not
//! understand comes back as a value.
//!
//! # A tour, in reading order
//!
//! First the words of the field, which everything else is said in:
//!
//! - [`finding_type`]: a name such as `CryptoCurrency:EC2/BitcoinTool.B!DNS`, its parts, and the slug
//!   that names its file. What does not follow AWS's grammar never becomes a file name.
//! - [`severity`]: the four levels, severities that vary, and AWS's wording beside them.
//! - [`guide`]: the pages of the GuardDuty User Guide, their addresses, and the links between them.
//! - [`moment`]: a time, in whatever form a finding has it.
//! - [`diagnostic`]: what was not understood, with page and anchor. Readers never give up as a whole:
//!   they give what they understood, and diagnostics.
//!
//! Then the way of the data, from AWS's pages to files:
//!
//! 1. [`source`] gives pages: from the live site or a mirror of it ([`source::site`]), or from a
//!    folder ([`source::folder`]).
//! 2. [`page`] reads a page, in HTML or in AWS's Markdown, into one document model, and finds in it
//!    the table of active finding types, their sections, and Custom Detection Rules.
//! 3. [`catalogue`] joins pages into finding types with facts, text and diagnostics. The catalogue that
//!    comes with the program ([`catalogue::builtin`]) has the facts of every finding type, and needs
//!    no pages.
//! 4. [`guidance`] has what a responder does about a finding, in the project's own words.
//!    [`selection`] says which finding types a run is about.
//! 5. [`runbook`] renders a finding type and its guidance through a template. [`listing`] writes the
//!    catalogue as a list.
//! 6. [`workspace`] compares a folder of runbooks with what was rendered, decides every write as a
//!    value, and carries it out so that neither edits nor a crash cost anything. [`text`] reads a
//!    runbook's text by itself, and [`merge`] puts two versions of one together.
//!
//! Then the way of a finding, when an alert fires:
//!
//! 1. [`finding`] reads findings as JSON, in any of the shapes in which people meet them.
//! 2. [`fill`] puts the values of a finding into a runbook, where they may stand.
//! 3. [`case`] joins the filled runbook with the facts of its finding, and keeps it as a file.
//! 4. [`summary`] counts the findings of an export.
//!
//! Beside these ways, [`export`] writes catalogue and guidance in the formats of other programs,
//! [`terminal`] renders a runbook for a terminal, and [`site`] makes a web site of runbooks, which runs
//! a part of this library in its pages.
//!
//! And the rim: [`fs`], through which the library touches the disk, and [`cli`], the program.
//!
//! # Example
//!
//! A runbook from the built-in catalogue, without network:
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use guardduty_runbooks::catalogue::builtin;
//! use guardduty_runbooks::finding_type::FindingType;
//! use guardduty_runbooks::runbook::{Renderer, Template};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let wanted: FindingType = "CryptoCurrency:EC2/BitcoinTool.B!DNS".parse()?;
//! let catalogue = builtin::catalogue();
//! let entry = catalogue.entries.iter().find(|entry| entry.finding_type == wanted);
//! let entry = entry.ok_or("GuardDuty has no such finding type")?;
//!
//! let vars = BTreeMap::from([("pager".to_owned(), "555-0100".into())]);
//! let template = Template::Own {
//!     name: "pager.md".to_owned(),
//!     text: "# {{ finding_type | md }}\n\n{{ severity }}: call {{ vars.pager }}.\n".to_owned(),
//! };
//! let runbook = Renderer::new(template, vars, true)?.render(entry, &catalogue)?;
//!
//! assert_eq!(
//!     runbook,
//!     "# CryptoCurrency:EC2/BitcoinTool.B!DNS\n\nHigh: call 555-0100.\n"
//! );
//! assert_eq!(wanted.slug().file_name(), "cryptocurrency-ec2-bitcointool-b-dns.md");
//! # Ok(())
//! # }
//! ```
//!
//! The runbook of a finding, with its own values in the commands ([`finding::read`] takes any shape in
//! which AWS gives findings; [`fill::fill`] keeps out what could act in a shell):
//!
//! ```
//! use guardduty_runbooks::finding;
//! use guardduty_runbooks::fill::{fill, values::Values};
//! use guardduty_runbooks::guidance::library;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let json = r#"{"type": "Recon:EC2/Portscan", "id": "0123456789abcdef0123456789abcdef",
//!     "accountId": "111122223333", "region": "eu-central-1", "service": {"count": 1},
//!     "resource": {"instanceDetails": {"instanceId": "i-0123456789abcdef0", "imageId": "'; reboot"}}}"#;
//! let finding = finding::read(json.as_bytes()).next().ok_or("there is no finding")??;
//! let runbook = "```bash\naws ec2 x --ids <INSTANCE_ID> --image '<IMAGE_ID>'\n```\n";
//! let filled = fill(runbook, &Values::of(&finding, library()));
//!
//! assert_eq!(
//!     filled.text,
//!     "```bash\naws ec2 x --ids 'i-0123456789abcdef0' --image '<IMAGE_ID>'\n```\n"
//! );
//! assert!(filled.open.contains_key("image_id"));
//! # Ok(())
//! # }
//! ```
//!
//! Without command line and network, for a program that brings its own:
//! `guardduty-runbooks = { version = "1", default-features = false }`.
//!
//! With pages at hand, [`catalogue::read()`] takes the place of [`builtin::catalogue`]:
//!
//! ```no_run
//! use std::path::Path;
//!
//! use guardduty_runbooks::catalogue;
//! use guardduty_runbooks::guide::GuideUrl;
//! use guardduty_runbooks::source::PageSource;
//! use guardduty_runbooks::source::folder::FolderReader;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let pages = PageSource::Folder(FolderReader::new(Path::new("pages"))?);
//! let reading = catalogue::read(&pages, &GuideUrl::default(), &|page| println!("{page}"))?;
//! for diagnostic in &reading.catalogue.diagnostics {
//!     println!("{diagnostic}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`builtin::catalogue`]: catalogue::builtin::catalogue

mod arn;
pub mod case;
pub mod catalogue;
#[cfg(feature = "cli")]
#[doc(hidden)] // the program, not an interface for others
pub mod cli;
pub mod diagnostic;

pub mod export;
pub mod fill;
pub mod finding;
pub mod finding_type;
pub mod fs;
pub mod guidance;
pub mod guide;
mod hash;
mod jinja;
pub mod listing;
pub mod merge;
pub mod moment;
pub mod page;
pub mod runbook;
pub mod selection;
pub mod severity;
pub mod site;
pub mod source;
pub mod summary;
#[cfg(feature = "terminal")]
pub mod terminal;
pub mod text;
pub mod workspace;
