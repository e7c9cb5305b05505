//! A miniature guide in the markup of AWS's pages and in words of our own, in HTML and in Markdown.
//! It has one of each thing at which a reader of the real pages can trip.

use std::collections::BTreeMap;
use std::path::Path;

use guardduty_runbooks::fs;

/// The page that lists the finding types.
pub(crate) const INDEX: &str = "guardduty_finding-types-active";

/// The runbooks of the miniature guide.
pub(crate) const RUNBOOKS: [&str; 8] = [
    "attacksequence-s3-compromiseddata.md",
    "backdoor-ec2-c-cactivity-b-dns.md",
    "discovery-eks-lamplight.md",
    "execution-ecs-lampoil.md",
    "impact-s3-lampbroken.md",
    "impact-ses-resourcehijacking.md",
    "recon-ec2-portscan.md",
    "unauthorizedaccess-ec2-torrelay.md",
];

/// The pages of a guide.
#[derive(Clone)]
pub(crate) struct Guide {
    ending: &'static str,
    pages: BTreeMap<String, String>,
}

impl Guide {
    /// The miniature guide in HTML.
    pub(crate) fn html() -> Self {
        Self::read("html", "html")
    }

    /// The miniature guide in Markdown.
    pub(crate) fn markdown() -> Self {
        Self::read("markdown", "md")
    }

    fn read(folder: &str, ending: &'static str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/mini").join(folder);
        let names = fs::names_in(&folder).expect("it can be listed").expect("it is there");
        let page = |name: String| {
            let text = fs::read_to_string(&folder.join(&name)).expect("it can be read");
            (name.trim_end_matches(&format!(".{ending}")).to_owned(), text)
        };
        Self { ending, pages: names.into_iter().map(page).collect() }
    }

    /// The guide without a page.
    pub(crate) fn without(mut self, page: &str) -> Self {
        self.pages.remove(page).expect("the guide has that page");
        self
    }

    /// The guide with other words on a page; they have to be there.
    pub(crate) fn edit(mut self, page: &str, from: &str, to: &str) -> Self {
        let text = self.pages.get_mut(page).expect("the guide has that page");
        assert!(text.contains(from), "{page} does not say {from:?}");
        *text = text.replace(from, to);
        self
    }

    /// The guide with another name for a page.
    pub(crate) fn rename(mut self, page: &str, name: &str) -> Self {
        let text = self.pages.remove(page).expect("the guide has that page");
        self.pages.insert(name.to_owned(), text);
        self
    }

    /// The guide with one more row at the end of its table, in HTML.
    pub(crate) fn row(self, link: &str, name: &str) -> Self {
        let row = format!(
            "<tr><td><p><a href=\"{link}\">{name}</a></p></td><td><p>Amazon EC2</p></td>\
             <td><p>DNS logs</p></td><td><p>Low</p></td></tr></table>"
        );
        self.edit(INDEX, "</table>", &row)
    }

    /// The text of a page by its file name.
    pub(crate) fn page(&self, file: &str) -> Option<&str> {
        let page = file.strip_suffix(self.ending)?.strip_suffix('.')?;
        self.pages.get(page).map(String::as_str)
    }

    /// File names and texts.
    pub(crate) fn files(&self) -> impl Iterator<Item = (String, &str)> {
        self.pages.iter().map(|(page, text)| (format!("{page}.{}", self.ending), text.as_str()))
    }
}
