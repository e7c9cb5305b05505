//! Reads a data file in Markdown: front matter in TOML between lines of `+++`, then sections.
//!
//! The reader knows no more of Markdown than fences, headings and bullets, and is strict about
//! those.

use serde::de::DeserializeOwned;

use super::GuidanceError;
use super::step::{Question, Step, blocks};

/// A data file in parts.
pub(super) struct Document<'t> {
    file: &'t str,
    front_matter: &'t str,
    sections: Vec<Section<'t>>,
}

/// What lies below a heading, up to the next one of its level.
#[derive(Clone, Copy)]
pub(super) struct Section<'t> {
    file: &'t str,
    heading: &'t str,
    /// The line of the heading, from 1.
    line: usize,
    body: &'t str,
    /// The line in which the body begins.
    body_line: usize,
}

impl<'t> Document<'t> {
    /// The parts of a file whose sections are among these, in this order.
    pub(super) fn new(file: &'t str, text: &'t str, names: &[&str]) -> Result<Self, GuidanceError> {
        let front = text.strip_prefix("+++\n").and_then(|rest| {
            let empty = rest.strip_prefix("+++\n").map(|body| ("", body));
            empty.or_else(|| rest.split_once("\n+++\n"))
        });
        let Some((front_matter, body)) = front else {
            return Err(GuidanceError::new(
                file,
                1,
                "it does not begin with front matter in `+++`",
            ));
        };
        let body_line = text[..text.len() - body.len()].matches('\n').count() + 1;
        let sections = split(file, body, body_line, "## ")?;
        let mut at = 0;
        for section in &sections {
            let place = names[at..].iter().position(|name| *name == section.heading);
            let Some(place) = place else {
                let known = names.join(", ");
                let reason = format!(
                    "the section {:?} is unknown, or not in order; sections are: {known}",
                    section.heading
                );
                return Err(GuidanceError::new(file, section.line, reason));
            };
            at += place + 1;
        }
        Ok(Self { file, front_matter, sections })
    }

    /// What the front matter says.
    pub(super) fn front_matter<T: DeserializeOwned>(&self) -> Result<T, GuidanceError> {
        let error = |error| GuidanceError::toml(self.file, self.front_matter, 2, &error);
        toml::from_str(self.front_matter).map_err(error)
    }

    /// A section that has to be there.
    pub(super) fn section(&self, name: &str) -> Result<Section<'t>, GuidanceError> {
        self.optional(name).ok_or_else(|| {
            GuidanceError::new(self.file, 1, format!("the section `## {name}` is missing"))
        })
    }

    /// A section that may be missing.
    pub(super) fn optional(&self, name: &str) -> Option<Section<'t>> {
        self.sections.iter().find(|section| section.heading == name).copied()
    }
}

impl<'t> Section<'t> {
    /// Its text.
    pub(super) fn text(&self) -> Result<String, GuidanceError> {
        if self.body.is_empty() {
            return Err(self.error(format!("the section {:?} is empty", self.heading)));
        }
        Ok(self.body.to_owned())
    }

    /// Its bullets, each in one line, without the mark.
    pub(super) fn bullets(&self) -> Result<Vec<String>, GuidanceError> {
        let lines = self.text()?;
        let bullet = |line: &str| line.strip_prefix("- ").map(str::to_owned);
        let bullets: Option<Vec<String>> =
            lines.lines().filter(|line| !line.is_empty()).map(bullet).collect();
        bullets.ok_or_else(|| self.error("only bullets stand here, each in one line: `- …`"))
    }

    /// Its steps.
    pub(super) fn steps(&self) -> Result<Vec<Step>, GuidanceError> {
        let step = |part: &Section<'_>| {
            let (id, title) = part.id_and_title()?;
            let blocks = blocks(self.file, part.body_line, part.body)?;
            Ok(Step { id: id.to_owned(), title: title.to_owned(), blocks })
        };
        self.parts()?.iter().map(step).collect()
    }

    /// Its only step.
    pub(super) fn step(&self) -> Result<Step, GuidanceError> {
        let mut steps = self.steps()?;
        match steps.pop() {
            Some(step) if steps.is_empty() => Ok(step),
            _ => Err(self.error("one step stands here")),
        }
    }

    /// Its questions.
    pub(super) fn questions(&self) -> Result<Vec<Question>, GuidanceError> {
        let question = |part: &Section<'_>| {
            let (id, ask) = part.id_and_title()?;
            Ok(Question {
                id: id.to_owned(),
                ask: ask.to_owned(),
                path: None,
                answers: blocks(self.file, part.body_line, part.body)?,
            })
        };
        self.parts()?.iter().map(question).collect()
    }

    fn parts(&self) -> Result<Vec<Section<'t>>, GuidanceError> {
        split(self.file, self.body, self.body_line, "### ")
    }

    fn id_and_title(&self) -> Result<(&'t str, &'t str), GuidanceError> {
        let parts = self.heading.split_once(": ").filter(|(id, _)| is_id(id));
        parts.ok_or_else(|| self.error("a heading here is an id and a title: `### some-id: Title`"))
    }

    fn error(&self, reason: impl Into<String>) -> GuidanceError {
        GuidanceError::new(self.file, self.line, reason)
    }
}

/// Whether a text names a step, a question, a kind or a family: lower case, digits, dashes.
pub(super) fn is_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Splits a text at its headings of one level. Nothing but empty lines may stand above the first.
fn split<'t>(
    file: &'t str,
    text: &'t str,
    first_line: usize,
    mark: &str,
) -> Result<Vec<Section<'t>>, GuidanceError> {
    let mut sections: Vec<Section<'t>> = Vec::new();
    let mut starts: Vec<(usize, usize)> = Vec::new();
    let (mut offset, mut fenced) = (0, false);
    for (at, line) in text.split_inclusive('\n').enumerate() {
        let number = first_line + at;
        let heading = line.trim_end().strip_prefix(mark);
        if line.starts_with("```") {
            fenced = !fenced;
        }
        if let Some(heading) = heading.filter(|_| !fenced) {
            let heading = heading.trim();
            sections.push(Section { file, heading, line: number, body: "", body_line: 0 });
            starts.push((offset, offset + line.len()));
        } else if sections.is_empty() && !line.trim().is_empty() {
            let reason = format!("this stands above the first heading `{mark}…`");
            return Err(GuidanceError::new(file, number, reason));
        }
        offset += line.len();
    }
    let ends = starts.iter().skip(1).map(|start| start.0).chain([text.len()]);
    for ((section, start), end) in sections.iter_mut().zip(&starts).zip(ends) {
        let body = text[start.1..end].trim_end_matches('\n');
        section.body = body.trim_start_matches('\n');
        section.body_line = section.line + 1 + body.len() - section.body.len();
    }
    Ok(sections)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["One", "Two", "Three"];

    fn error(text: &str) -> String {
        let read = |text: &str| -> Result<(), GuidanceError> {
            let document = Document::new("kinds/x.md", text, &NAMES)?;
            document.front_matter::<toml::Table>()?;
            document.section("One")?.text()?;
            document.optional("Two").map_or(Ok(Vec::new()), |two| two.steps())?;
            document.optional("Three").map_or(Ok(Vec::new()), |three| three.bullets())?;
            Ok(())
        };
        read(text).unwrap_err().to_string()
    }

    #[test]
    fn a_file_is_read_into_its_sections() {
        let text = "+++\ntitle = \"T\"\n+++\n\n## One\n\nText.\n\n```bash\n## no heading\n```\n\n\
                    ## Two\n\n### a-b: Do it\n\nProse.\n\n## Three\n\n- x\n- y\n";
        let document = Document::new("kinds/x.md", text, &NAMES).unwrap();
        assert_eq!(document.front_matter::<toml::Table>().unwrap()["title"].as_str(), Some("T"));
        let one = document.section("One").unwrap().text().unwrap();
        assert_eq!(one, "Text.\n\n```bash\n## no heading\n```");
        let two = document.section("Two").unwrap().steps().unwrap();
        assert_eq!((two[0].id.as_str(), two[0].title.as_str()), ("a-b", "Do it"));
        assert_eq!(document.section("Three").unwrap().bullets().unwrap(), ["x", "y"]);
    }

    #[test]
    fn what_is_wrong_is_named_with_file_and_line() {
        for (text, expected) in [
            ("## One\n", ":1: it does not begin with front matter"),
            ("+++\na = 1\nb =\n+++\n\n## One\n\nx\n", ":3: "),
            ("+++\n+++\n\nx\n\n## One\n", ":4: this stands above the first heading `## …`"),
            ("+++\n+++\n\n## One\n\nx\n\n## Four\n", ":8: the section \"Four\" is unknown"),
            (
                "+++\n+++\n\n## Two\n\n## One\n",
                ":6: the section \"One\" is unknown, or not in order",
            ),
            ("+++\n+++\n\n## Two\n", ":1: the section `## One` is missing"),
            ("+++\n+++\n\n## One\n\n", ":4: the section \"One\" is empty"),
            ("+++\n+++\n\n## One\n\nx\n\n## Two\n\n### Do it\n", ":10: a heading here is an id"),
            ("+++\n+++\n\n## One\n\nx\n\n## Two\n\nx\n", ":10: this stands above the first"),
            ("+++\n+++\n\n## One\n\nx\n\n## Three\n\nx\n", ":8: only bullets stand here"),
        ] {
            let error = error(text);
            assert!(error.starts_with(&format!("guidance/kinds/x.md{expected}")), "{error}");
        }
    }
}
