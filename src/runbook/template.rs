//! Templates: `runbook` and `classic`, which come with the program, and people's own files.
//!
//! The language is minijinja's (<https://docs.rs/minijinja/latest/minijinja/syntax/>). A variable
//! that a template does not know is an error that names it, its line, and the known ones.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memchr;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, ErrorKind};

use super::bounded::{Bounded, MOST_TEXT};
use super::context::{Attribution, Context, NAMES};
use super::filters;
use super::overlay::{Overlay, Overlays};
use super::shared::Shared;
use super::steps;
use crate::catalogue::{Catalogue, CatalogueEntry};
use crate::finding_type::FindingType;
use crate::jinja;

/// How much work a template may take for one finding type: an instruction is one, and so are 64 bytes of
/// text that it makes, whether or not they come into the runbook. A template that loops for ever
/// ends in an error, and none holds more than 64 MiB of text. The built-in ones take some thousands.
const FUEL: u64 = 1 << 20;

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
    /// It takes more work than a template may: it loops for ever, or doubles a text again and again.
    #[error(
        "{template}:{line}: the template takes too much work for {finding_type}: more than {FUEL} \
         instructions, or {} MiB of text on the way", FUEL / 16_384
    )]
    TooMuchWork {
        /// The template's name.
        template: String,
        /// The line, from 1; 0 where it is not known.
        line: usize,
        /// The finding type that was rendered.
        finding_type: FindingType,
    },
    /// Its text is longer than a runbook may be.
    #[error("{template}: its text for {finding_type} is longer than {} KiB", MOST_TEXT / 1024)]
    TooLong {
        /// The template's name.
        template: String,
        /// The finding type that was rendered.
        finding_type: FindingType,
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
            Self::TooMuchWork { .. } => {
                Some("look there for a loop that is too long, or a text that grows".to_owned())
            }
            Self::TooLong { .. } => {
                Some("look for a loop that writes too often; no runbook needs that much".to_owned())
            }
            Self::Broken { .. } => None,
        }
    }
}

/// Renders finding types through one template.
#[derive(Debug)]
pub struct Renderer {
    environment: Environment<'static>,
    template: Template,
    vars: Value,
    attribution: bool,
    overlays: Overlays,
    /// The variables that template and overlays name.
    names: BTreeSet<&'static str>,
}

/// Renders finding types of one catalogue. What several runbooks have in common is made once.
pub struct Rendering<'a> {
    renderer: &'a Renderer,
    shared: Shared<'a>,
}

impl Renderer {
    /// A renderer for a template, with the variables that reach it as `vars`, and with or without
    /// the paragraph that names source and licence of AWS's text.
    pub fn new(
        template: Template,
        vars: BTreeMap<String, toml::Value>,
        attribution: bool,
    ) -> Result<Self, TemplateError> {
        let mut environment = jinja::environment();
        environment.set_debug(true);
        environment.set_fuel(Some(FUEL));
        filters::add_to(&mut environment);
        environment.add_function("step", steps::step);
        environment.add_function("steps", steps::steps);
        let (name, text) = (template.name().to_owned(), template.text().to_owned());
        let overlays = Overlays::default();
        let (vars, names) = (Value::from(Serde(vars)), BTreeSet::new());
        let mut renderer = Self { environment, template, vars, attribution, overlays, names };
        renderer.add(&name, &text, &[])?;
        Ok(renderer)
    }

    /// The template.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The renderer with a team's own steps, which a template has as `overlays`.
    pub fn with_overlays(mut self, overlays: &Overlays) -> Result<Self, TemplateError> {
        for overlay in overlays.all() {
            self.add(&overlay.name, &overlay.text, &["overlays"])?;
        }
        self.overlays = overlays.clone();
        Ok(self)
    }

    /// Renders finding types of a catalogue, of which the runbooks have much in common.
    pub fn over<'a>(&'a self, catalogue: &'a Catalogue) -> Rendering<'a> {
        Rendering { renderer: self, shared: Shared::new(catalogue) }
    }

    /// The runbook of one finding type, as [`Rendering::render`] gives it.
    pub fn render(
        &self,
        entry: &CatalogueEntry,
        catalogue: &Catalogue,
    ) -> Result<String, TemplateError> {
        self.over(catalogue).render(entry)
    }

    fn attribution(&self) -> Attribution {
        match (self.attribution, &self.template) {
            (false, _) => Attribution::None,
            (true, Template::Classic) => Attribution::Section,
            (true, _) => Attribution::SectionAndSteps,
        }
    }

    /// The text without empty lines at both ends, with `\n` at the end of every line.
    fn render_one(
        &self,
        name: &str,
        text: &str,
        values: Value,
        finding_type: &FindingType,
    ) -> Result<String, TemplateError> {
        let mut written = Bounded::default();
        let template = self.environment.get_template(name);
        let rendered =
            template.and_then(|template| template.render_captured_to(values, &mut written));
        if written.is_full() {
            let (template, finding_type) = (name.to_owned(), finding_type.clone());
            return Err(TemplateError::TooLong { template, finding_type });
        }
        if let Err(error) = rendered {
            return Err(match error.kind() {
                ErrorKind::OutOfFuel => TemplateError::TooMuchWork {
                    template: name.to_owned(),
                    line: error.line().unwrap_or(0),
                    finding_type: finding_type.clone(),
                },
                _ => self.broken(name, text, &error),
            });
        }
        let mut rendered = written.into_text();
        if memchr(b'\r', rendered.as_bytes()).is_some() {
            rendered = rendered.replace("\r\n", "\n");
        }
        rendered.truncate(rendered.trim_end_matches('\n').len());
        rendered.drain(..rendered.len() - rendered.trim_start_matches('\n').len());
        Ok(rendered)
    }

    /// Adds a template, and finds names in it that no finding has, before anything is rendered.
    fn add(&mut self, name: &str, text: &str, without: &[&str]) -> Result<(), TemplateError> {
        let added = self.environment.add_template_owned(name.to_owned(), text.to_owned());
        added.map_err(|error| self.broken(name, text, &error))?;
        let template = self.environment.get_template(name);
        let template = template.map_err(|error| self.broken(name, text, &error))?;
        let known = |name: &str| NAMES.contains(&name) && !without.contains(&name);
        let undeclared = template.undeclared_variables(false);
        let globals: Vec<&str> = self.environment.globals().map(|(name, _)| name).collect();
        self.names.extend(NAMES.into_iter().filter(|name| undeclared.contains(*name)));
        let unknown = undeclared.into_iter();
        let unknown = unknown.filter(|name| !known(name) && !globals.contains(&name.as_str()));
        let first = unknown.map(|name| (line_of(text, &name), name)).min();
        first.map_or(Ok(()), |(line, variable)| Err(self.unknown(name, line, variable)))
    }

    fn unknown(&self, template: &str, line: usize, variable: String) -> TemplateError {
        let known = if variable.starts_with("vars") {
            let set = self.vars.try_iter().into_iter().flatten();
            let set: Vec<String> = set.map(|name| name.to_string()).collect();
            if set.is_empty() { "nothing".to_owned() } else { set.join(", ") }
        } else {
            NAMES.join(", ")
        };
        TemplateError::UnknownVariable { template: template.to_owned(), line, variable, known }
    }

    fn broken(&self, template: &str, text: &str, error: &Error) -> TemplateError {
        let line = error.line().unwrap_or(0);
        if error.kind() == ErrorKind::UndefinedError
            && let Some(variable) = error.range().and_then(|range| text.get(range))
        {
            return self.unknown(template, line, variable.trim().to_owned());
        }
        let reason = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        TemplateError::Broken { template: template.to_owned(), line, reason }
    }
}

impl Rendering<'_> {
    /// The runbook of a finding type: UTF-8 with `\n` at the end of every line.
    pub fn render(&self, entry: &CatalogueEntry) -> Result<String, TemplateError> {
        let Renderer { template, vars, names, .. } = self.renderer;
        let mut context = Context::new(entry, &self.shared, vars, self.renderer.attribution());
        context.overlays = self.overlays(&context, &entry.finding_type)?;
        let values = context.values(names);
        let finding_type = &entry.finding_type;
        let (name, text) = (template.name(), template.text());
        let mut text = self.renderer.render_one(name, text, values, finding_type)?;
        text.push('\n');
        Ok(text)
    }

    /// A team's own steps for the finding type, which see all that the template sees but each other.
    fn overlays(
        &self,
        context: &Context<'_>,
        finding_type: &FindingType,
    ) -> Result<Vec<String>, TemplateError> {
        let renderer = self.renderer;
        if renderer.overlays.all().next().is_none() {
            return Ok(Vec::new());
        }
        let slug = context.slug();
        let kind = context.guidance().kind.unwrap_or_default();
        let overlays = renderer.overlays.of(kind, context.severity(), slug.as_str());
        let values = context.values(&renderer.names);
        let render = |Overlay { name, text, .. }: &Overlay| {
            renderer.render_one(name, text, values.clone(), finding_type)
        };
        overlays.map(render).collect()
    }
}

/// The first line where a name stands as a word within a tag.
fn line_of(text: &str, name: &str) -> usize {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let has = |line: &str| {
        line.match_indices(name).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let after = line[at + name.len()..].chars().next();
            !before.is_some_and(|c| word(c) || c == '.') && !after.is_some_and(word)
        })
    };
    text.lines().position(has).map_or(0, |at| at + 1)
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
        Renderer::new(own(text), vars, true)?.render(&catalogue.entries[0], &catalogue)
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
    fn overlays_are_put_in_for_the_findings_that_they_are_for() {
        let mut overlays = Overlays::default();
        for (place, text) in [
            ("all.md", "all {{ vars.pager }}"),
            ("resource/ec2-instance.md", "{% if severity == 'High' %}ec2 high{% endif %}"),
            ("resource/s3-bucket.md", "s3"),
            ("severity/high.md", "high"),
            ("finding/recon-ec2-portscan.md", "scan {{ finding_type }}\n"),
        ] {
            overlays.add(place, &format!("overlays/{place}"), text).unwrap();
        }
        let template = own("{{ overlays | join('|') }}");
        let renderer = Renderer::new(template, vars("pager = \"1\""), true).unwrap();
        let renderer = renderer.with_overlays(&overlays).unwrap();
        let render = |name: &str| {
            let catalogue = builtin::catalogue();
            let entry = catalogue.entries.iter().find(|f| f.finding_type.as_str() == name);
            renderer.render(entry.unwrap(), &catalogue).unwrap()
        };
        assert_eq!(render("Recon:EC2/Portscan"), "all 1||scan Recon:EC2/Portscan\n");
        assert_eq!(render("Backdoor:EC2/C&CActivity.B"), "all 1|ec2 high|high\n");
    }

    #[test]
    fn a_fault_in_an_overlay_is_named_with_file_and_line() {
        let error = |text: &str| {
            let mut overlays = Overlays::default();
            overlays.add("all.md", "team/overlays/all.md", text).unwrap();
            let catalogue = builtin::catalogue();
            let renderer = Renderer::new(own("{{ overlays }}"), BTreeMap::new(), true).unwrap();
            let result = renderer
                .with_overlays(&overlays)
                .and_then(|renderer| renderer.render(&catalogue.entries[0], &catalogue));
            result.unwrap_err().to_string()
        };
        let file = "team/overlays/all.md";
        assert_eq!(error("a\n{{ pager }}"), format!("{file}:2: the variable `pager` is unknown"));
        assert_eq!(error("{{ vars.x }}"), format!("{file}:1: the variable `vars.x` is unknown"));
        assert_eq!(
            error("{{ overlays }}"),
            format!("{file}:1: the variable `overlays` is unknown")
        );
        assert!(error("\n\n{% for %}").starts_with(&format!("{file}:3: ")));
    }

    #[test]
    fn a_broken_template_is_named_with_its_line() {
        let error = render("a\n{% if %}", BTreeMap::new()).unwrap_err();
        assert!(error.to_string().starts_with("mine.md:2: "), "{error}");
        let error = render("{{ finding_type | nope }}", BTreeMap::new()).unwrap_err();
        assert!(error.to_string().contains("nope"), "{error}");
    }

    /// What is left of the fuel tells how far the bound is from what is needed.
    #[test]
    fn the_templates_of_the_program_need_a_hundredth_of_the_work_that_they_may_take() {
        let catalogue = builtin::catalogue();
        for template in [Template::Runbook, Template::Classic] {
            let mut renderer = Renderer::new(template, BTreeMap::new(), true).unwrap();
            renderer.environment.set_fuel(Some(FUEL / 100));
            let rendering = renderer.over(&catalogue);
            for entry in &catalogue.entries {
                rendering.render(entry).unwrap();
            }
        }
    }

    fn runbook(name: &str, vars: BTreeMap<String, toml::Value>) -> String {
        let catalogue = builtin::catalogue();
        let mut entry = catalogue.entries[0].clone();
        entry.finding_type = name.parse().unwrap();
        Renderer::new(Template::Runbook, vars, true).unwrap().render(&entry, &catalogue).unwrap()
    }

    #[test]
    fn a_type_that_only_the_source_knows_gets_the_steps_of_kind_and_family() {
        let text = runbook("Backdoor:EC2/NewThing", BTreeMap::new());
        let note =
            "> **Note:** This program has no guidance of its own for `Backdoor:EC2/NewThing`";
        assert!(text.contains(note), "{text}");
        assert!(text.contains("tactics: []\ntechniques: []\n"), "{text}");
        assert!(!text.contains("| ATT&CK |"), "{text}");
        assert!(text.contains("**Scope 1. ") && text.contains("**Contain 1. "), "{text}");
        assert!(text.contains("**Do not suppress this type.** Nothing is known"), "{text}");
    }

    #[test]
    fn a_type_of_which_nothing_is_known_gets_what_every_runbook_has() {
        let text = runbook("Mystery:Toaster/Burns", BTreeMap::new());
        assert!(text.contains("the steps are those of any finding."), "{text}");
        assert!(text.contains("**Is it alone?**") && text.contains("**Close 1. "), "{text}");
        assert!(!text.contains("\n\n\n") && !text.contains("None"), "{text}");
    }

    #[test]
    fn escalate_has_the_teams_own_texts_or_a_gap() {
        let text = runbook("Recon:EC2/Portscan", BTreeMap::new());
        assert!(text.contains("> **Gap:** nobody is named here."), "{text}");
        let vars = vars("pager = \"+1 | 555\"\ncount = 3\n[owner]\nname = \"Ada\"");
        let text = runbook("Recon:EC2/Portscan", vars);
        let table = "| Set by your team | Value |\n| --- | --- |\n| owner name | Ada |\n| pager | \\+1 \\| 555 |\n\n";
        assert!(text.contains(table), "{text}");
        assert!(!text.contains("**Gap:**"), "{text}");
    }
}
