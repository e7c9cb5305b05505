//! The tree of a page in HTML, built within bounds that no page of the guide comes near.
//!
//! Built as HTML's rules ask, a tree can cost the square of a page's length in time and in memory:
//! an element looks through all that are open around it, marks that were not closed are opened
//! anew in every paragraph, and each attribute of a tag is compared with those before it. So the
//! page goes in piece by piece, and between two pieces somebody looks at what has become of it.

use std::time::{Duration, Instant};

use html5ever::driver::{self, ParseOpts};
use html5ever::tendril::{StrTendril, TendrilSink};
use scraper::{ElementRef, Html, HtmlTreeSink};

/// How many bytes go in before somebody looks.
const PIECE: usize = 1024;

/// The deepest nesting of elements. AWS's pages reach 30.
const MAX_DEPTH: usize = 256;

/// The most elements and texts. AWS's longest page has ten thousand.
const MAX_NODES: usize = 200_000;

/// The longest time. AWS's longest page takes a few thousandths of a second.
const MAX_TIME: Duration = Duration::from_secs(5);

/// Builds the tree of a page; where it passes the bounds, the part before that and the reason.
pub(super) fn build(text: &str) -> (Html, Option<&'static str>) {
    build_within(text, MAX_TIME)
}

fn build_within(text: &str, longest: Duration) -> (Html, Option<&'static str>) {
    let sink = HtmlTreeSink::new(Html::new_document());
    let mut parser = driver::parse_document(sink, ParseOpts::default());
    let mut bounds = Bounds { seen: 0, begun: Instant::now(), longest };
    let mut rest = text;
    let mut passed = None;
    while !rest.is_empty() && passed.is_none() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        parser.process(StrTendril::from_slice(piece));
        passed = bounds.passed(&parser.tokenizer.sink.sink.0.borrow());
        rest = after;
    }
    (parser.finish(), passed)
}

struct Bounds {
    /// How many nodes have been looked at.
    seen: usize,
    begun: Instant,
    longest: Duration,
}

impl Bounds {
    /// Which bound the tree has passed.
    fn passed(&mut self, document: &Html) -> Option<&'static str> {
        let nodes = document.tree.nodes();
        let count = nodes.len();
        let mut new = nodes.rev().take(count - self.seen).filter_map(ElementRef::wrap);
        self.seen = count;
        if count > MAX_NODES {
            Some("it has too many elements")
        } else if new.any(|element| element.ancestors().nth(MAX_DEPTH).is_some()) {
            Some("its elements are nested too deeply")
        } else if self.begun.elapsed() > self.longest {
            Some("it takes too long to read")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> Option<&'static str> {
        build_within(text, Duration::MAX).1
    }

    #[test]
    fn a_page_is_built_to_its_end() {
        let text = "<p>\u{fc}</p>".repeat(20_000);
        let (document, passed) = build(&text);
        assert_eq!(passed, None);
        let texts = document.tree.values().filter(|node| node.is_text()).count();
        assert_eq!(texts, 20_000);
        assert_eq!(reason(&"<div>".repeat(200)), None);
    }

    #[test]
    fn what_would_cost_too_much_is_left_off() {
        let deep = Some("its elements are nested too deeply");
        for mark in ["<div>", "<b>", "<font>", "<table>", "<table><tr><td>", "<svg>", "<x-y>"] {
            assert_eq!(reason(&mark.repeat(10_000)), deep.filter(|_| nests(mark)), "{mark}");
        }
        // Shallow nodes between the deep ones do not hide them.
        assert_eq!(reason(&format!("<div>{}", "</body><!-- -->".repeat(60)).repeat(300)), deep);
        let open: String = (0..150).map(|number| format!("<b id={number}>")).collect();
        let reopened = format!("<p>{open}</p>{}", "<p>x".repeat(2_000));
        assert_eq!(reason(&reopened), Some("it has too many elements"));
        assert_eq!(build_within("<p>x", Duration::ZERO).1, Some("it takes too long to read"));
    }

    /// Marks of a kind stand within each other at most three times, tables directly in each other
    /// not at all.
    fn nests(mark: &str) -> bool {
        !matches!(mark, "<table>")
    }
}
