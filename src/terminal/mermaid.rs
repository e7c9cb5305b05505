//! Flowcharts in Mermaid's language, read as lists of steps.

use std::collections::BTreeMap;

/// An arrow from one box to another.
struct Arrow {
    from: String,
    label: String,
    to: String,
}

/// The steps of a flowchart as lines of text: each box that arrows leave, with a number, and below it
/// where they lead, indented. None where the diagram is another, or not understood to the last line.
pub(super) fn steps(diagram: &str) -> Option<Vec<String>> {
    let mut lines = diagram.lines().map(str::trim).filter(|line| !line.is_empty());
    let kind = lines.next()?.split_whitespace().next()?;
    if !["flowchart", "graph"].contains(&kind) {
        return None;
    }
    let mut texts = BTreeMap::new();
    let mut arrows = Vec::new();
    for line in lines {
        read_line(line, &mut texts, &mut arrows)?;
    }
    Some(list(&texts, &arrows))
}

/// Reads `A`, `A --> B`, `A -->|label| B --> C`; a box may have its text behind its name.
fn read_line(
    line: &str,
    texts: &mut BTreeMap<String, String>,
    arrows: &mut Vec<Arrow>,
) -> Option<()> {
    let (mut from, mut rest) = read_box(line, texts)?;
    while !rest.is_empty() {
        rest = ["-->", "---", "-.->", "==>"].iter().find_map(|arrow| rest.strip_prefix(arrow))?;
        let mut label = "";
        if let Some(labelled) = rest.trim_start().strip_prefix('|') {
            (label, rest) = labelled.split_once('|')?;
        }
        let (to, behind) = read_box(rest, texts)?;
        arrows.push(Arrow { from, label: unquoted(label).to_owned(), to: to.clone() });
        (from, rest) = (to, behind);
    }
    Some(())
}

/// The name of the box that a text begins with, and what is behind the box.
fn read_box<'t>(text: &'t str, texts: &mut BTreeMap<String, String>) -> Option<(String, &'t str)> {
    const SHAPES: [(&str, &str); 6] =
        [("([", "])"), ("((", "))"), ("{{", "}}"), ("[", "]"), ("{", "}"), ("(", ")")];
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return None;
    }
    let shape = SHAPES.into_iter().find_map(|(begin, end)| Some((rest.strip_prefix(begin)?, end)));
    let Some((inner, end)) = shape else { return Some((name.to_owned(), rest.trim_start())) };
    let (label, behind) = match inner.strip_prefix('"') {
        Some(quoted) => {
            let (label, behind) = quoted.split_once('"')?;
            (label, behind.strip_prefix(end)?)
        }
        None => inner.split_once(end)?,
    };
    texts.insert(name.to_owned(), label.replace("<br/>", " ").replace("<br>", " "));
    Some((name.to_owned(), behind.trim_start()))
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

fn list(texts: &BTreeMap<String, String>, arrows: &[Arrow]) -> Vec<String> {
    let mut numbered: Vec<&str> = Vec::new();
    for arrow in arrows {
        if !numbered.contains(&arrow.from.as_str()) {
            numbered.push(&arrow.from);
        }
    }
    let named = |name: &str| {
        let text = texts.get(name).map_or(name, String::as_str);
        match numbered.iter().position(|&other| other == name) {
            Some(at) => format!("{}. {text}", at + 1),
            None => text.to_owned(),
        }
    };
    let mut lines = Vec::new();
    for &from in &numbered {
        lines.push(named(from));
        for arrow in arrows.iter().filter(|arrow| arrow.from == from) {
            let gap = if arrow.label.is_empty() { "" } else { " " };
            lines.push(format!("   {}{gap}→ {}", arrow.label, named(&arrow.to)));
        }
    }
    // A diagram of boxes alone.
    if lines.is_empty() { texts.values().cloned().collect() } else { lines }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_listed_with_where_each_answer_leads() {
        let diagram = "flowchart TD\n  A{\"Who, then?\"} -->|\"a role, [or] so\"| B[\"End it\"]\n  \
                       A --> C(Wait)\n  B --> C --> D\n";
        assert_eq!(
            steps(diagram).unwrap(),
            [
                "1. Who, then?",
                "   a role, [or] so → 2. End it",
                "   → 3. Wait",
                "2. End it",
                "   → 3. Wait",
                "3. Wait",
                "   → D",
            ]
        );
    }

    #[test]
    fn what_is_not_understood_is_no_list() {
        for diagram in [
            "",
            "sequenceDiagram\n A->>B: x",
            "flowchart TD\n A -- text --> B",
            "flowchart TD\n subgraph x\n end",
            "graph LR\n A[\"never ended --> B",
        ] {
            assert_eq!(steps(diagram), None, "{diagram:?}");
        }
    }
}
