//! The folder of real pages, where it is given.

use std::cell::Cell;
use std::path::PathBuf;

use guardduty_runbooks::catalogue::{self, Reading};
use guardduty_runbooks::guide::GuideUrl;
use guardduty_runbooks::source::PageSource;
use guardduty_runbooks::source::folder::FolderReader;

thread_local! {
    /// Whether this test, which has a thread of its own, has said that it is skipped.
    static SAID: Cell<bool> = const { Cell::new(false) };
}

/// The folder of real pages; none, said loudly, where none is given. A folder that is given and
/// cannot be used fails the test.
pub(crate) fn data() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("GUARDDUTY_RUNBOOKS_TEST_DATA") else {
        if !SAID.replace(true) {
            // Past the test harness, which swallows what a passing test prints.
            let note =
                "\nSKIPPED: a test on real pages; set GUARDDUTY_RUNBOOKS_TEST_DATA to run it\n";
            std::io::Write::write_all(&mut std::io::stderr(), note.as_bytes()).expect("stderr");
        }
        return None;
    };
    let folder = PathBuf::from(folder);
    assert!(folder.join("docs").is_dir(), "{}: no folder docs/ there", folder.display());
    Some(folder)
}

/// Reads a recorded state of the guide.
pub(crate) fn state(name: &str) -> Option<Reading> {
    let folder = data()?.join("docs").join(name);
    let reader = FolderReader::new(&folder).expect("the recorded state is there");
    let source = PageSource::Folder(reader);
    Some(catalogue::read(&source, &GuideUrl::default(), &|_| ()).expect("it can be read"))
}
