//! Overlays: a team's own steps, in one file for all findings that they are for.

use std::collections::BTreeMap;

use crate::guidance::library;
use crate::severity::SeverityLevel;

/// A team's own files, which are put into runbooks. Each is a template of its own.
#[derive(Clone, Debug, Default)]
pub struct Overlays(BTreeMap<Place, Overlay>);

/// Which findings a file is for, from the general to the special.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    All,
    Resource(String),
    Severity(String),
    CatalogueEntry(String),
}

/// A file of a team's own.
#[derive(Clone, Debug)]
pub(super) struct Overlay {
    /// Its file, for messages.
    pub(super) name: String,
    pub(super) text: String,
}

/// A file that is for no finding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} is for no finding: {reason}")]
pub struct OverlayError {
    /// The file.
    pub name: String,
    reason: &'static str,
}

impl OverlayError {
    /// Which names there are.
    pub fn hint(&self) -> String {
        let kinds: Vec<&str> = library().kinds.keys().map(String::as_str).collect();
        format!(
            "names are all.md, severity/high.md (or critical, medium, low, variable), \
             finding/<name of the runbook>.md, and resource/<kind>.md with one of: {}",
            kinds.join(", ")
        )
    }
}

impl Overlays {
    /// Adds a file by its path below the folder of overlays, with `/` between the parts; `name` is
    /// what messages call it.
    pub fn add(&mut self, path: &str, name: &str, text: &str) -> Result<(), OverlayError> {
        let place = place(path).map_err(|reason| OverlayError { name: name.to_owned(), reason })?;
        self.0.insert(place, Overlay { name: name.to_owned(), text: text.to_owned() });
        Ok(())
    }

    /// The files that are for one finding type each, with the name of its runbook.
    pub fn for_one_finding(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(place, overlay)| match place {
            Place::CatalogueEntry(slug) => Some((slug.as_str(), overlay.name.as_str())),
            _ => None,
        })
    }

    /// Every file.
    pub(super) fn all(&self) -> impl Iterator<Item = &Overlay> {
        self.0.values()
    }

    /// The files for a finding type, from the general to the special.
    pub(super) fn of(
        &self,
        kind: &str,
        severity: &str,
        slug: &str,
    ) -> impl Iterator<Item = &Overlay> {
        let places = [
            Place::All,
            Place::Resource(kind.to_owned()),
            Place::Severity(severity.to_lowercase()),
            Place::CatalogueEntry(slug.to_owned()),
        ];
        places.into_iter().filter_map(|place| self.0.get(&place))
    }
}

fn place(path: &str) -> Result<Place, &'static str> {
    let path = path.strip_suffix(".md").ok_or("its name does not end in .md")?;
    let Some((folder, name)) = path.split_once('/') else {
        return if path == "all" { Ok(Place::All) } else { Err("only all.md lies in this folder") };
    };
    match folder {
        "resource" if library().kinds.contains_key(name) => Ok(Place::Resource(name.to_owned())),
        "resource" => Err("there is no such kind of resource"),
        "severity" if name == "variable" || SeverityLevel::from_word(name).is_some() => {
            Ok(Place::Severity(name.to_lowercase()))
        }
        "severity" => Err("there is no such severity"),
        "finding" => Ok(Place::CatalogueEntry(name.to_owned())),
        _ => Err("folders are resource, severity and finding"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_for_nothing_are_refused_with_the_names_there_are() {
        let add = |path: &str| Overlays::default().add(path, &format!("o/{path}"), "");
        for path in ["all.md", "resource/s3-bucket.md", "severity/variable.md", "finding/a-b.md"] {
            assert_eq!(add(path), Ok(()), "{path}");
        }
        for (path, reason) in [
            ("some.md", "only all.md lies in this folder"),
            ("all.txt", "its name does not end in .md"),
            ("resource/s3.md", "there is no such kind of resource"),
            ("severity/urgent.md", "there is no such severity"),
            ("kind/a.md", "folders are resource, severity and finding"),
        ] {
            let error = add(path).unwrap_err();
            assert_eq!(error.to_string(), format!("o/{path} is for no finding: {reason}"));
            assert!(error.hint().contains("s3-bucket"));
        }
    }
}
