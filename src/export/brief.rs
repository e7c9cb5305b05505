//! A runbook in three lines, for the text of an alert.

use crate::finding_type::FindingType;
use crate::guidance::{Question, library};

/// How many questions follow the first move.
const QUESTIONS: usize = 2;

/// What to do first about a finding: the first move, then the questions that decide, each with the
/// field of the finding that answers it. Plain text, one line a step, backticks around code.
pub(super) fn steps(finding_type: &FindingType) -> Vec<String> {
    let guidance = library().guidance(finding_type);
    let questions = guidance.questions.iter().take(QUESTIONS).map(|question| asked(question));
    [plain(guidance.first_move)].into_iter().chain(questions).collect()
}

/// What to do first about a finding of which nothing is known.
pub(super) fn first_move_of_unknown() -> String {
    plain(&library().common.first_move)
}

fn asked(question: &Question) -> String {
    let field = question.path.as_ref().map(|path| format!(" See `{path}`.")).unwrap_or_default();
    format!("{}{field}", plain(&question.ask))
}

/// A paragraph of Markdown without emphasis, in one line. Code keeps its backticks.
fn plain(markdown: &str) -> String {
    let mut in_code = false;
    let kept = markdown.chars().filter(|&c| {
        in_code ^= c == '`';
        in_code || c != '*'
    });
    kept.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emphasis_goes_and_code_stays() {
        assert_eq!(
            plain("Do *this* **now**:\n`ls /proc/*/exe` *soon*"),
            "Do this now: `ls /proc/*/exe` soon"
        );
    }

    #[test]
    fn every_finding_type_has_three_steps() {
        for name in library().types.keys() {
            let steps = steps(name);
            assert_eq!(steps.len(), 3, "{name}: {steps:?}");
            assert!(steps.iter().all(|step| !step.is_empty() && !step.contains('\n')), "{steps:?}");
        }
    }
}
