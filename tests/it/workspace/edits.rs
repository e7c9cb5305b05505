//! What people do to runbooks.

/// A way of editing a file, and how to find the edit again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// A sentence at the end of a paragraph.
    Sentence,
    /// A word within a paragraph.
    Word,
    /// A paragraph between two others.
    Paragraph,
    /// A section at the end of the file.
    Section,
    /// A paragraph or list item less.
    Deletion,
    /// Another severity, wherever it stands on its own.
    Severity,
    /// Line endings of Windows, and a sentence.
    Windows,
    /// No newline at the end, and a sentence.
    NoNewline,
    /// A step in a list.
    Step,
}

pub(crate) const ALL: [Edit; 9] = [
    Edit::Sentence,
    Edit::Word,
    Edit::Paragraph,
    Edit::Section,
    Edit::Deletion,
    Edit::Severity,
    Edit::Windows,
    Edit::NoNewline,
    Edit::Step,
];

/// An edited text.
pub(crate) struct Edited {
    pub(crate) text: String,
    /// What has to be in the file or in the conflict's own lines ever after.
    pub(crate) added: Vec<String>,
    /// What may not come back.
    pub(crate) deleted: Option<String>,
}

/// Edits a text at the place that `at` chooses; `mark` is unique to the edit.
pub(crate) fn apply(edit: Edit, text: &str, at: usize, mark: &str) -> Edited {
    let sentence = format!("We tell {mark} first.");
    match edit {
        Edit::Sentence => on_paragraph(text, at, &sentence, |line| format!("{line} {sentence}")),
        Edit::Word => on_paragraph(text, at, mark, |line| {
            let middle = line.match_indices(' ').nth(line.matches(' ').count() / 2);
            let middle = middle.map_or(line.len(), |(at, _)| at);
            format!("{} {mark}{}", &line[..middle], &line[middle..])
        }),
        Edit::Paragraph => {
            on_paragraph(text, at, &sentence, |line| format!("{line}\n\n{sentence}"))
        }
        Edit::Step => on_item(text, at, &sentence),
        Edit::Section => {
            let section = format!("\n## Our steps\n\n1. {sentence}\n2. Call {mark}-2.\n");
            let added = section.lines().skip(1).filter(|line| !line.is_empty());
            let added = added.map(str::to_owned).collect();
            Edited { text: format!("{text}{section}"), added, deleted: None }
        }
        Edit::Deletion => deletion(text, at),
        Edit::Severity => severity(text),
        Edit::Windows => {
            let edited = apply(Edit::Sentence, text, at, mark);
            Edited { text: edited.text.replace('\n', "\r\n"), ..edited }
        }
        Edit::NoNewline => {
            let edited = apply(Edit::Sentence, text, at, mark);
            Edited { text: edited.text.trim_end().to_owned(), ..edited }
        }
    }
}

/// The numbers of the lines that are paragraphs of prose.
pub(crate) fn paragraphs(text: &str) -> Vec<usize> {
    let mut in_code = false;
    let mut in_front_matter = text.starts_with("---\n");
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        in_code ^= line.trim_start().starts_with("```");
        let was_in_front_matter = in_front_matter;
        in_front_matter &= number == 0 || line != "---";
        let is_prose = line.len() > 60
            && line.starts_with(char::is_alphabetic)
            && !line.starts_with("AWS's text in this file");
        if is_prose && !in_code && !was_in_front_matter {
            found.push(number);
        }
    }
    found
}

fn on_paragraph(text: &str, at: usize, added: &str, change: impl Fn(&str) -> String) -> Edited {
    let paragraphs = paragraphs(text);
    let number = paragraphs[at % paragraphs.len()];
    let lines = text.lines().enumerate();
    let lines = lines.map(|(n, line)| if n == number { change(line) } else { line.to_owned() });
    let text = lines.collect::<Vec<_>>().join("\n") + "\n";
    Edited { text, added: vec![added.to_owned()], deleted: None }
}

fn on_item(text: &str, at: usize, sentence: &str) -> Edited {
    let lines: Vec<&str> = text.lines().collect();
    let is_item =
        |line: &str| line.starts_with("- ") || line.starts_with("* ") || line.starts_with("1. ");
    let items: Vec<usize> = (0..lines.len()).filter(|&n| is_item(lines[n])).collect();
    if items.is_empty() {
        return apply(Edit::Paragraph, text, at, sentence.trim_end_matches('.'));
    }
    let number = items[at % items.len()];
    let marker = lines[number].split(' ').next().unwrap();
    let item = format!("{marker} {sentence}");
    let mut edited: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    edited.insert(number + 1, item.clone());
    Edited { text: edited.join("\n") + "\n", added: vec![item], deleted: None }
}

fn deletion(text: &str, at: usize) -> Edited {
    let paragraphs = paragraphs(text);
    let number = paragraphs[at % paragraphs.len()];
    let lines: Vec<&str> = text.lines().collect();
    let deleted = lines[number];
    let rest = lines.iter().enumerate().filter(|(n, _)| *n != number && *n != number + 1);
    let rest: Vec<&str> = rest.map(|(_, line)| *line).collect();
    // The same words may stand in the file twice.
    let once = rest.iter().all(|line| *line != deleted);
    let deleted = once.then(|| deleted.to_owned());
    Edited { text: rest.join("\n") + "\n", added: Vec::new(), deleted }
}

fn severity(text: &str) -> Edited {
    let mut added = Vec::new();
    let lines = text.lines().map(|line| {
        let changed = ["High", "Medium", "Low"].iter().find_map(|level| {
            let stands_alone = line.starts_with("severity:")
                || line.starts_with("| Severity")
                || line.contains("Default severity:");
            (stands_alone && line.contains(level)).then(|| line.replace(level, "Critical"))
        });
        added.extend(changed.clone());
        changed.unwrap_or_else(|| line.to_owned())
    });
    let text = lines.collect::<Vec<_>>().join("\n") + "\n";
    Edited { text, added, deleted: None }
}
