use std::path::Path;

use tempfile::TempDir;

use super::super::{create, read, read_to_string, write};
use super::*;

struct Place(TempDir);

impl Place {
    /// A folder with a file, and one for everything else.
    fn new(text: &str) -> Self {
        let place = Self(TempDir::new().unwrap());
        write(&place.file(), text.as_bytes()).unwrap();
        write(&place.temporary().join("manifest.json"), b"{}").unwrap();
        place
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("a.md")
    }

    fn temporary(&self) -> PathBuf {
        self.0.path().join("state")
    }

    fn replace(&self, new: &str, before: &str) -> Replacement {
        let (file, temporary) = (self.file(), self.temporary());
        let [new, before] = [new, before].map(str::as_bytes);
        replace_unchanged(&file, new, before, &temporary, Durability::Synced).unwrap()
    }

    fn prepare(&self) -> PathBuf {
        let (file, temporary) = (self.file(), self.temporary());
        prepare(&file, b"new", b"old", &temporary, Durability::Buffered).unwrap().unwrap()
    }

    /// What came of a decision about the displaced file.
    fn settle(&self, swap: &Path) -> Replacement {
        settle(&self.file(), swap, b"new", b"old").unwrap()
    }

    fn text(&self) -> String {
        read_to_string(&self.file()).unwrap()
    }

    /// Whether nothing is left but the file and what was there before.
    fn is_tidy(&self) -> bool {
        assert_eq!(recover(&self.temporary(), self.0.path()).unwrap(), []);
        names_in(&self.temporary()).unwrap().unwrap() == ["manifest.json"]
            && names_in(self.0.path()).unwrap().unwrap() == ["a.md", "state"]
    }
}

#[test]
fn a_file_that_is_as_it_was_read_is_replaced() {
    let place = Place::new("old");
    assert_eq!(place.replace("new", "old"), Replacement::Done);
    assert_eq!(place.text(), "new");
    assert!(place.is_tidy());
}

#[test]
fn a_file_that_was_saved_or_went_meanwhile_stays_so() {
    let place = Place::new("saved");
    assert_eq!(place.replace("new", "old"), Replacement::Changed);
    assert_eq!(place.text(), "saved");
    assert!(place.is_tidy());
    remove(&place.file()).unwrap();
    assert_eq!(place.replace("new", "old"), Replacement::NotAFile);
    std::fs::create_dir(place.file()).unwrap();
    assert_eq!(place.replace("new", "old"), Replacement::NotAFile);
    assert!(place.is_tidy());
}

#[cfg(unix)]
#[test]
fn a_link_that_came_meanwhile_gets_its_name_back() {
    let place = Place::new("old");
    let swap = place.prepare();
    remove(&place.file()).unwrap();
    std::os::unix::fs::symlink("elsewhere", place.file()).unwrap();
    exchange(&swap, &place.file()).unwrap();
    assert_eq!(place.settle(&swap), Replacement::Changed);
    assert_eq!(std::fs::read_link(place.file()).unwrap(), Path::new("elsewhere"));
    assert!(place.is_tidy());
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
#[test]
fn whatever_is_saved_at_whatever_moment_the_newest_save_stays() {
    // By a new file in place of the old one, and into the open file.
    fn by_rename(path: &Path, text: &str) {
        write(path, text.as_bytes()).unwrap();
    }
    fn in_place(path: &Path, text: &str) {
        std::io::Write::write_all(&mut std::fs::File::create(path).unwrap(), text.as_bytes())
            .unwrap();
    }
    let ways = [by_rename, in_place];
    for (before, after) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let place = Place::new("old");
        let swap = place.prepare();
        ways[before](&place.file(), "first");
        exchange(&swap, &place.file()).unwrap();
        ways[after](&place.file(), "second");
        assert_eq!(place.settle(&swap), Replacement::Changed);
        assert_eq!(place.text(), "second");
        assert!(place.is_tidy());
    }
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
#[test]
fn a_file_that_was_moved_away_meanwhile_does_not_hide_a_save() {
    let place = Place::new("old");
    let swap = place.prepare();
    write(&place.file(), b"saved").unwrap();
    exchange(&swap, &place.file()).unwrap();
    remove(&place.file()).unwrap();
    assert_eq!(place.settle(&swap), Replacement::Changed);
    assert_eq!(place.text(), "saved");
    assert!(place.is_tidy());
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
#[test]
fn a_save_that_has_only_begun_is_waited_for() {
    let place = Place::new("old");
    // The editor has emptied the file, and is to write it.
    let mut editor = std::fs::File::create(place.file()).unwrap();
    let writer = thread::spawn(move || {
        thread::sleep(SAVED_WITHIN / 4);
        std::io::Write::write_all(&mut editor, b"saved").unwrap();
    });
    assert_eq!(place.replace("new", ""), Replacement::Changed);
    writer.join().unwrap();
    assert_eq!(place.text(), "saved");
}

#[test]
fn where_names_cannot_be_exchanged_the_file_is_compared_before() {
    for (text, expected) in [("old", Replacement::Done), ("saved", Replacement::Changed)] {
        let place = Place::new(text);
        let swap = place.prepare();
        assert_eq!(compare_and_rename(&place.file(), &swap, b"old").unwrap(), expected);
        assert_eq!(place.text() == "new", expected == Replacement::Done);
        assert!(place.is_tidy());
    }
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
#[test]
fn a_save_into_a_file_that_was_found_before_it_was_displaced_is_kept() {
    for saved_before in ["old", "saved"] {
        let place = Place::new(saved_before);
        let find = || std::fs::OpenOptions::new().write(true).open(place.file()).unwrap();
        let swap = place.prepare();
        let before = find();
        exchange(&swap, &place.file()).unwrap();
        let after = find();
        place.settle(&swap);
        // What this program wrote is displaced in turn, where somebody had saved.
        let mut late = if saved_before == "old" { before } else { after };
        late.set_len(0).unwrap();
        std::io::Write::write_all(&mut late, b"late").unwrap();
        let rescued = recover(&place.temporary(), place.0.path()).unwrap();
        assert_eq!(read(&rescued[0].copy).unwrap(), b"late");
    }
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
#[test]
fn a_kill_at_any_moment_leaves_what_the_next_run_can_judge() {
    for is_exchanged in [false, true] {
        let place = Place::new("old");
        let swap = place.prepare();
        if is_exchanged {
            exchange(&swap, &place.file()).unwrap();
        }
        assert_eq!(recover(&place.temporary(), place.0.path()).unwrap(), []);
        assert_eq!(place.text(), if is_exchanged { "new" } else { "old" });
        assert!(place.is_tidy());
    }
    let place = Place::new("old");
    create(&place.0.path().join("a.md.bak"), b"mine", place.0.path()).unwrap();
    let swap = place.prepare();
    write(&place.file(), b"saved").unwrap();
    exchange(&swap, &place.file()).unwrap();
    let copy = place.0.path().join("a.md.bak2");
    let expected = Rescued { file: place.file(), copy: copy.clone() };
    assert_eq!(recover(&place.temporary(), place.0.path()).unwrap(), [expected]);
    assert_eq!(read(&copy).unwrap(), b"saved");
}

#[test]
fn a_file_that_was_saved_meanwhile_is_not_removed() {
    for (before, expected) in [("old", Replacement::Done), ("older", Replacement::Changed)] {
        let place = Place::new("old");
        let removed = remove_unchanged(&place.file(), before.as_bytes(), &place.temporary());
        assert_eq!(removed.unwrap(), expected);
        let is_there = expected == Replacement::Changed;
        assert_eq!(names_in(place.0.path()).unwrap().unwrap().contains(&"a.md".into()), is_there);
        assert_eq!(names_in(&place.temporary()).unwrap().unwrap(), ["manifest.json"]);
    }
}

#[test]
fn other_names_are_not_those_of_displaced_files() {
    let name = Displaced::name(Path::new("x/a.b.md"), b"new", b"old");
    let displaced = Displaced::read(&name).unwrap();
    assert_eq!(displaced.file, "a.b.md");
    assert!(displaced.expects(b"new") && displaced.expects(b"old"));
    assert!(!displaced.expects(b"saved") && !displaced.expects(b""));
    for name in ["a.md", ".a.md.abc.tmp", ".a.md.0.1.swap.tmp", ".swap.tmp"] {
        assert_eq!(Displaced::read(name), None, "{name}");
    }
}
