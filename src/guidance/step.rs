//! What a responder does and asks: steps and questions.

use std::collections::BTreeSet;
use std::ops::Deref;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use super::{GuidanceError, placeholder};

/// Something to do: a title, what there is to know, and the commands or queries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name, which stays when the title is put better: unique within the guidance.
    pub id: String,
    /// What it does, in a few words.
    pub title: String,
    /// Its parts, in the order of the data file.
    pub blocks: Blocks,
}

/// The parts of a text, with what many runbooks ask about it, which is found out once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocks {
    parts: Vec<Block>,
    placeholders: Vec<String>,
    uses_kubectl: bool,
}

impl Blocks {
    /// The names of the placeholders in it, in capitals, each once.
    pub(super) fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.placeholders.iter().map(String::as_str)
    }

    /// Whether it has commands of `kubectl`.
    pub(super) fn uses_kubectl(&self) -> bool {
        self.uses_kubectl
    }
}

impl From<Vec<Block>> for Blocks {
    fn from(parts: Vec<Block>) -> Self {
        let shown: BTreeSet<_> =
            parts.iter().flat_map(|block| placeholder::shown_in(block.text())).collect();
        let placeholders = shown.into_iter().map(str::to_owned).collect();
        let uses_kubectl = code(&parts).any(|(_, text)| text.contains("kubectl "));
        Self { parts, placeholders, uses_kubectl }
    }
}

impl Deref for Blocks {
    type Target = [Block];

    fn deref(&self) -> &[Block] {
        &self.parts
    }
}

/// A part of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Markdown: a paragraph, a list or a table.
    Prose(String),
    /// Commands or a query.
    Code {
        /// The language: `bash`, `sql`, `text`.
        language: String,
        /// The lines.
        text: String,
    },
    /// The value to note before anything is changed.
    Record(String),
    /// What stops working.
    Breaks(String),
    /// The way back.
    Undo(String),
}

/// Something to find out, and what each answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its name: unique within the guidance.
    pub id: String,
    /// The question, with its mark.
    pub ask: String,
    /// Where the finding has the answer, as a path into its JSON; none where the text says it.
    pub path: Option<String>,
    /// Answers and what they mean.
    pub answers: Blocks,
}

impl Step {
    /// The step without its title, as Markdown. What a command breaks and how it is undone stands
    /// above the command, so that it is read first.
    pub fn markdown(&self) -> String {
        markdown(&self.blocks)
    }

    /// Whether the text may follow the title on its line, because it begins with a paragraph.
    pub fn runs_on(&self) -> bool {
        self.blocks.first().is_some_and(|block| block.note().is_some() || block.is_paragraph())
    }

    /// The step with a text put in the place of another one, in all its parts.
    pub(super) fn with(&self, from: &str, to: &str) -> Self {
        let replaced = |text: &String| text.replace(from, to);
        let blocks = self.blocks.iter().map(|block| match block {
            Block::Prose(text) => Block::Prose(replaced(text)),
            Block::Code { language, text } => {
                Block::Code { language: language.clone(), text: replaced(text) }
            }
            Block::Record(text) => Block::Record(replaced(text)),
            Block::Breaks(text) => Block::Breaks(replaced(text)),
            Block::Undo(text) => Block::Undo(replaced(text)),
        });
        let blocks = blocks.collect::<Vec<_>>().into();
        Self { id: self.id.clone(), title: self.title.clone(), blocks }
    }

    /// The step with a short one added to it: its commands below the first commands in shell, its
    /// prose at the end of what is said above them.
    pub(super) fn joined_by(&self, other: &Self) -> Self {
        let mut blocks = self.blocks.to_vec();
        let mut paragraph = None;
        for (at, block) in blocks.iter_mut().enumerate() {
            match block {
                Block::Prose(_) => paragraph = Some(at),
                Block::Code { language, text } if language == "bash" => {
                    other.code().for_each(|(_, more)| text.push_str(&format!("\n{more}")));
                    break;
                }
                _ => {}
            }
        }
        let prose = other.blocks.iter().filter_map(|block| match block {
            Block::Prose(text) => Some(text.as_str()),
            _ => None,
        });
        let prose = prose.collect::<Vec<_>>().join(" ");
        match paragraph.map(|at| &mut blocks[at]) {
            Some(Block::Prose(text)) => text.push_str(&format!(" {prose}")),
            _ => blocks.insert(0, Block::Prose(prose)),
        }
        Self { id: self.id.clone(), title: self.title.clone(), blocks: blocks.into() }
    }

    /// Its commands and queries, each with its language.
    pub fn code(&self) -> impl Iterator<Item = (&str, &str)> {
        code(&self.blocks)
    }

    /// Whether it changes something: a note says what it breaks or how it is undone.
    pub fn changes_something(&self) -> bool {
        self.blocks.iter().any(|block| matches!(block, Block::Breaks(_) | Block::Undo(_)))
    }
}

impl Block {
    /// What it says, without fence or label.
    fn text(&self) -> &str {
        match self {
            Self::Prose(text)
            | Self::Code { text, .. }
            | Self::Record(text)
            | Self::Breaks(text)
            | Self::Undo(text) => text,
        }
    }

    /// What is noted about a command, with its label.
    fn note(&self) -> Option<String> {
        match self {
            Self::Record(text) => Some(format!("**Record first:** {text}")),
            Self::Breaks(text) => Some(format!("**Breaks:** {text}")),
            Self::Undo(text) => Some(format!("**Undo:** {text}")),
            Self::Prose(_) | Self::Code { .. } => None,
        }
    }

    /// Whether it is prose that can go on: neither a list nor a table.
    fn is_paragraph(&self) -> bool {
        matches!(self, Self::Prose(text) if !text.contains('\n') && !text.starts_with(['-', '|']))
    }

    fn markdown(&self) -> String {
        match self {
            Self::Code { language, text } => format!("```{language}\n{text}\n```"),
            Self::Prose(text) => text.clone(),
            Self::Record(_) | Self::Breaks(_) | Self::Undo(_) => self.note().unwrap_or_default(),
        }
    }
}

impl Question {
    /// Question and answers as Markdown, fit for the item of a list.
    pub fn markdown(&self) -> String {
        let path = self.path.as_ref().map(|path| format!(" `{path}`:")).unwrap_or_default();
        format!("**{}**{path} {}", self.ask, markdown(&self.answers))
    }

    /// Its commands and queries, each with its language.
    pub fn code(&self) -> impl Iterator<Item = (&str, &str)> {
        code(&self.answers)
    }
}

/// The parts as Markdown; notes make a paragraph above the code that they follow.
fn markdown(blocks: &[Block]) -> String {
    let mut parts: Vec<(String, bool)> = Vec::new();
    for block in blocks {
        let Some(note) = block.note() else {
            parts.push((block.markdown(), false));
            continue;
        };
        let code = parts.pop_if(|(text, _)| text.starts_with("```"));
        match parts.last_mut() {
            Some((notes, true)) => notes.push_str(&format!(" {note}")),
            _ => parts.push((note, true)),
        }
        parts.extend(code);
    }
    parts.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join("\n\n")
}

fn code(blocks: &[Block]) -> impl Iterator<Item = (&str, &str)> {
    blocks.iter().filter_map(|block| match block {
        Block::Code { language, text } => Some((language.as_str(), text.as_str())),
        _ => None,
    })
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut step = serializer.serialize_struct("Step", 4)?;
        step.serialize_field("id", &self.id)?;
        step.serialize_field("title", &self.title)?;
        step.serialize_field("text", &self.markdown())?;
        step.serialize_field("runs_on", &self.runs_on())?;
        step.end()
    }
}

impl Serialize for Question {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut question = serializer.serialize_struct("Question", 3)?;
        question.serialize_field("id", &self.id)?;
        question.serialize_field("ask", &self.ask)?;
        question.serialize_field("text", &self.markdown())?;
        question.end()
    }
}

/// The parts of a step's text, which begins in this line of its file.
pub(super) fn blocks(file: &str, line: usize, text: &str) -> Result<Blocks, GuidanceError> {
    let mut blocks = Vec::new();
    let mut prose: Vec<&str> = Vec::new();
    let mut lines = (line..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            end_paragraph(&mut prose, &mut blocks);
            if language.is_empty() {
                return Err(GuidanceError::new(file, number, "the fence names no language"));
            }
            let text = fenced(&mut lines)
                .ok_or_else(|| GuidanceError::new(file, number, "the fence is not closed"))?;
            blocks.push(Block::Code { language: language.to_owned(), text });
        } else if line.is_empty() {
            end_paragraph(&mut prose, &mut blocks);
        } else if line.starts_with('#') {
            return Err(GuidanceError::new(file, number, "a step has no headings of its own"));
        } else {
            prose.push(line);
        }
    }
    end_paragraph(&mut prose, &mut blocks);
    Ok(blocks.into())
}

/// The lines up to the end of the fence; none where it does not end.
fn fenced<'t>(lines: &mut impl Iterator<Item = (usize, &'t str)>) -> Option<String> {
    let mut code: Vec<&str> = Vec::new();
    for (_, line) in lines {
        if line == "```" {
            return Some(code.join("\n"));
        }
        code.push(line);
    }
    None
}

fn end_paragraph(prose: &mut Vec<&str>, blocks: &mut Vec<Block>) {
    if prose.is_empty() {
        return;
    }
    let text = std::mem::take(prose).join("\n");
    let note = |mark: &str| text.strip_prefix(mark).map(|rest| rest.trim().to_owned());
    blocks.push(if let Some(text) = note("Record:") {
        Block::Record(text)
    } else if let Some(text) = note("Breaks:") {
        Block::Breaks(text)
    } else if let Some(text) = note("Undo:") {
        Block::Undo(text)
    } else {
        Block::Prose(text)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(text: &str) -> Step {
        Step { id: "a".into(), title: "A".into(), blocks: blocks("f", 1, text).unwrap() }
    }

    #[test]
    fn what_a_command_breaks_is_read_before_it() {
        let text = "Record: the old value.\n\nLook first.\n\n```bash\naws a\n\naws b\n```\n\n\
                    Then.\n\n```bash\naws c\n```\n\nBreaks: much.\n\nUndo: `aws d`.\n";
        insta::assert_snapshot!(step(text).markdown(), @"
        **Record first:** the old value.

        Look first.

        ```bash
        aws a

        aws b
        ```

        Then.

        **Breaks:** much. **Undo:** `aws d`.

        ```bash
        aws c
        ```
        ");
        assert!(step(text).runs_on() && !step("```bash\naws a\n```").runs_on());
        assert_eq!(step(text).code().count(), 2);
    }

    #[test]
    fn a_short_step_is_joined_to_another_one() {
        let trail = step("Last line: more.\n\n```bash\naws more\n```");
        let joined = step("One.\n\n```text\nx\n```\n\nTwo.\n\n```bash\naws a\n```\n\nUndo: none.")
            .joined_by(&trail);
        let expected = step(
            "One.\n\n```text\nx\n```\n\nTwo. Last line: more.\n\n```bash\naws a\naws more\n```\n\nUndo: none.",
        );
        assert_eq!(joined, expected);
        let joined = step("```bash\naws a\n```").joined_by(&trail);
        assert_eq!(joined, step("Last line: more.\n\n```bash\naws a\naws more\n```"));
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        let error = |text| blocks("types/x.toml", 7, text).unwrap_err().to_string();
        assert_eq!(
            error("a\n\n```\nx\n```"),
            "guidance/types/x.toml:9: the fence names no language"
        );
        assert_eq!(error("```bash\nx"), "guidance/types/x.toml:7: the fence is not closed");
        assert_eq!(
            error("a\n#### b"),
            "guidance/types/x.toml:8: a step has no headings of its own"
        );
    }
}
