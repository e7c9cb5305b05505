//! The pages that benchmarks read, and what is made of them.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;
use std::sync::LazyLock;

use guardduty_runbooks::catalogue::{self, Catalogue};
use guardduty_runbooks::fs;
use guardduty_runbooks::guide::{GuideUrl, PageName};
use guardduty_runbooks::runbook::{Renderer, Template};
use guardduty_runbooks::source::PageSource;
use guardduty_runbooks::source::folder::FolderReader;

/// Names the folder of pages; without it the miniature guide of the tests is read, which proves
/// that the benchmarks run and measures nothing of interest.
pub(crate) const FOLDER: &str = "GUARDDUTY_RUNBOOKS_BENCH_PAGES";

/// The pages of the folder by name, in HTML.
pub(crate) static PAGES: LazyLock<Vec<(PageName, String)>> = LazyLock::new(|| {
    let below = folder().join("guardduty/latest/ug");
    let folder = if below.is_dir() { below } else { folder() };
    let names = fs::names_in(&folder).expect("the folder can be listed").unwrap_or_default();
    let page = |file: &String| {
        let name = PageName::new(file.strip_suffix(".html")?)?;
        Some((name, fs::read_to_string(&folder.join(file)).expect("a page can be read")))
    };
    let pages: Vec<_> = names.iter().filter_map(page).collect();
    assert!(!pages.is_empty(), "{} holds no page in HTML", folder.display());
    pages
});

/// What the pages say.
pub(crate) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(read_catalogue);

/// The folder of pages.
pub(crate) fn folder() -> PathBuf {
    let mini = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/mini/html"));
    env::var_os(FOLDER).map_or_else(mini, PathBuf::from)
}

/// Reads the folder from the disk, to findings with their texts.
pub(crate) fn read_catalogue() -> Catalogue {
    let pages = FolderReader::new(&folder()).expect("the folder holds the guide");
    let pages = PageSource::Folder(pages);
    let reading = catalogue::read(&pages, &GuideUrl::default(), &|_| {});
    reading.expect("the guide can be read").catalogue
}

/// Renders every runbook; gives the bytes of all.
pub(crate) fn render_all(catalogue: &Catalogue, template: Template) -> usize {
    let renderer = Renderer::new(template, BTreeMap::new(), true).expect("it can be used");
    let rendering = renderer.over(catalogue);
    let runbooks = catalogue.entries.iter().map(|finding| rendering.render(finding));
    runbooks.map(|runbook| runbook.expect("it can be rendered").len()).sum()
}
