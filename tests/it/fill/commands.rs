//! What the shell makes of a runbook's commands: a real bash, in which `aws` and `kubectl` say what
//! they were called with, and nothing else can be run.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use guardduty_runbooks::fs;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use tempfile::TempDir;

/// Notes the number of its arguments, its name and its arguments, each ended by a NUL.
const STUB: &str = "#!/bin/bash\nprintf '%s\\0' $# \"${0##*/}\" \"$@\" >> \"$CALLS\"\n";

/// Takes each block that it is given for a function, which shows whether bash can read it, and
/// calls that in a shell of its own.
const DRIVER: &str = r#"for block in "$@"; do
  eval $'block() {\n:\n'"$block"$'\n}' || { printf '%s' "$block" > "$REFUSED"; exit; }
  ( block ) < /dev/null > /dev/null 2>&1
done"#;

/// What came of all commands of a runbook.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Calls {
    /// The calls of `aws` and `kubectl`, each with its arguments, sorted: in a pipe, either can be
    /// the first.
    pub(super) calls: Vec<Vec<String>>,
    /// The files that the commands made, and what is in them.
    pub(super) files: BTreeMap<String, String>,
}

/// Runs the shell blocks of a runbook one after another, each in a shell of its own.
///
/// # Panics
///
/// Where bash does not accept a block.
pub(super) fn run(runbook: &str) -> Calls {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    for program in ["aws", "kubectl"] {
        let path = at(&format!("bin/{program}"));
        fs::write(&path, STUB.as_bytes()).unwrap();
        make_executable(&path);
    }
    fs::make_folders(&at("work")).unwrap();
    let mut driver = Command::new("/bin/bash");
    driver.args(["-c", DRIVER, "driver"]).args(shell_blocks(runbook));
    driver.env_clear().env("PATH", at("bin")).env("CALLS", at("calls"));
    driver.env("REFUSED", at("refused")).env("HOME", at("work"));
    driver.current_dir(at("work")).stdin(Stdio::null());
    let output = driver.output().expect("there is a bash");
    if let Some(block) = fs::read_if_present(&at("refused")).unwrap() {
        let [block, why] = [&block, &output.stderr].map(|text| String::from_utf8_lossy(text));
        panic!("bash cannot read this block:\n{block}\n{why}");
    }
    let calls = fs::read_if_present(&at("calls")).unwrap().unwrap_or_default();
    Calls { calls: read_calls(&calls), files: files_in(&at("work")) }
}

/// The code that people paste into a shell.
pub(super) fn shell_blocks(runbook: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut in_shell = false;
    for event in Parser::new_ext(runbook, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                in_shell = ["bash", "sh"].contains(&info.as_ref());
                blocks.extend(in_shell.then(String::new));
            }
            Event::End(TagEnd::CodeBlock) => in_shell = false,
            Event::Text(text) if in_shell => blocks.last_mut().unwrap().push_str(&text),
            _ => {}
        }
    }
    blocks
}

fn read_calls(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = String::from_utf8_lossy(bytes);
    let mut words = text.split('\0').map(str::to_owned);
    let mut calls = Vec::new();
    while let Some(number) = words.next().filter(|word| !word.is_empty()) {
        let number: usize = number.parse().expect("the stub writes the number first");
        calls.push(words.by_ref().take(number + 1).collect());
    }
    calls.sort();
    calls
}

fn files_in(folder: &Path) -> BTreeMap<String, String> {
    let names = fs::names_in(folder).unwrap().unwrap_or_default().into_iter();
    let file = |name: String| {
        let bytes = fs::read(&folder.join(&name)).unwrap_or_default();
        (name, String::from_utf8_lossy(&bytes).into_owned())
    };
    names.map(file).collect()
}

#[cfg(unix)]
fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
