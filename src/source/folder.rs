//! Pages from a folder: a mirror of the site, or a clone of AWS's old documentation repository.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use super::{MAX_ALL_PAGES, MAX_PAGE, PageError, PageFormat, PageResult, RawPage};
use crate::fs;
use crate::guide::{GUIDE_PATH, INDEX_PAGE, PageName};

/// Where a folder may hold the guide's pages, below itself.
const PLACES: [&str; 3] = ["", GUIDE_PATH, "doc_source"];

/// The folder holds no guide.
#[derive(Debug, thiserror::Error)]
#[error(
    "{folder}: no {INDEX_PAGE}.html or {INDEX_PAGE}.md there, in {GUIDE_PATH}/ or in doc_source/"
)]
pub struct NoGuide {
    /// The folder that was given.
    pub folder: String,
}

/// Reads pages from a folder.
#[derive(Debug)]
pub struct FolderReader {
    folder: PathBuf,
    within: Option<PathBuf>,
    /// How many bytes all pages that are still to come may have.
    left: Cell<u64>,
}

impl FolderReader {
    /// A reader for the pages that lie in the folder itself, in `guardduty/latest/ug/` or in
    /// `doc_source/` below it.
    pub fn new(folder: &Path) -> Result<Self, NoGuide> {
        let holds_index = |place: &PathBuf| {
            formats().any(|format| place.join(file_name(INDEX_PAGE, format)).is_file())
        };
        let mut places = PLACES.iter().map(|place| folder.join(place));
        match places.find(holds_index) {
            Some(folder) => Ok(Self { folder, within: None, left: Cell::new(MAX_ALL_PAGES) }),
            None => Err(NoGuide { folder: folder.display().to_string() }),
        }
    }

    /// Reads no page that a link leads out of a folder, which is given without links.
    #[must_use]
    pub fn within(self, folder: &Path) -> Self {
        Self { within: Some(folder.to_owned()), ..self }
    }

    /// Reads the pages, each in HTML if it is there, else in Markdown; results in the order of the
    /// names.
    pub fn read(&self, names: &[PageName], on_page: &dyn Fn(&PageName)) -> Vec<PageResult> {
        let read = |name| {
            let page = self.page(name);
            on_page(name);
            page
        };
        names.iter().map(read).collect()
    }

    fn page(&self, name: &PageName) -> PageResult {
        for format in formats() {
            let path = self.folder.join(file_name(name.as_str(), format));
            if path.is_file() {
                let unreadable =
                    |reason| PageError::Unreadable { location: path.display().to_string(), reason };
                if self.leads_out(&path) {
                    return Err(unreadable("a link leads out of its folder".to_owned()));
                }
                let bytes = fs::read_at_most(&path, MAX_PAGE as u64)
                    .map_err(|error| unreadable(error.source.to_string()))?;
                let left = self.left.get().checked_sub(bytes.len() as u64).ok_or_else(|| {
                    let limit = MAX_ALL_PAGES >> 20;
                    unreadable(format!("all pages together are longer than {limit} MiB"))
                })?;
                self.left.set(left);
                let text = String::from_utf8(bytes)
                    .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
                return Ok(RawPage { name: name.clone(), format, text });
            }
        }
        let location = self.folder.join(file_name(name.as_str(), PageFormat::Html));
        Err(PageError::Missing { location: location.display().to_string() })
    }

    fn leads_out(&self, path: &Path) -> bool {
        let within = self.within.as_ref();
        within.is_some_and(|within| !matches!(fs::leads_out(path, within), Ok(None)))
    }
}

fn formats() -> impl Iterator<Item = PageFormat> {
    [PageFormat::Html, PageFormat::Markdown].into_iter()
}

fn file_name(page: &str, format: PageFormat) -> String {
    format!("{page}.{}", format.extension())
}
