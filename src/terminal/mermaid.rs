//! Flowcharts as lists of steps.

use crate::text::flowchart::Flowchart;

/// The steps of a flowchart as lines of text: each box that arrows leave, with a number, and below it
/// where they lead, indented. None where the diagram is another, or not understood to the last line.
pub(super) fn steps(diagram: &str) -> Option<Vec<String>> {
    Flowchart::read(diagram).map(|flowchart| list(&flowchart))
}

fn list(Flowchart { boxes, arrows }: &Flowchart) -> Vec<String> {
    let mut numbered: Vec<&str> = Vec::new();
    for arrow in arrows {
        if !numbered.contains(&arrow.from.as_str()) {
            numbered.push(&arrow.from);
        }
    }
    let named = |name: &str| {
        let text = boxes.get(name).map_or(name, |named| named.text.as_str());
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
    if lines.is_empty() { boxes.values().map(|one| one.text.clone()).collect() } else { lines }
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
}
