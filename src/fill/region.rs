//! The code in a Markdown text: fenced and indented blocks, and code in running text.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::language::Language;
use crate::text::front_matter::front_matter_length;

/// A stretch of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) language: Language,
    /// Its bytes in the Markdown text. Blocks in lists and quotes are in pieces, without the marks
    /// before each line.
    pub(super) pieces: Vec<Range<usize>>,
}

/// The regions of a Markdown text, in their order. Its front matter has none.
pub(super) fn regions(markdown: &str) -> Vec<Region> {
    let from = front_matter_length(markdown);
    let options = Options::ENABLE_TABLES;
    let mut regions: Vec<Region> = Vec::new();
    let mut in_block = false;
    for (event, range) in Parser::new_ext(&markdown[from..], options).into_offset_iter() {
        let range = from + range.start..from + range.end;
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match &kind {
                    CodeBlockKind::Fenced(info) => info,
                    CodeBlockKind::Indented => "",
                };
                in_block = true;
                regions.push(Region { language: Language::of(info), pieces: Vec::new() });
            }
            Event::End(TagEnd::CodeBlock) => in_block = false,
            Event::Text(_) if in_block => {
                let region = regions.last_mut().expect("the block that began last");
                region.pieces.push(range);
            }
            Event::Code(_) => {
                regions.push(Region { language: Language::Inline, pieces: vec![range] });
            }
            _ => {}
        }
    }
    regions
}

#[cfg(test)]
mod tests {
    use super::super::language::Dialect;
    use super::*;

    fn code(markdown: &str) -> Vec<(Language, String)> {
        let text = |region: &Region| {
            region.pieces.iter().map(|piece| &markdown[piece.clone()]).collect::<String>()
        };
        regions(markdown).iter().map(|region| (region.language, text(region))).collect()
    }

    #[test]
    fn blocks_and_code_in_text_are_found_with_their_language() {
        let markdown = "---\nx: `a`\n---\n\n# T `b`\n\n```bash\nc\n\nd\n```\n\n| a |\n| --- |\n| `e` |\n\n\
                        ~~~sql title\nf\n~~~\n\n    g\n\n```mermaid\nh\n```\n";
        assert_eq!(
            code(markdown),
            [
                (Language::Inline, "`b`".into()),
                (Language::Shell, "c\n\nd\n".into()),
                (Language::Inline, "`e`".into()),
                (Language::Sql(Dialect::Any), "f\n".into()),
                (Language::Shell, "g\n".into()),
                (Language::Diagram, "h\n".into()),
            ]
        );
    }

    #[test]
    fn blocks_in_lists_and_quotes_lose_the_marks_before_their_lines() {
        let markdown = "1. x\n\n   > ```sh\n   > a \\\n   >   b\n   > ```\n";
        assert_eq!(code(markdown), [(Language::Shell, "a \\\n  b\n".into())]);
        assert_eq!(code("```\r\na\r\nb\r\n```\r\n").len(), 1);
    }
}
