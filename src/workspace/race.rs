//! People save runbooks while `update` runs, in each way in which editors save. No save is lost.

#![cfg(any(target_os = "linux", target_vendor = "apple"))]

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::fixture::*;
use super::{Mode, Outcome, Update};
use crate::fs;

const X: &str = "Backdoor:EC2/X.B";
const FILE: &str = "backdoor-ec2-x-b.md";
const NOTE: &str = "Our note number ";

/// What came of a race.
#[derive(Debug, Default)]
struct Race {
    lost: usize,
    /// How many are beside the file.
    beside: usize,
    /// How many runs wrote the file.
    written: usize,
    /// How many runs found that it had been saved meanwhile.
    changed_meanwhile: usize,
}

/// A save as an editor makes it: it knows the file, changes the note, and writes it.
fn save(path: &Path, number: usize) {
    let Some(text) = has_note(path).map(|(text, _)| text) else { return };
    let kept = text.lines().filter(|line| !line.starts_with(NOTE));
    let note = format!("{NOTE}{number}.");
    let lines: Vec<&str> = kept.chain([note.as_str(), ""]).collect();
    let text = lines.join("\n");
    if number.is_multiple_of(2) {
        fs::write(path, text.as_bytes()).unwrap();
    } else {
        File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
    }
}

/// A text with a note in it, and the note; none where the file is only half there.
fn has_note(path: &Path) -> Option<(String, String)> {
    let text = fs::read_to_string(path).ok()?;
    let note = text.lines().find(|line| line.starts_with(NOTE))?.to_owned();
    Some((text, note))
}

/// Whether the save is in the file, now or as soon as a run has put it back.
fn is_there(path: &Path, number: usize) -> bool {
    let begin = Instant::now();
    let expected = format!("{NOTE}{number}.");
    while has_note(path).is_none_or(|(_, note)| note != expected) {
        if begin.elapsed() > Duration::from_secs(2) {
            return false;
        }
        thread::yield_now();
    }
    true
}

fn is_in_conflict(outcome: &Outcome) -> bool {
    outcome.counts.in_conflict > 0
}

/// The number that AWS says in the file.
fn said(path: &Path) -> Option<usize> {
    let text = fs::read_to_string(path).ok()?;
    let (_, behind) = text.split_once("AWS says ")?;
    behind.split_once('.')?.0.parse().ok()
}

fn race(saves: usize) -> Race {
    let folder = Folder::new();
    let text = |number: usize| format!("AWS says {number}.\n\nAnd more.\n\nAnd the end.");
    folder.run(&upstream(&[aws(X, &text(0))]), PLAIN);
    let path = folder.path().join(FILE);
    folder.write(FILE, folder.read(FILE) + "\n" + NOTE + "0.\n");
    let is_over = AtomicBool::new(false);
    let mut race = Race::default();
    thread::scope(|scope| {
        let updates = scope.spawn(|| {
            let (mut written, mut changed, mut number) = (0, 0, 1);
            while !is_over.load(Ordering::Relaxed) {
                let source = upstream(&[aws(X, &text(number))]);
                let (_, outcome) = folder.run(&source, Mode::Update(Update::default()));
                written += outcome.counts.merged;
                changed += outcome.failures.len();
                // Who saved an older text has put it back: the next source says the same.
                let in_file = is_in_conflict(&outcome).then(|| said(&path)).flatten();
                number = in_file.unwrap_or(number + 1);
            }
            (written, changed)
        });
        for number in 1..=saves {
            save(&path, number);
            if !is_there(&path, number) {
                // Whoever saved too late to be seen at once finds the save beside the file.
                let is_beside = |name: &String| {
                    let text = fs::read_to_string(&folder.path().join(name)).unwrap();
                    name.contains(".md.bak") && text.contains(&format!("{NOTE}{number}."))
                };
                let names = fs::names_in(&folder.path()).unwrap().unwrap();
                let is_kept =
                    names.iter().filter(|name| *name != ".guardduty-runbooks").any(is_beside);
                race.beside += usize::from(is_kept);
                race.lost += usize::from(!is_kept);
            }
            // Somewhere within a run, which waits for 20 ms where a file has just been saved.
            thread::sleep(Duration::from_micros((number as u64 * 7919) % 30_000));
        }
        is_over.store(true, Ordering::Relaxed);
        (race.written, race.changed_meanwhile) = updates.join().unwrap();
    });
    race
}

#[test]
fn no_save_is_lost_to_an_update() {
    let race = race(200);
    assert_eq!(race.lost, 0, "{race:?}");
    assert!(race.written > 0, "{race:?}");
}

/// For figures: `cargo test --lib race -- --ignored --nocapture`.
#[test]
#[ignore = "it takes two minutes"]
fn none_of_five_thousand_saves_is_lost_to_an_update() {
    let begin = Instant::now();
    let race = race(5000);
    println!("{race:?} in {:?}", begin.elapsed());
    assert_eq!(race.lost, 0, "{race:?}");
}
