//! Lists the files of `guidance/` for `src/guidance/library.rs`, so that they are compiled in and
//! a file that is added needs no mention anywhere.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let guidance = root.join("guidance");
    println!("cargo::rerun-if-changed={}", guidance.display());
    let mut files = Vec::new();
    collect(&guidance, &mut files)?;
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&guidance).expect("found below it");
        let name = name.to_str().expect("named in ASCII").replace('\\', "/");
        list += &format!(
            "({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/guidance/{name}\"))),\n"
        );
    }
    list += "]\n";
    let target = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    #[expect(clippy::disallowed_methods, reason = "a build script has no use for crate::fs")]
    fs::write(target.join("guidance_files.rs"), list)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "a build script has no use for crate::fs")]
    let entries = fs::read_dir(folder)?;
    for entry in entries {
        let path = entry?.path();
        let is_data = path.extension().is_some_and(|e| e == "md" || e == "toml");
        if path.is_dir() {
            collect(&path, files)?;
        } else if is_data && path.file_name().is_some_and(|name| name != "README.md") {
            files.push(path);
        }
    }
    Ok(())
}
