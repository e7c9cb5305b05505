//! The sections of a runbook, by their headings.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::front_matter::without_front_matter;

/// A heading and what stands below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section<'t> {
    /// From 1, the title of the runbook, to 6.
    pub level: HeadingLevel,
    /// The text of the heading.
    pub title: String,
    /// In Markdown: the heading and everything up to the next one that is not below it.
    pub text: &'t str,
    /// Where it is in the text below the front matter.
    pub(crate) place: Range<usize>,
}

/// The sections of a Markdown text, in its order. Those of a deeper level are part of those above as
/// well.
pub fn sections(text: &str) -> Vec<Section<'_>> {
    let text = without_front_matter(text);
    let headings = headings(text);
    let section = |(at, heading): (usize, &Heading)| {
        let Heading { level, title, place } = heading;
        let next = headings[at + 1..].iter().find(|other| other.level <= *level);
        let place = place.start..next.map_or(text.len(), |next| next.place.start);
        Section { level: *level, title: title.clone(), text: &text[place.clone()], place }
    };
    headings.iter().enumerate().map(section).collect()
}

/// The sections whose headings somebody means by a word: the one of that name, else those that begin
/// with it, else those that hold it at the beginning of a word. Case and punctuation do not matter. The
/// title of the runbook is not meant: below it is everything.
pub fn named<'s, 't>(sections: &'s [Section<'t>], given: &str) -> Vec<&'s Section<'t>> {
    let given = slug(given);
    let fits: [fn(&str, &str) -> bool; 3] = [
        |title, given| title == given,
        |title, given| title.starts_with(given),
        |title, given| title.contains(&format!("-{given}")),
    ];
    let fitting = |fits: fn(&str, &str) -> bool| -> Vec<&'s Section<'t>> {
        let title = usize::from(sections.first().is_some_and(|s| s.level == HeadingLevel::H1));
        sections[title..].iter().filter(|section| fits(&slug(&section.title), &given)).collect()
    };
    let found = fits.into_iter().map(fitting).find(|found| !found.is_empty());
    found.filter(|_| !given.is_empty()).unwrap_or_default()
}

/// The sections to name to somebody who looks for one: those right below the title, or all of them.
pub fn main<'s, 't>(sections: &'s [Section<'t>]) -> Vec<&'s Section<'t>> {
    let second = sections.iter().filter(|section| section.level == HeadingLevel::H2);
    let second: Vec<&Section<'t>> = second.collect();
    if second.is_empty() { sections.iter().collect() } else { second }
}

/// The text of sections of one runbook, in its order; one that is part of another does not come
/// twice.
pub fn joined<'t>(sections: impl IntoIterator<Item = &'t Section<'t>>) -> String {
    let begin = |section: &&Section<'t>| section.place.start;
    let mut sections: Vec<&Section<'t>> = sections.into_iter().collect();
    sections.sort_by_key(|section| (begin(section), usize::MAX - section.place.end));
    let mut end = 0;
    sections.retain(|section| {
        let is_new = section.place.start >= end;
        end = end.max(section.place.end);
        is_new
    });
    let texts: Vec<&str> = sections.iter().map(|section| section.text.trim_end()).collect();
    format!("{}\n", texts.join("\n\n"))
}

/// A heading that is in no list or quote.
pub(crate) struct Heading {
    level: HeadingLevel,
    title: String,
    /// Where it is in its text, marks and line end included.
    pub(crate) place: Range<usize>,
}

/// The headings of a Markdown text without front matter, in its order.
pub(crate) fn headings(text: &str) -> Vec<Heading> {
    let mut headings: Vec<Heading> = Vec::new();
    let (mut depth, mut is_within) = (0_usize, false);
    for (event, place) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) if depth == 0 => {
                headings.push(Heading { level, title: String::new(), place });
                (depth, is_within) = (depth + 1, true);
            }
            Event::Start(_) => depth += 1,
            Event::End(TagEnd::Heading(_)) => (depth, is_within) = (depth - 1, false),
            Event::End(_) => depth -= 1,
            Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) if is_within => {
                headings.iter_mut().last().into_iter().for_each(|one| one.title.push_str(&text));
            }
            _ => {}
        }
    }
    headings
}

/// Letters and digits in lower case, with one `-` for whatever is between them.
fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "---\nstatus: \"active\"\n---\n\n# A:B/C\n\nx\n\n## First move\n\n```sh\n## no\n```\n\n\
                        ## Contain *it*\n\n### Record first\n\ny\n\n> ## quoted\n\n## False positives\n";

    fn titles(given: &str) -> Vec<String> {
        let sections = sections(TEXT);
        named(&sections, given).iter().map(|section| section.title.clone()).collect()
    }

    #[test]
    fn a_section_ends_where_the_next_of_its_level_begins() {
        let sections = sections(TEXT);
        let titles: Vec<&str> = sections.iter().map(|section| section.title.as_str()).collect();
        assert_eq!(
            titles,
            ["A:B/C", "First move", "Contain it", "Record first", "False positives"]
        );
        assert_eq!(sections[2].text, "## Contain *it*\n\n### Record first\n\ny\n\n> ## quoted\n\n");
        assert!(sections[0].text.ends_with("## False positives\n"));
    }

    #[test]
    fn a_heading_is_known_by_its_beginning_or_a_word() {
        assert_eq!(titles("contain"), ["Contain it"]);
        assert_eq!(titles("FIRST-MOVE"), ["First move"]);
        assert_eq!(titles("positives"), ["False positives"]);
        assert_eq!(titles("f"), ["First move", "False positives"]);
        assert_eq!(titles("a"), [""; 0]);
        assert_eq!(titles("ontain"), [""; 0]);
        assert_eq!(titles(" "), [""; 0]);
    }
}
