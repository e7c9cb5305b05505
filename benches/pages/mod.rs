//! The pages that benchmarks read, and what is made of them.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use guardduty_runbooks::catalogue::{self, Catalogue};
use guardduty_runbooks::guide::{GuideUrl, PageName};
use guardduty_runbooks::runbook::{Renderer, Template};
use guardduty_runbooks::source::PageSource;
use guardduty_runbooks::source::folder::FolderReader;

/// Names the folder of pages; without it the miniature guide of the tests is read, which proves
/// that the benchmarks run and measures nothing of interest.
pub const FOLDER: &str = "GUARDDUTY_RUNBOOKS_BENCH_PAGES";

/// The pages of the folder by name, in HTML.
pub static PAGES: LazyLock<Vec<(PageName, String)>> = LazyLock::new(|| {
    let below = folder().join("guardduty/latest/ug");
    let folder = if below.is_dir() { below } else { folder() };
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let files = entries.map(|entry| entry.expect("the folder can be listed").path());
    let mut html: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|ending| ending == "html")).collect();
    html.sort();
    assert!(!html.is_empty(), "{folder:?} holds no page in HTML");
    let page = |file: PathBuf| {
        let name = file.file_stem().and_then(|name| PageName::new(name.to_str()?));
        Some((name?, fs::read_to_string(&file).expect("a page can be read")))
    };
    html.into_iter().filter_map(page).collect()
});

/// What the pages say.
pub static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(read_catalogue);

/// The folder of pages.
pub fn folder() -> PathBuf {
    let mini = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/mini/html"));
    env::var_os(FOLDER).map_or_else(mini, PathBuf::from)
}

/// Reads the folder from the disk, to findings with their texts.
pub fn read_catalogue() -> Catalogue {
    let pages = FolderReader::new(&folder()).expect("the folder holds the guide");
    let pages = PageSource::Folder(pages);
    let reading = catalogue::read(&pages, &GuideUrl::default(), &|_| {});
    reading.expect("the guide can be read").catalogue
}

/// Renders every runbook; gives the bytes of all.
pub fn render_all(catalogue: &Catalogue, template: Template) -> usize {
    let renderer = Renderer::new(template, Default::default(), true).expect("it can be used");
    let runbooks = catalogue.findings.iter().map(|finding| renderer.render(finding, catalogue));
    runbooks.map(|runbook| runbook.expect("it can be rendered").len()).sum()
}
