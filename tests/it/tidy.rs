//! The house: which room of the library may use which, how long a file may be, and that
//! `ARCHITECTURE.md` knows every file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use guardduty_runbooks::fs;

/// The rooms of `src/`, as files or as folders. Each may use those that stand before it.
const ROOMS: [&str; 29] = [
    "arn",
    "hash",
    "moment",
    "severity",
    "finding_type",
    "guide",
    "diagnostic",
    "fs",
    "jinja",
    "text",
    "merge",
    "source",
    "page",
    "catalogue",
    "guidance",
    "finding",
    "selection",
    "runbook",
    "listing",
    "fill",
    "workspace",
    "case",
    "summary",
    "terminal",
    "export",
    "site",
    "cli",
    "lib",
    "main",
];

/// The most lines that a file of the library may have.
const LONGEST: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of the library, by their paths below `src/`.
fn sources() -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![root().join("src")], Vec::new());
    while let Some(folder) = folders.pop() {
        for name in fs::names_in(&folder).unwrap().unwrap() {
            let path = folder.join(name);
            if fs::is_folder(&path) {
                folders.push(path);
            } else if path.extension() == Some("rs".as_ref()) {
                files.push(path.strip_prefix(root().join("src")).unwrap().to_owned());
            }
        }
    }
    files.sort();
    assert!(files.len() > 100, "{files:?}");
    files
}

fn text(file: &Path) -> String {
    fs::read_to_string(&root().join("src").join(file)).unwrap()
}

fn room(file: &Path) -> &str {
    let first = file.iter().next().unwrap().to_str().unwrap();
    first.strip_suffix(".rs").unwrap_or(first)
}

/// The rooms that code names behind `crate::`. Comments and the tests at its end do not count.
fn used(code: &str) -> BTreeSet<String> {
    let code = code.split("#[cfg(test)]\nmod tests").next().unwrap();
    let code: Vec<&str> =
        code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let behind = &code[at + "crate::".len()..];
        let list = behind.strip_prefix('{').map(|list| list.split('}').next().unwrap());
        let names = list.map_or(vec![behind], |list| list.split(',').map(str::trim).collect());
        let is_end = |c: char| !c.is_alphanumeric() && c != '_';
        let names = names.into_iter().filter_map(|name| name.split(is_end).next());
        used.extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
    }
    used
}

#[test]
fn a_room_uses_only_those_before_it() {
    let place = |name: &str| ROOMS.iter().position(|room| *room == name);
    for file in sources() {
        let own = place(room(&file)).unwrap_or_else(|| panic!("{} is in no room", file.display()));
        let is_test = file.file_name().is_some_and(|name| name == "tests.rs");
        for name in used(&text(&file)).into_iter().filter(|_| !is_test) {
            let other = place(&name).unwrap_or_else(|| panic!("{}: {name}", file.display()));
            assert!(other <= own, "{} uses {name}, which stands below it", file.display());
        }
    }
}

#[test]
fn names_behind_the_crate_are_found() {
    let code = "use crate::fs;\n// crate::x\nuse crate::{a, b::C};\nfn f() { crate::d::e() }\n\
                #[cfg(test)]\nmod tests {\n    use crate::y;\n}\n";
    assert_eq!(used(code).into_iter().collect::<Vec<_>>(), ["a", "b", "d", "fs"]);
}

#[test]
fn no_file_is_too_long() {
    for file in sources() {
        let lines = text(&file).lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines: split it by its ideas", file.display());
    }
}

#[test]
fn the_architecture_names_every_file() {
    let architecture = fs::read_to_string(&root().join("ARCHITECTURE.md")).unwrap();
    for file in sources() {
        let name = file.file_name().unwrap().to_str().unwrap();
        // Tables of one kind stand in a folder that is named as a whole.
        let is_of_many = file.parent().is_some_and(|folder| folder.ends_with("rows"));
        let is_named = architecture.contains(&format!("{name}`"));
        assert!(
            is_named || is_of_many || name == "tests.rs",
            "{} is not in ARCHITECTURE.md",
            file.display()
        );
    }
}

/// What `SECURITY.md` promises stands or falls with the tests that it names.
#[test]
fn the_files_that_documents_name_exist() {
    for document in ["ARCHITECTURE.md", "SECURITY.md"] {
        let text = fs::read_to_string(&root().join(document)).unwrap();
        let named = text.split('`').skip(1).step_by(2);
        let is_path = |name: &&str| {
            let is_in = ["src/", "tests/", "conformance/"].iter().any(|top| name.starts_with(top));
            is_in && name.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
        };
        let paths: Vec<&str> = named.filter(is_path).collect();
        assert!(paths.len() > 4, "{paths:?}");
        for path in paths {
            assert!(root().join(path).exists(), "{document} names {path}, which does not exist");
        }
    }
}
