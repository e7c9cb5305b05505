//! Flowcharts in Mermaid's language (<https://mermaid.js.org/syntax/flowchart.html>): boxes, and the
//! arrows between them. A diagram that is not understood to its last line is none.

use std::collections::BTreeMap;

/// A flowchart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flowchart {
    /// The boxes that have a text, by their names.
    pub(crate) boxes: BTreeMap<String, FlowchartBox>,
    /// The arrows, in their order.
    pub(crate) arrows: Vec<Arrow>,
}

/// A box with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FlowchartBox {
    pub(crate) text: String,
    /// Whether it is a rhombus, as questions are.
    pub(crate) is_decision: bool,
}

/// An arrow from one box to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrow {
    pub(crate) from: String,
    /// What stands at it; empty where nothing does.
    pub(crate) label: String,
    pub(crate) to: String,
}

impl Flowchart {
    /// Reads a diagram; none where it is of another kind, or not understood.
    pub(crate) fn read(diagram: &str) -> Option<Self> {
        let mut lines = diagram.lines().map(str::trim).filter(|line| !line.is_empty());
        let kind = lines.next()?.split_whitespace().next()?;
        if !["flowchart", "graph"].contains(&kind) {
            return None;
        }
        let mut flowchart = Self::default();
        for line in lines {
            flowchart.line(line)?;
        }
        Some(flowchart)
    }

    /// Reads `A`, `A --> B`, `A -->|label| B --> C`; a box may have its text behind its name.
    fn line(&mut self, line: &str) -> Option<()> {
        let (mut from, mut rest) = self.name(line)?;
        while !rest.is_empty() {
            rest =
                ["-->", "---", "-.->", "==>"].iter().find_map(|arrow| rest.strip_prefix(arrow))?;
            let mut label = "";
            if let Some(labelled) = rest.trim_start().strip_prefix('|') {
                (label, rest) = labelled.split_once('|')?;
            }
            let (to, behind) = self.name(rest)?;
            self.arrows.push(Arrow { from, label: unquoted(label).to_owned(), to: to.clone() });
            (from, rest) = (to, behind);
        }
        Some(())
    }

    /// The name of the box that a text begins with, and what is behind the box.
    fn name<'t>(&mut self, text: &'t str) -> Option<(String, &'t str)> {
        const SHAPES: [(&str, &str); 6] =
            [("([", "])"), ("((", "))"), ("{{", "}}"), ("[", "]"), ("{", "}"), ("(", ")")];
        let text = text.trim_start();
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        if name.is_empty() {
            return None;
        }
        let shape = |(begin, end)| Some((rest.strip_prefix(begin)?, begin, end));
        let Some((inner, begin, end)) = SHAPES.into_iter().find_map(shape) else {
            return Some((name.to_owned(), rest.trim_start()));
        };
        let (text, behind) = match inner.strip_prefix('"') {
            Some(quoted) => {
                let (text, behind) = quoted.split_once('"')?;
                (text, behind.strip_prefix(end)?)
            }
            None => inner.split_once(end)?,
        };
        let text = text.replace("<br/>", " ").replace("<br>", " ");
        self.boxes.insert(name.to_owned(), FlowchartBox { text, is_decision: begin == "{" });
        Some((name.to_owned(), behind.trim_start()))
    }
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_have_texts_and_arrows_have_labels() {
        let diagram = "flowchart TD\n  A{\"Who,<br/>then?\"} -->|\"a role, [or] so\"| B[\"End it\"]\n  \
                       B --> C(Wait) --> D\n";
        let flowchart = Flowchart::read(diagram).unwrap();
        let boxes = flowchart.boxes.iter();
        let boxes: Vec<_> = boxes.map(|(name, a)| (name.as_str(), a.text.as_str())).collect();
        assert_eq!(boxes, [("A", "Who, then?"), ("B", "End it"), ("C", "Wait")]);
        assert!(flowchart.boxes["A"].is_decision && !flowchart.boxes["B"].is_decision);
        let arrows = flowchart.arrows.iter();
        let arrows: Vec<_> =
            arrows.map(|a| [&a.from, &a.label, &a.to].map(String::as_str)).collect();
        assert_eq!(arrows, [["A", "a role, [or] so", "B"], ["B", "", "C"], ["C", "", "D"]]);
    }

    #[test]
    fn what_is_not_understood_is_no_flowchart() {
        for diagram in [
            "",
            "sequenceDiagram\n A->>B: x",
            "flowchart TD\n A -- text --> B",
            "flowchart TD\n subgraph x\n end",
            "graph LR\n A[\"never ended --> B",
        ] {
            assert_eq!(Flowchart::read(diagram), None, "{diagram:?}");
        }
    }
}
