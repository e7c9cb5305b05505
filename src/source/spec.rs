//! What `--source` means.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use url::Url;

use crate::guide::{GUIDE_PATH, GUIDE_URL};

/// A source as it is named on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceSpec {
    /// The live site; where it cannot be reached, a plain run takes the built-in catalogue.
    Auto,
    /// The live site and nothing else.
    Site,
    /// The built-in catalogue; no network.
    Builtin,
    /// A site: the folder of a guide, or a site root.
    Url(Url),
    /// A folder.
    Folder(PathBuf),
}

impl SourceSpec {
    /// The folder URLs where a site may have the guide, the likeliest first; none for a source that
    /// is no site.
    pub fn guide_urls(&self) -> Vec<Url> {
        match self {
            Self::Auto | Self::Site => Url::parse(GUIDE_URL).into_iter().collect(),
            Self::Url(url) => guide_urls(url),
            Self::Builtin | Self::Folder(_) => Vec::new(),
        }
    }
}

/// A URL may name the guide's folder, a page in it, or the root of a site that has the guide where
/// AWS has it, which is likelier where the URL has no path.
fn guide_urls(url: &Url) -> Vec<Url> {
    let mut folder = url.clone();
    folder.set_query(None);
    folder.set_fragment(None);
    let path = folder.path().to_owned();
    let file = path.rsplit('/').next().unwrap_or_default();
    let path = match file.rsplit_once('.') {
        Some((_, "html" | "md")) => path[..path.len() - file.len()].to_owned(),
        _ => format!("{}/", path.trim_end_matches('/')),
    };
    folder.set_path(&path);
    if path.ends_with(&format!("{GUIDE_PATH}/"))
        || file.contains('.') && path.len() < url.path().len()
    {
        return vec![folder];
    }
    let is_root = path == "/";
    let mut places: Vec<Url> = [Some(folder.clone()), folder.join(&format!("{GUIDE_PATH}/")).ok()]
        .into_iter()
        .flatten()
        .collect();
    if is_root {
        places.reverse();
    }
    places
}

impl FromStr for SourceSpec {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "auto" => Self::Auto,
            "site" => Self::Site,
            "builtin" => Self::Builtin,
            _ => match Url::parse(text) {
                Ok(url) if matches!(url.scheme(), "http" | "https") => Self::Url(url),
                _ => Self::Folder(PathBuf::from(text)),
            },
        })
    }
}

impl fmt::Display for SourceSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto | Self::Site => f.write_str(GUIDE_URL),
            Self::Builtin => f.write_str("the built-in catalogue"),
            Self::Url(url) => write!(f, "{url}"),
            Self::Folder(folder) => write!(f, "{}", folder.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(text: &str) -> Vec<String> {
        let spec: SourceSpec = text.parse().unwrap();
        spec.guide_urls().into_iter().map(String::from).collect()
    }

    #[test]
    fn words_urls_and_folders_are_told_apart() {
        let spec = |text: &str| text.parse::<SourceSpec>().unwrap();
        assert_eq!(spec("auto"), SourceSpec::Auto);
        assert_eq!(spec("./builtin"), SourceSpec::Folder("./builtin".into()));
        assert_eq!(spec("C:\\guide"), SourceSpec::Folder("C:\\guide".into()));
        assert!(matches!(spec("http://127.0.0.1:1/x"), SourceSpec::Url(_)));
    }

    #[test]
    fn a_url_may_be_the_guide_a_page_or_a_site_root() {
        assert_eq!(urls("site"), [GUIDE_URL]);
        let china = "https://docs.amazonaws.cn/en_us/guardduty/latest/ug";
        assert_eq!(urls(china), [format!("{china}/")]);
        assert_eq!(
            urls(&format!("{china}/guardduty_finding-types-active.html#x")),
            [format!("{china}/")]
        );
        assert_eq!(urls("http://h:1"), ["http://h:1/guardduty/latest/ug/", "http://h:1/"]);
        assert_eq!(urls("http://h:1/m/?q"), ["http://h:1/m/", "http://h:1/m/guardduty/latest/ug/"]);
    }
}
