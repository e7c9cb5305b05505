//! The tree of a page in HTML, built within bounds that no page of the guide comes near.
//!
//! Built as HTML's rules ask, a tree can cost the square of a page's length in time and in memory:
//! an element looks through all that are open around it, marks that were not closed are opened
//! anew in every paragraph, and each attribute of a tag is compared with those before it. So the
//! page goes in piece by piece, and between two pieces somebody looks at what has become of it.

use std::time::{Duration, Instant};

use super::tree::Tree;

/// The deepest nesting of elements. AWS's pages reach 30.
const MAX_DEPTH: usize = 256;

/// The most elements and texts. AWS's longest page has ten thousand.
const MAX_NODES: usize = 200_000;

/// The longest time. AWS's longest page takes a few thousandths of a second.
const MAX_TIME: Duration = Duration::from_secs(5);

/// The tree of a page; where it passes the bounds, a part of it and the reason.
pub(super) fn read(text: &str) -> (Tree, Option<&'static str>) {
    read_within(text, MAX_TIME)
}

fn read_within(text: &str, longest: Duration) -> (Tree, Option<&'static str>) {
    let begun = Instant::now();
    let mut seen = 0;
    Tree::read(text, |tree| {
        let new = std::mem::replace(&mut seen, tree.size());
        if tree.size() > MAX_NODES {
            Some("it has too many elements")
        } else if tree.is_deeper(new, MAX_DEPTH) {
            Some("its elements are nested too deeply")
        } else if begun.elapsed() > longest {
            Some("it takes too long to read")
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> Option<&'static str> {
        read_within(text, Duration::MAX).1
    }

    #[test]
    fn a_page_is_built_to_its_end() {
        let text = "<p>\u{fc}</p>".repeat(20_000);
        let (tree, passed) = read_within(&text, Duration::MAX);
        assert_eq!(passed, None);
        assert_eq!(tree.elements().filter(|element| element.name() == "p").count(), 20_000);
        assert_eq!(reason(&"<div>".repeat(200)), None);
    }

    #[test]
    fn what_would_cost_too_much_is_left_off() {
        let deep = Some("its elements are nested too deeply");
        for mark in
            ["<div>", "<b>", "<font>", "<table>", "<table><tr><td>", "<svg>", "<x-y>", "<template>"]
        {
            assert_eq!(reason(&mark.repeat(10_000)), deep.filter(|_| nests(mark)), "{mark}");
        }
        // Shallow nodes between the deep ones do not hide them.
        assert_eq!(reason(&format!("<div>{}", "</body><!-- -->".repeat(60)).repeat(300)), deep);
        let open: Vec<String> = (0..150).map(|number| format!("<b id={number}>")).collect();
        let open = open.concat();
        let reopened = format!("<p>{open}</p>{}", "<p>x".repeat(2_000));
        assert_eq!(reason(&reopened), Some("it has too many elements"));
        assert_eq!(read_within("<p>x", Duration::ZERO).1, Some("it takes too long to read"));
    }

    /// Marks of a kind stand within each other at most three times, tables directly in each other
    /// not at all.
    fn nests(mark: &str) -> bool {
        !matches!(mark, "<table>")
    }
}
