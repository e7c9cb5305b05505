//! The guide: its pages, their addresses, and the links between them.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

/// Where the guide's pages are on AWS's documentation site.
pub const GUIDE_URL: &str = "https://docs.aws.amazon.com/guardduty/latest/ug/";

/// The path of the guide below a site root, and within a folder that mirrors a site.
pub const GUIDE_PATH: &str = "guardduty/latest/ug";

/// The page with the table of active finding types.
pub const INDEX_PAGE: &str = "guardduty_finding-types-active";

/// The page with the finding types of Custom Detection Rules.
pub const CUSTOM_RULES_PAGE: &str = "findings-custom-detection-rules";

/// The page with the retired finding types.
pub const RETIRED_PAGE: &str = "guardduty_finding-types-retired";

/// The name of a page of the guide, without ending: `guardduty_finding-types-ec2`.
///
/// Holds only ASCII letters, digits, `-` and `_`, so that it is a safe file name and URL segment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PageName(String);

impl PageName {
    /// The page of that name; none where the text has other characters than a page's name.
    pub fn new(name: &str) -> Option<Self> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let fits = !name.is_empty() && name.len() <= 120 && name.bytes().all(allowed);
        fits.then(|| Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the page tells how to remediate a kind of resource: `compromised-ec2`,
    /// `guardduty-remediate-kubernetes`.
    pub fn is_remediation(&self) -> bool {
        self.0.starts_with("compromised-") || self.0.contains("remediate")
    }
}

impl TryFrom<String> for PageName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::new(&name).ok_or_else(|| format!("{name:?} is not the name of a page"))
    }
}

impl From<PageName> for String {
    fn from(name: PageName) -> Self {
        name.0
    }
}

impl fmt::Display for PageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A place in the guide that a link points to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuideLink {
    /// The page.
    pub page: PageName,
    /// The fragment, where the link has one.
    pub anchor: Option<String>,
}

/// The address below which the guide's pages are, as links in runbooks name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuideUrl(Url);

impl Default for GuideUrl {
    fn default() -> Self {
        Self(Url::parse(GUIDE_URL).expect("a constant that parses"))
    }
}

impl GuideUrl {
    /// The guide at a folder URL of one of AWS's own documentation hosts (the China guide, a
    /// language); none for any other host, because a mirror's links should lead to AWS.
    pub fn at_aws(url: &Url) -> Option<Self> {
        let aws = url.scheme() == "https"
            && matches!(url.host_str(), Some("docs.aws.amazon.com" | "docs.amazonaws.cn"));
        aws.then(|| Self(url.clone()))
    }

    /// The address of a page.
    pub fn page(&self, page: &PageName) -> String {
        format!("{}{page}.html", self.0)
    }

    /// The address of a place in a page.
    pub fn link(&self, link: &GuideLink) -> String {
        match &link.anchor {
            Some(anchor) => format!("{}#{anchor}", self.page(&link.page)),
            None => self.page(&link.page),
        }
    }

    /// Makes a link found on `page` absolute: relative, root-relative and fragment-only ones, `.md`
    /// becomes `.html` within the guide. None where it is not `http`, `https` or `mailto`.
    pub fn absolute(&self, page: &PageName, href: &str) -> Option<String> {
        let href = href.trim();
        // Only of what is not a path does it matter on which page of the folder it stands.
        let mut url = if href.is_empty() || href.starts_with(['#', '?']) {
            self.0.join(&format!("{page}.html{href}")).ok()?
        } else {
            self.0.join(href).ok()?
        };
        if !matches!(url.scheme(), "http" | "https" | "mailto") {
            return None;
        }
        if let Some(page) = self.file_of(&url).and_then(|file| file.strip_suffix(".md")) {
            let path = format!("{}{page}.html", self.0.path());
            url.set_path(&path);
        }
        Some(url.into())
    }

    /// The place in the guide that an absolute link points to; none where it leads elsewhere.
    pub fn place(&self, url: &str) -> Option<GuideLink> {
        let url = Url::parse(url).ok()?;
        let page = PageName::new(self.file_of(&url)?.strip_suffix(".html")?)?;
        let anchor = url.fragment().filter(|anchor| !anchor.is_empty()).map(str::to_owned);
        Some(GuideLink { page, anchor })
    }

    fn file_of<'u>(&self, url: &'u Url) -> Option<&'u str> {
        let same_host = url.scheme() == self.0.scheme() && url.host_str() == self.0.host_str();
        let file = url.path().strip_prefix(self.0.path())?;
        (same_host && !file.contains('/')).then_some(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> PageName {
        PageName::new("guardduty_finding-types-ec2").unwrap()
    }

    #[test]
    fn links_become_absolute() {
        let guide = GuideUrl::default();
        let absolute = |href| guide.absolute(&page(), href);
        let ug = "https://docs.aws.amazon.com/guardduty/latest/ug";
        assert_eq!(absolute("./a.html#b"), Some(format!("{ug}/a.html#b")));
        assert_eq!(absolute("a.md#b"), Some(format!("{ug}/a.html#b")));
        assert_eq!(absolute("#x"), Some(format!("{ug}/guardduty_finding-types-ec2.html#x")));
        assert_eq!(absolute("/IAM/x.md"), Some("https://docs.aws.amazon.com/IAM/x.md".into()));
        assert_eq!(absolute("mailto:a@example.com"), Some("mailto:a@example.com".into()));
        assert_eq!(absolute("javascript:alert(1)"), None);
        assert_eq!(absolute("file:///etc/passwd"), None);
        assert_eq!(absolute("data:text/html,x"), None);
    }

    #[test]
    fn a_place_in_the_guide_is_recognised_and_nothing_else() {
        let guide = GuideUrl::default();
        let place = guide.place(&format!("{GUIDE_URL}compromised-ec2.html#x")).unwrap();
        assert_eq!((place.page.as_str(), place.anchor.as_deref()), ("compromised-ec2", Some("x")));
        assert_eq!(guide.place("https://docs.aws.amazon.com/IAM/latest/ug/a.html"), None);
        assert_eq!(guide.place("https://example.com/guardduty/latest/ug/a.html"), None);
        assert_eq!(guide.place(&format!("{GUIDE_URL}a/b.html")), None);
    }

    #[test]
    fn only_aws_hosts_lend_their_address_to_links() {
        let url = |text: &str| Url::parse(text).unwrap();
        assert!(
            GuideUrl::at_aws(&url("https://docs.amazonaws.cn/en_us/guardduty/latest/ug/"))
                .is_some()
        );
        assert!(GuideUrl::at_aws(&url("http://127.0.0.1:8080/guardduty/latest/ug/")).is_none());
    }
}
