//! Templates: `runbook` and `classic`, which come with the program, and people's own files.
//!
//! The language is minijinja's (<https://docs.rs/minijinja/latest/minijinja/syntax/>). A variable
//! that a template does not know is an error that names it, its line, and the known ones.

use std::collections::BTreeMap;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};

use super::context::{Attribution, Context, NAMES};
use super::markdown::{cell_text, escape};
use crate::catalogue::{Catalogue, Finding};

/// How many instructions the rendering of one runbook may take, so that a template that loops for
/// ever ends in an error. The built-in ones take some hundreds.
const FUEL: u64 = 10_000_000;

/// A template that runbooks are rendered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Template {
    /// The default.
    Runbook,
    /// What the Python tool writes, with its faults mended.
    Classic,
    /// A template of the user's own.
    Own {
        /// Its file, for messages.
        name: String,
        /// Its text.
        text: String,
    },
}

impl Template {
    /// The name by which messages and the workspace know it.
    pub fn name(&self) -> &str {
        match self {
            Self::Runbook => "runbook",
            Self::Classic => "classic",
            Self::Own { name, .. } => name,
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Runbook => include_str!("templates/runbook.md.jinja"),
            Self::Classic => include_str!("templates/classic.md.jinja"),
            Self::Own { text, .. } => text,
        }
    }
}

/// A template that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It names a variable that does not exist.
    #[error("{template}:{line}: the variable `{variable}` is unknown")]
    UnknownVariable {
        /// The template's name.
        template: String,
        /// The line, from 1.
        line: usize,
        /// The variable.
        variable: String,
        /// The variables that exist.
        known: String,
    },
    /// It is not in the language of templates, or does what it may not.
    #[error("{template}:{line}: {reason}")]
    Broken {
        /// The template's name.
        template: String,
        /// The line, from 1; 0 where it is not known.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

impl TemplateError {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownVariable { variable, known, .. } if variable.starts_with("vars") => {
                Some(format!("set it under [vars] in the configuration file; set there: {known}"))
            }
            Self::UnknownVariable { known, .. } => {
                Some(format!("the known variables are: {known}"))
            }
            Self::Broken { .. } => None,
        }
    }
}

/// Renders findings through one template.
#[derive(Debug)]
pub struct Renderer {
    environment: Environment<'static>,
    template: Template,
    vars: BTreeMap<String, toml::Value>,
    attribution: bool,
}

impl Renderer {
    /// A renderer for a template, with the variables that reach it as `vars`, and with or without
    /// the paragraph that names source and licence of AWS's text.
    pub fn new(
        template: Template,
        vars: BTreeMap<String, toml::Value>,
        attribution: bool,
    ) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_debug(true);
        environment.set_fuel(Some(FUEL));
        let mut syntax = SyntaxConfig::builder();
        syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
        environment.set_syntax(syntax.build().expect("the usual marks do not clash"));
        environment.add_filter("yaml", yaml);
        environment.add_filter("md", |text: &str| escape(text));
        environment.add_filter("cell", |text: &str| cell_text(text));
        let name = template.name().to_owned();
        let added = environment.add_template_owned(name, template.text().to_owned());
        let renderer = Self { environment, template, vars, attribution };
        added.map_err(|error| renderer.broken(&error))?;
        renderer.check_names()?;
        Ok(renderer)
    }

    /// The template.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The runbook of a finding: UTF-8 with `\n` at the end of every line.
    pub fn render(
        &self,
        finding: &Finding,
        catalogue: &Catalogue,
    ) -> Result<String, TemplateError> {
        let attribution = match (self.attribution, &self.template) {
            (false, _) => Attribution::None,
            (true, Template::Classic) => Attribution::Section,
            (true, _) => Attribution::SectionAndSteps,
        };
        let context = Context::new(finding, catalogue, &self.vars, attribution);
        let template = self.environment.get_template(self.template.name());
        let rendered = template.and_then(|template| template.render(Serde(&context)));
        let text = rendered.map_err(|error| self.broken(&error))?;
        Ok(format!("{}\n", text.replace("\r\n", "\n").trim_matches('\n')))
    }

    /// Finds names that no finding has, before anything is rendered.
    fn check_names(&self) -> Result<(), TemplateError> {
        let template = self.environment.get_template(self.template.name());
        let template = template.map_err(|error| self.broken(&error))?;
        let known = |name: &str| NAMES.contains(&name) || name == "url" || name == "vars";
        let undeclared = template.undeclared_variables(false);
        let globals: Vec<&str> = self.environment.globals().map(|(name, _)| name).collect();
        let mut unknown: Vec<String> = undeclared
            .into_iter()
            .filter(|n| !known(n) && !globals.contains(&n.as_str()))
            .collect();
        unknown.sort_by_key(|name| self.line_of(name));
        let Some(variable) = unknown.into_iter().next() else { return Ok(()) };
        Err(self.unknown(self.line_of(&variable), variable))
    }

    fn unknown(&self, line: usize, variable: String) -> TemplateError {
        let known = if variable.starts_with("vars") {
            let set: Vec<&str> = self.vars.keys().map(String::as_str).collect();
            if set.is_empty() { "nothing".to_owned() } else { set.join(", ") }
        } else {
            NAMES.iter().copied().chain(["url", "vars"]).collect::<Vec<_>>().join(", ")
        };
        TemplateError::UnknownVariable {
            template: self.template.name().to_owned(),
            line,
            variable,
            known,
        }
    }

    /// The first line where a name stands as a word within a tag.
    fn line_of(&self, name: &str) -> usize {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let has = |line: &str| {
            line.match_indices(name).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                let after = line[at + name.len()..].chars().next();
                !before.is_some_and(|c| word(c) || c == '.') && !after.is_some_and(word)
            })
        };
        self.template.text().lines().position(has).map_or(0, |at| at + 1)
    }

    fn broken(&self, error: &Error) -> TemplateError {
        let line = error.line().unwrap_or(0);
        if error.kind() == ErrorKind::UndefinedError
            && let Some(variable) = error.range().and_then(|range| self.template.text().get(range))
        {
            return self.unknown(line, variable.trim().to_owned());
        }
        let reason = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        TemplateError::Broken { template: self.template.name().to_owned(), line, reason }
    }
}

/// A value as YAML on one line: texts in double quotes, lists in brackets.
fn yaml(value: &Value) -> Result<String, Error> {
    let json = |value: &Value| serde_json::to_string(value);
    let written = match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            let items: Vec<String> = value
                .try_iter()?
                .map(|item| json(&item))
                .collect::<Result<_, _>>()
                .map_err(not_yaml)?;
            format!("[{}]", items.join(", "))
        }
        _ => json(value).map_err(not_yaml)?,
    };
    Ok(written)
}

fn not_yaml(error: serde_json::Error) -> Error {
    Error::new(ErrorKind::InvalidOperation, "the value cannot be written as YAML")
        .with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::builtin;

    fn own(text: &str) -> Template {
        Template::Own { name: "mine.md".into(), text: text.into() }
    }

    fn vars(text: &str) -> BTreeMap<String, toml::Value> {
        toml::from_str(text).unwrap()
    }

    fn render(text: &str, vars: BTreeMap<String, toml::Value>) -> Result<String, TemplateError> {
        let catalogue = builtin::catalogue();
        Renderer::new(own(text), vars, true)?.render(&catalogue.findings[0], &catalogue)
    }

    #[test]
    fn vars_reach_a_template_of_ones_own() {
        let vars = vars("pager = \"+1 555\"\n[team]\nname = \"IR\"");
        let text = "{{ finding_type }}: {{ vars.pager }} {{ vars.team.name }}\n";
        assert_eq!(
            render(text, vars).unwrap(),
            "AttackSequence:EC2/CompromisedInstanceGroup: +1 555 IR\n"
        );
    }

    #[test]
    fn an_unknown_variable_is_named_with_its_line_and_the_known_ones() {
        let error = render("a\n{{ finding_tpye }}\n", BTreeMap::new()).unwrap_err();
        assert_eq!(error.to_string(), "mine.md:2: the variable `finding_tpye` is unknown");
        assert!(error.hint().unwrap().contains("finding_type"));
        let error = render("a\n\n{{ vars.pager }}", vars("phone = 1")).unwrap_err();
        assert_eq!(error.to_string(), "mine.md:3: the variable `vars.pager` is unknown");
        assert!(error.hint().unwrap().ends_with("set there: phone"));
        assert_eq!(
            render("{{ vars.pager | default('none') }}", BTreeMap::new()).unwrap(),
            "none\n"
        );
    }

    #[test]
    fn a_broken_template_is_named_with_its_line() {
        let error = render("a\n{% if %}", BTreeMap::new()).unwrap_err();
        assert!(error.to_string().starts_with("mine.md:2: "), "{error}");
        let endless =
            "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
        let error = render(endless, BTreeMap::new()).unwrap_err();
        assert!(error.to_string().contains("fuel"), "{error}");
        let error = render("{{ finding_type | nope }}", BTreeMap::new()).unwrap_err();
        assert!(error.to_string().contains("nope"), "{error}");
    }

    #[test]
    fn a_runbook_from_the_built_in_catalogue_says_what_is_missing_and_where_it_is() {
        let catalogue = builtin::catalogue();
        let finding = catalogue
            .findings
            .iter()
            .find(|finding| finding.finding_type.as_str() == "Backdoor:EC2/C&CActivity.B!DNS")
            .unwrap();
        let renderer = Renderer::new(Template::Runbook, BTreeMap::new(), true).unwrap();
        insta::assert_snapshot!(renderer.render(finding, &catalogue).unwrap());
    }
}
