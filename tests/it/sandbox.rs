//! The program in a folder of its own, cut off from the network and from whoever runs the tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use guardduty_runbooks::fs::{self, Kind};
use tempfile::TempDir;

use crate::mini::Guide;

/// Nobody listens there, so that whatever goes to the live site is refused at once.
const CLOSED_PROXY: &str = "http://127.0.0.1:9";

/// A new folder with whatever a test puts there, in which the program runs.
pub(crate) struct Sandbox {
    folder: TempDir,
    variables: BTreeMap<String, String>,
}

/// A runbook without the sections that guidance fills, which have tests of their own.
pub(crate) fn outside_guidance(runbook: &str) -> String {
    const GUIDANCE: [&str; 10] = [
        "First move",
        "Triage",
        "Investigate",
        "Contain",
        "Eradicate and recover",
        "False positives and suppression",
        "Escalate",
        "Close",
        "Without Athena",
        "Placeholders",
    ];
    let mut outside = true;
    let kept = runbook.split_inclusive('\n').filter(|line| {
        if let Some(section) = line.strip_prefix("## ") {
            outside = !GUIDANCE.contains(&section.trim_end());
        } else if line.starts_with("---") {
            outside = true;
        }
        outside
    });
    kept.collect()
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("there is a folder for temporary files");
        let home = folder.path().join("home").display().to_string();
        let variables = [
            ("HOME", home.clone()),
            ("XDG_CACHE_HOME", format!("{home}/cache")),
            ("HTTPS_PROXY", CLOSED_PROXY.to_owned()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value));
        Self { folder, variables: variables.into() }
    }

    /// Puts the pages of a guide into the folder `guide`, in place of those that were there.
    pub(crate) fn guide(self, guide: &Guide) -> Self {
        self.put_guide(guide);
        self
    }

    /// Puts the pages of a guide into the folder `guide`, in place of those that were there.
    pub(crate) fn put_guide(&self, guide: &Guide) {
        let folder = self.path("guide");
        for name in fs::names_in(&folder).expect("it can be listed").unwrap_or_default() {
            fs::remove(&folder.join(name)).expect("it can be removed");
        }
        for (name, text) in guide.files() {
            fs::write(&folder.join(name), text.as_bytes()).expect("it can be written");
        }
    }

    /// Writes a file, in folders that are made.
    pub(crate) fn write(self, path: &str, text: &str) -> Self {
        self.put(path, text);
        self
    }

    /// Writes a file, in folders that are made.
    pub(crate) fn put(&self, path: &str, text: &str) {
        fs::write(&self.path(path), text.as_bytes()).expect("it can be written");
    }

    /// Sets an environment variable for the program.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Where a path of this folder is.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The text of a file.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(&self.path(path)).expect("the file is there")
    }

    /// Whether anything has that name.
    pub(crate) fn has(&self, path: &str) -> bool {
        fs::kind(&self.path(path)).expect("it can be looked at") != Kind::Missing
    }

    /// The names of the Markdown files in a folder, sorted.
    pub(crate) fn runbooks(&self, folder: &str) -> Vec<String> {
        let names = fs::names_in(&self.path(folder)).expect("it can be listed");
        let is_markdown = |name: &String| name.strip_suffix(".md").is_some();
        names.unwrap_or_default().into_iter().filter(is_markdown).collect()
    }

    /// Every file below a folder, with what it holds and when it was written.
    pub(crate) fn tree(&self, folder: &str) -> Tree {
        let mut files = BTreeMap::new();
        collect(&self.path(folder), folder, &mut files);
        Tree(files)
    }

    /// Runs the program with arguments that stand in one line, without quoting.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        self.run_with(&arguments.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs the program with arguments, which may hold white space.
    pub(crate) fn run_with(&self, arguments: &[&str]) -> Run {
        self.finish(&mut self.command(arguments))
    }

    /// Runs a program to its end.
    pub(crate) fn finish(&self, command: &mut Command) -> Run {
        let output = command.output().expect("the program can be started");
        Run { output, folder: self.folder.path().to_owned() }
    }

    /// Runs the program with an address space of so many KiB.
    #[cfg(target_os = "linux")]
    pub(crate) fn run_within(&self, limit: &str, arguments: &[&str]) -> Run {
        let command = self.command(arguments);
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", r#"ulimit -v "$0" && exec "$@""#, limit])
            .arg(command.get_program())
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(&self.variables)
            .stdin(Stdio::null());
        let output = shell.output().expect("the program can be started");
        Run { output, folder: self.folder.path().to_owned() }
    }

    /// The program, ready to be started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_guardduty-runbooks"), arguments)
    }

    /// Another program, ready to be started as the program would be.
    pub(crate) fn command_of(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(&self.variables)
            .stdin(Stdio::null());
        command
    }
}

fn collect(path: &Path, name: &str, files: &mut BTreeMap<String, TreeFile>) {
    for inner in fs::names_in(path).expect("it can be listed").unwrap_or_default() {
        let (path, name) = (path.join(&inner), format!("{name}/{inner}"));
        if fs::kind(&path).expect("it can be looked at") == Kind::Folder {
            collect(&path, &name, files);
        } else {
            let modified = std::fs::symlink_metadata(&path).and_then(|data| data.modified());
            let modified = modified.expect("this system keeps times");
            let bytes = fs::read(&path).unwrap_or_default();
            files.insert(name, TreeFile { bytes, modified });
        }
    }
}

/// The files below a folder; two are equal where nothing at all was written in between.
#[derive(PartialEq, Eq)]
pub(crate) struct Tree(BTreeMap<String, TreeFile>);

#[derive(PartialEq, Eq)]
struct TreeFile {
    bytes: Vec<u8>,
    modified: SystemTime,
}

impl Tree {
    /// The names of the files that differ from those of another tree, or are in one only.
    pub(crate) fn changed_since(&self, before: &Self) -> Vec<String> {
        let names: BTreeSet<&String> = self.0.keys().chain(before.0.keys()).collect();
        let changed = names.into_iter().filter(|&name| self.0.get(name) != before.0.get(name));
        changed.cloned().collect()
    }

    /// Whether there is no file.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What every file holds, by name.
    pub(crate) fn bytes(&self) -> BTreeMap<&str, &[u8]> {
        self.0.iter().map(|(name, file)| (name.as_str(), file.bytes.as_slice())).collect()
    }
}

/// What came of a run. Shown, it is exit status, stdout and stderr together, with the names of the
/// test's own folder and server replaced.
pub(crate) struct Run {
    output: Output,
    folder: PathBuf,
}

impl Run {
    /// Fails the test where the program ended with another status.
    #[track_caller]
    pub(crate) fn expect_exit(self, status: i32) -> Self {
        assert_eq!(self.output.status.code(), Some(status), "{self}");
        self
    }

    /// What was printed as data.
    pub(crate) fn stdout(&self) -> String {
        self.text(&self.output.stdout)
    }

    /// What was said.
    pub(crate) fn stderr(&self) -> String {
        self.text(&self.output.stderr)
    }

    fn text(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes);
        let text = text.replace(&self.folder.display().to_string(), "[FOLDER]");
        without_numbers(
            &without_numbers(&text, "127.0.0.1:", "[SERVER]"),
            "(os error ",
            "(os error N",
        )
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.output.status.code().map_or("none".to_owned(), |code| code.to_string());
        write!(f, "exit status: {status}")?;
        for (name, text) in [("stdout", self.stdout()), ("stderr", self.stderr())] {
            if !text.is_empty() {
                write!(f, "\n--- {name}\n{}", text.trim_end_matches('\n'))?;
            }
        }
        Ok(())
    }
}

/// The text with something else in place of each mark and the number behind it: a server gets any
/// free port, and errors have other numbers on other systems.
fn without_numbers(text: &str, mark: &str, instead: &str) -> String {
    let mut parts = text.split(mark);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(instead);
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    out
}
