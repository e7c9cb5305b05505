//! Reads the picture of decisions in a family's guidance.

use std::collections::BTreeMap;

use crate::text::flowchart::{Arrow, Flowchart, FlowchartBox};

/// A flowchart without cycles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flow {
    /// The node that stands first.
    pub(super) first: String,
    /// The nodes by name.
    pub(super) nodes: BTreeMap<String, Node>,
}

/// A node, and where it leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) text: String,
    /// Whether it is a question: its edges have labels, the answers.
    pub(super) is_decision: bool,
    /// Label, which is empty where there is none, and the name of the next node.
    pub(super) edges: Vec<(String, String)>,
}

impl Flow {
    /// Reads the fence in a Markdown text; none where it is not understood, or goes round in circles.
    pub(super) fn read(markdown: &str) -> Option<Self> {
        let fence = markdown.split_once("```mermaid\n")?.1.split_once("\n```")?.0;
        let Flowchart { boxes, arrows } = Flowchart::read(fence)?;
        let first = arrows.first()?.from.clone();
        let node = |(name, FlowchartBox { text, is_decision })| {
            (name, Node { text, is_decision, edges: Vec::new() })
        };
        let mut nodes: BTreeMap<String, Node> = boxes.into_iter().map(node).collect();
        for Arrow { from, label, to } in arrows {
            nodes.entry(to.clone()).or_default();
            nodes.entry(from).or_default().edges.push((label, to));
        }
        let flow = Self { first, nodes };
        let is_sound = flow.nodes.values().all(Node::is_sound) && flow.ends(&flow.first, 0);
        is_sound.then_some(flow)
    }

    /// Whether every way from a node comes to an end.
    fn ends(&self, name: &str, depth: usize) -> bool {
        depth <= self.nodes.len()
            && self.nodes[name].edges.iter().all(|(_, next)| self.ends(next, depth + 1))
    }
}

impl Node {
    /// A decision has labelled answers, anything else at most one way on.
    fn is_sound(&self) -> bool {
        !self.text.is_empty()
            && if self.is_decision {
                self.edges.len() > 1 && self.edges.iter().all(|(label, _)| !label.is_empty())
            } else {
                self.edges.len() <= 1
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guidance::library;

    #[test]
    fn every_flow_in_guidance_is_understood() {
        let flows = library().families.values().filter_map(|family| family.flow.as_ref());
        let mut count = 0;
        for flow in flows {
            let read = Flow::read(flow).unwrap_or_else(|| panic!("{flow}"));
            assert!(read.nodes[&read.first].is_decision, "{flow}");
            count += 1;
        }
        assert!(count > 0);
    }

    #[test]
    fn what_is_no_tree_of_decisions_is_not_understood() {
        let read = |lines: &str| Flow::read(&format!("```mermaid\nflowchart TD\n{lines}\n```"));
        let flow = read("  A{\"Who?\"} -->|\"you, me\"| B[\"Stop\"]\n  A -->|they| C[Go]").unwrap();
        assert_eq!(flow.nodes["A"].edges[0], ("you, me".to_owned(), "B".to_owned()));
        assert!(read("  A{\"Who?\"} -->|you| B[Stop]").is_none(), "one answer");
        assert!(
            read("  A{\"Who?\"} -->|x| B[S]\n  A -->|y| C[T]\n  C --> A").is_none(),
            "a circle"
        );
        assert!(read("  A{\"Who?\"} -->|x| B[S]\n  A --> C[T]").is_none(), "no answer");
        assert!(read("  A{\"Who?\"} -->|x| B\n  A -->|y| C[T]").is_none(), "no text");
        assert!(read("  A==>B").is_none());
    }
}
