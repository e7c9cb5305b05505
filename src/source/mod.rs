//! Where pages come from: the live site, a mirror, a folder, or nowhere (the built-in catalogue).

pub mod folder;
#[cfg(feature = "network")]
pub mod site;
mod spec;

use folder::FolderReader;
#[cfg(feature = "network")]
use site::{SiteError, SiteOptions, SiteReader};
pub use spec::SourceSpec;

use crate::guide::PageName;

/// The most bytes that a page may have; from a site both as it comes over the network and decompressed.
pub(crate) const MAX_PAGE: usize = 16 << 20;

/// The most bytes that all pages of a run together may have, again both ways. AWS's have 3 MiB.
pub(crate) const MAX_ALL_PAGES: u64 = 128 << 20;

/// How a page is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageFormat {
    /// As the documentation site shows it.
    Html,
    /// As the documentation site serves it to programs, and as AWS's old repository holds it.
    Markdown,
}

impl PageFormat {
    /// The ending of a file or address in this format, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Markdown => "md",
        }
    }
}

/// A page as a source gave it, not yet read.
#[derive(Clone, Debug)]
pub struct RawPage {
    /// Which page it is.
    pub name: PageName,
    /// How it is written.
    pub format: PageFormat,
    /// Its text; bytes that are no UTF-8 have been replaced.
    pub text: String,
}

/// Why a page could not be had.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The source has no such page.
    #[error("there is no page {location}")]
    Missing {
        /// Its path or address.
        location: String,
    },
    /// The source has it, and it could not be read.
    #[error("{location} could not be read: {reason}")]
    Unreadable {
        /// Its path or address.
        location: String,
        /// What happened.
        reason: String,
    },
    /// The source as a whole cannot be reached, or refuses to talk to a program.
    #[error("{location} cannot be reached: {reason}")]
    Unreachable {
        /// The address that was asked for.
        location: String,
        /// What happened.
        reason: String,
        /// What can be done about it.
        hint: Option<&'static str>,
    },
}

impl PageError {
    /// What can be done about it, in words that name the program's options.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unreachable { hint, .. } => *hint,
            Self::Missing { .. } | Self::Unreadable { .. } => None,
        }
    }
}

/// What came of asking for one page.
pub type PageResult = Result<RawPage, PageError>;

/// A source that pages are read from.
#[derive(Debug)]
pub enum PageSource {
    /// A folder.
    Folder(FolderReader),
    /// A site.
    #[cfg(feature = "network")]
    Site(Box<SiteReader>),
}

impl PageSource {
    /// A site that is read as the options say.
    #[cfg(feature = "network")]
    pub fn site(options: SiteOptions) -> Result<Self, SiteError> {
        Ok(Self::Site(Box::new(SiteReader::new(options)?)))
    }

    /// Asks for pages; results in the order of the names. `on_page` is called as each arrives.
    pub fn read(&self, names: &[PageName], on_page: &dyn Fn(&PageName)) -> Vec<PageResult> {
        match self {
            Self::Folder(reader) => reader.read(names, on_page),
            #[cfg(feature = "network")]
            Self::Site(reader) => reader.read(names, on_page),
        }
    }
}
