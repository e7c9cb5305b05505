//! Where the runbooks are that an export links to.

use std::str::FromStr;

use url::Url;

use crate::finding_type::Slug;

/// What stands for a runbook's file name without `.md` in a pattern of links.
const SLUG: &str = "{slug}";

/// The longest pattern: what an alert may hold has to have room for the steps as well.
const MAX_LENGTH: usize = 400;

/// The links to runbooks: below a base, by a pattern, or the names of their files alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunbookLinks {
    pattern: String,
}

/// A base of links that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{base:?} cannot be the base of links: {reason}")]
pub struct BadLinkBase {
    /// What was given.
    pub base: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Default for RunbookLinks {
    /// File names, for whoever keeps the runbooks where readers know.
    fn default() -> Self {
        Self { pattern: format!("{SLUG}.md") }
    }
}

impl RunbookLinks {
    /// The link to a runbook.
    pub fn link(&self, slug: &Slug) -> String {
        self.pattern.replace(SLUG, slug.as_str())
    }

    /// The link to any runbook, with `{slug}` for the name of its file without `.md`.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Whether the links lead to a runbook from anywhere.
    pub fn are_absolute(&self) -> bool {
        self.pattern.contains("://")
    }
}

impl FromStr for RunbookLinks {
    type Err = BadLinkBase;

    /// Reads the address of the folder with the runbooks, or an address with `{slug}` in the place
    /// of a runbook's file name without `.md`. It is `http` or `https`.
    fn from_str(base: &str) -> Result<Self, Self::Err> {
        let bad = |reason| BadLinkBase { base: base.to_owned(), reason };
        if base.len() > MAX_LENGTH {
            return Err(bad("it is longer than 400 characters"));
        }
        let has_slug = base.contains(SLUG);
        let url = Url::parse(&base.replace(SLUG, "slug")).map_err(|_| bad("it is no address"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(bad("it is neither http:// nor https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("it has a user or a password in it"));
        }
        let is_plain =
            |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '\\' | '<' | '>' | '`');
        let rest = base.replace(SLUG, "");
        if !rest.chars().all(is_plain) || rest.contains(['{', '}']) {
            return Err(bad("it has characters that an address writes with `%`"));
        }
        if has_slug {
            return Ok(Self { pattern: base.to_owned() });
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad("with `?` or `#` it has to say where the name goes, as {slug}"));
        }
        Ok(Self { pattern: format!("{}/{SLUG}.md", base.trim_end_matches('/')) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(base: &str) -> Result<String, String> {
        let slug = "Recon:EC2/Portscan".parse::<crate::finding_type::FindingType>().unwrap().slug();
        let links: Result<RunbookLinks, _> = base.parse();
        links.map(|links| links.link(&slug)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_base_is_a_folder_or_a_pattern() {
        let expected = "https://x.example/runbooks/recon-ec2-portscan.md";
        assert_eq!(link("https://x.example/runbooks").unwrap(), expected);
        assert_eq!(link("https://x.example/runbooks/").unwrap(), expected);
        assert_eq!(
            link("https://x.example/{slug}.html?view=full").unwrap(),
            "https://x.example/recon-ec2-portscan.html?view=full"
        );
        let slug = "Recon:EC2/Portscan".parse::<crate::finding_type::FindingType>().unwrap().slug();
        assert_eq!(RunbookLinks::default().link(&slug), "recon-ec2-portscan.md");
    }

    #[test]
    fn what_is_no_safe_address_is_refused() {
        for base in [
            "runbooks",
            "javascript:alert(1)",
            "file:///tmp",
            "https://user:word@x.example/",
            "https://x.example/a b",
            "https://x.example/\"{slug}",
            "https://x.example/{file}",
            "https://x.example/?page=",
            "https://x.example/#",
        ] {
            let error = link(base).unwrap_err();
            assert!(error.contains("cannot be the base of links"), "{base}: {error}");
        }
        assert!(link(&format!("https://x.example/{}", "a".repeat(400))).is_err());
    }
}
