use serde_json::json;
use tempfile::TempDir;

use super::*;

const OLD: &str = "# A\n\n| count | `1` |\n\n## Notes\n\nNone.\n\n## End\n";
const NEW: &str = "# A\n\n| count | `7` |\n\n## Notes\n\nNone.\n\n## End\n";

fn name() -> CaseName {
    CaseName::of(&json!({"id": "f1"}), &"Recon:EC2/Portscan".parse().unwrap()).unwrap()
}

/// A folder with the case as it was first written.
fn folder() -> (TempDir, CaseFolder) {
    let place = TempDir::new().unwrap();
    let folder = CaseFolder::open(&place.path().join("deep/cases")).unwrap();
    assert_eq!(keep(&folder, OLD).unwrap(), Kept::Created);
    (place, folder)
}

/// Keeps a record that is neither older nor newer than another.
fn keep(folder: &CaseFolder, text: &str) -> Result<Kept, StepError> {
    folder.keep(&name(), text, Version::default())
}

fn read(folder: &CaseFolder) -> String {
    fs::read_to_string(&folder.path(&name())).unwrap()
}

fn write(folder: &CaseFolder, text: &str) {
    fs::write(&folder.path(&name()), text.as_bytes()).unwrap();
}

#[test]
fn an_untouched_case_follows_the_finding() {
    let (_place, folder) = folder();
    assert_eq!(keep(&folder, OLD).unwrap(), Kept::Unchanged);
    assert_eq!(keep(&folder, NEW).unwrap(), Kept::Updated);
    assert_eq!(read(&folder), NEW);
}

#[test]
fn what_people_wrote_stays() {
    let (_place, folder) = folder();
    let noted = OLD.replace("None.", "14:02 isolated. Call Ann.").replace('\n', "\r\n");
    write(&folder, &noted);
    assert_eq!(keep(&folder, NEW).unwrap(), Kept::Merged);
    assert_eq!(read(&folder), noted.replace("`1`", "`7`"));
    assert_eq!(keep(&folder, NEW).unwrap(), Kept::Unchanged);
}

#[test]
fn in_a_conflict_the_persons_words_stay_and_the_rest_is_new() {
    let (_place, folder) = folder();
    write(&folder, &OLD.replace("`1`", "once"));
    let newer = NEW.replace("## End", "## The end");
    let Kept::Conflict(hunks) = keep(&folder, &newer).unwrap() else { panic!() };
    assert_eq!(hunks[0].first_line, 3);
    assert_eq!(read(&folder), newer.replace("`7`", "once"));
    assert_eq!(keep(&folder, &newer).unwrap(), Kept::Unchanged);
}

#[test]
fn deleted_cases_and_files_of_others_stay_as_they_are() {
    let (_place, folder) = folder();
    fs::remove(&folder.path(&name())).unwrap();
    assert_eq!(keep(&folder, NEW).unwrap(), Kept::Deleted);
    fs::remove(&folder.folder.join(STATE_FOLDER).join("cases").join(name().as_str())).unwrap();
    write(&folder, "mine\n");
    assert_eq!(keep(&folder, NEW).unwrap(), Kept::NotOurs);
    assert_eq!(read(&folder), "mine\n");
}

/// What a run leaves that is killed behind one of its steps: the next pristine copy, and the
/// file as it was or as it is to be.
fn interrupted(folder: &CaseFolder, next: &str, file: Option<&str>, is_first: bool) {
    let cases = folder.state_folder().join("cases");
    let pristine = cases.join(name().as_str());
    fs::write(&pristine.with_extension("md.next"), next.as_bytes()).unwrap();
    if is_first {
        fs::remove(&pristine).unwrap();
        fs::remove(&folder.path(&name())).unwrap();
    }
    if let Some(text) = file {
        write(folder, text);
    }
}

#[test]
fn a_first_run_that_was_interrupted_is_completed_by_a_newer_finding() {
    for (file, expected) in [(None, Kept::Created), (Some(OLD), Kept::Updated)] {
        let (_place, folder) = folder();
        interrupted(&folder, OLD, file, true);
        assert_eq!(keep(&folder, NEW).unwrap(), expected);
        assert_eq!(read(&folder), NEW);
        assert_eq!(keep(&folder, NEW).unwrap(), Kept::Unchanged);
    }
}

#[test]
fn an_update_that_was_interrupted_is_completed_by_a_newer_finding() {
    let noted = |text: &str| text.replace("None.", "Noted.");
    let newer = NEW.replace("`7`", "`9`");
    for (file, kept, expected) in [
        (OLD.to_owned(), Kept::Updated, newer.clone()),
        (NEW.to_owned(), Kept::Updated, newer.clone()),
        (noted(OLD), Kept::Merged, noted(&newer)),
        (noted(NEW), Kept::Merged, noted(&newer)),
    ] {
        let (_place, folder) = folder();
        interrupted(&folder, NEW, Some(&file), false);
        assert_eq!(keep(&folder, &newer).unwrap(), kept, "{file}");
        assert_eq!(read(&folder), expected);
        assert_eq!(keep(&folder, &newer).unwrap(), Kept::Unchanged);
    }
}

/// A record that was updated at that time, as the folder keeps it.
fn keep_at(folder: &CaseFolder, time: &str, count: u64) -> Kept {
    let record = json!({"updatedAt": time, "service": {"count": count}});
    let text = OLD.replace("`1`", &format!("`{count}`"));
    folder.keep(&name(), &text, Version::of(&record)).unwrap()
}

#[test]
fn an_older_record_changes_nothing_in_whatever_order_records_come() {
    let records =
        [("2026-02-01T00:00:00Z", 3), ("2026-02-02T00:00:00Z", 9), ("2026-02-01T12:00:00Z", 5)];
    for [first, second, third] in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1]] {
        let place = TempDir::new().unwrap();
        for one in [first, second, third, second] {
            // Each is a run of its own.
            let folder = CaseFolder::open(place.path()).unwrap();
            keep_at(&folder, records[one].0, records[one].1);
        }
        let folder = CaseFolder::open(place.path()).unwrap();
        assert_eq!(read(&folder), OLD.replace("`1`", "`9`"));
        assert_eq!(keep_at(&folder, records[0].0, records[0].1), Kept::Newer);
        assert_eq!(keep_at(&folder, records[1].0, records[1].1), Kept::Unchanged);
        write(&folder, &OLD.replace("`1`", "`9`").replace("None.", "Ours."));
        assert_eq!(keep_at(&folder, records[2].0, records[2].1), Kept::Newer);
        assert_eq!(keep_at(&folder, "2026-02-03T00:00:00Z", 10), Kept::Merged);
    }
}

#[test]
fn no_time_keeps_later_records_away() {
    let place = TempDir::new().unwrap();
    let folder = CaseFolder::open(place.path()).unwrap();
    for time in ["9999-12-31T23:59:59Z", "never"] {
        keep_at(&folder, time, u64::MAX);
        assert_eq!(keep_at(&folder, "2026-02-01T00:00:00Z", 3), Kept::Updated);
        assert_eq!(keep_at(&folder, time, u64::MAX), Kept::Newer);
        assert_eq!(keep_at(&folder, "2026-02-02T00:00:00Z", 4), Kept::Updated);
        fs::remove(&folder.path(&name())).unwrap();
        fs::remove(&folder.state_folder().join(CASES).join(name().as_str())).unwrap();
    }
}

#[test]
fn a_newer_record_that_says_the_same_counts() {
    let (_place, folder) = folder();
    let [early, middle, late] =
        ["2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z", "2026-02-03T00:00:00Z"];
    assert_eq!(keep_at(&folder, early, 2), Kept::Updated);
    assert_eq!(keep_at(&folder, late, 2), Kept::Unchanged);
    assert_eq!(keep_at(&folder, middle, 7), Kept::Newer);
}

#[test]
fn what_was_saved_while_a_run_was_killed_is_told_and_kept() {
    let (place, folder) = folder();
    let path = folder.path(&name());
    let state = folder.state_folder();
    let swap = fs::prepare(&path, b"new", OLD.as_bytes(), &state, Durability::Buffered);
    write(&folder, "saved\n");
    fs::exchange(&swap.unwrap().unwrap(), &path).unwrap();
    drop(folder);
    let folder = CaseFolder::open(&place.path().join("deep/cases")).unwrap();
    let told = folder.late_saves().unwrap();
    let told: Vec<String> = told.iter().map(ToString::to_string).collect();
    assert!(told.len() == 1 && told[0].contains(".md.bak is what somebody saved"), "{told:?}");
    assert_eq!(fs::read(&path.with_extension("md.bak")).unwrap(), b"saved\n");
}

#[cfg(unix)]
#[test]
fn no_folder_and_no_copy_of_the_tool_is_a_link() {
    use std::os::unix::fs::symlink;
    for name in [STATE_FOLDER, ".guardduty-runbooks/cases", ".guardduty-runbooks/pristine"] {
        let place = TempDir::new().unwrap();
        let [outside, cases] = ["outside", "cases"].map(|name| place.path().join(name));
        fs::make_folders(&outside).unwrap();
        fs::make_folders(cases.join(name).parent().unwrap()).unwrap();
        symlink(&outside, cases.join(name)).unwrap();
        let error = CaseFolder::open(&cases).unwrap_err();
        assert!(matches!(error, WorkspaceError::NotAFolder { .. }), "{name}: {error}");
        assert!(fs::names_in(&outside).unwrap().unwrap().is_empty());
    }
    let (place, folder) = folder();
    let secret = place.path().join("secret");
    fs::write(&secret, b"secret").unwrap();
    let pristine = folder.state_folder().join(CASES).join(name().as_str());
    fs::remove(&pristine).unwrap();
    symlink(&secret, &pristine).unwrap();
    let error = keep(&folder, NEW).unwrap_err();
    assert!(error.to_string().contains("it is a symbolic link"), "{error}");
}

#[cfg(unix)]
#[test]
fn links_are_not_written_through() {
    let (place, folder) = folder();
    let secret = place.path().join("secret");
    fs::write(&secret, b"secret").unwrap();
    fs::remove(&folder.path(&name())).unwrap();
    std::os::unix::fs::symlink(&secret, folder.path(&name())).unwrap();
    assert!(matches!(keep(&folder, NEW), Err(StepError::NotAFile(_))));
    assert_eq!(fs::read(&secret).unwrap(), b"secret");
}
