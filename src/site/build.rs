//! From runbooks to the files of a site.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::article::{Article, article};
use super::entry::{Runbook, SiteEntry};
use super::filling::GUIDANCE_FILES;
use super::{flow, pages, search};
use crate::catalogue::{CatalogueEntry, builtin};
use crate::finding_type::FindingType;
use crate::guidance::data_file;

/// The filling of a finding's values, compiled to WebAssembly by `wasm/build.sh`.
const FILL_WASM: &[u8] = include_bytes!("assets/fill.wasm");

/// Scripts and styles, by their name below `assets/`.
const ASSETS: [(&str, &str); 6] = [
    ("fill.js", include_str!("assets/fill.js")),
    ("overview.js", include_str!("assets/overview.js")),
    ("runbook.js", include_str!("assets/runbook.js")),
    ("search.js", include_str!("assets/search.js")),
    ("site.css", include_str!("assets/site.css")),
    ("theme.js", include_str!("assets/theme.js")),
];

/// A web site: files by their path, `/` between the parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// The files.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// A runbook on its way to a page.
pub(super) struct Page {
    pub(super) entry: SiteEntry,
    pub(super) article: Article,
}

/// Makes the site of these runbooks. The same runbooks give the same bytes.
///
/// ```
/// use guardduty_runbooks::site::{Runbook, build};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let finding_type = "Recon:EC2/Portscan".parse()?;
/// let runbook = Runbook { finding_type, text: "# Recon:EC2/Portscan\n\nCall <b>Ada</b>.\n".into() };
/// let site = build(&[runbook]);
///
/// let page = std::str::from_utf8(&site.files["recon-ec2-portscan.html"])?;
/// assert!(page.contains("<p>Call &lt;b&gt;Ada&lt;/b&gt;.</p>"));
/// # Ok(())
/// # }
/// ```
pub fn build(runbooks: &[Runbook]) -> Site {
    let catalogue = builtin::catalogue();
    let known: BTreeMap<&FindingType, &CatalogueEntry> =
        catalogue.entries.iter().map(|entry| (&entry.finding_type, entry)).collect();
    let mut sorted: Vec<&Runbook> = runbooks.iter().collect();
    sorted.sort_by(|a, b| a.finding_type.cmp(&b.finding_type));
    let page = |runbook: &&Runbook| Page {
        entry: SiteEntry::of(runbook, known.get(&runbook.finding_type).copied()),
        article: article(&runbook.text, runbook.finding_type.as_str(), &flow::draw),
    };
    let pages: Vec<Page> = sorted.iter().map(page).collect();
    let mut site = Site::default();
    for (page, runbook) in pages.iter().zip(&sorted) {
        let slug = page.entry.slug.as_str();
        let source = json!({ "title": runbook.finding_type.as_str(), "markdown": runbook.text });
        site.add(&format!("{slug}.html"), pages::runbook(page));
        site.add(&format!("markdown/{slug}.js"), search::script("runbook", &source));
    }
    site.add("index.html", pages::overview(&pages));
    site.add("assets/facts.js", search::facts(&pages));
    site.add("assets/passages.js", search::passages(&pages));
    site.add("assets/fill-data.js", fill_data());
    for (name, text) in ASSETS {
        site.add(&format!("assets/{name}"), text.to_owned());
    }
    site
}

impl Site {
    fn add(&mut self, path: &str, text: String) {
        self.files.insert(path.to_owned(), text.into_bytes());
    }
}

/// The compiled code and its data, in a script: a page on a file share cannot fetch.
fn fill_data() -> String {
    let guidance = GUIDANCE_FILES.map(|file| {
        let text = data_file(file).expect("the guidance has these files");
        json!([file, text])
    });
    search::script("filling", &json!({ "wasm": STANDARD.encode(FILL_WASM), "guidance": guidance }))
}
