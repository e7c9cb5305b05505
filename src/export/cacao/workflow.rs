//! The steps of a playbook: look, keep evidence, decide whether it is harmless, and act if not.

use std::collections::{BTreeMap, BTreeSet};

use super::flow::{Flow, Node};
use super::id::Ids;
use super::model::{Agent, Command, Step, Variable};
use crate::guidance::{self, Block, Guidance, Question, placeholder};

/// The variable that says whether the finding is harmless.
const VERDICT: &str = "__is_benign__";

/// The steps of a playbook, and what they use.
pub(super) struct Workflow<'p> {
    /// The id of the first step.
    pub(super) start: String,
    /// The steps by id, in the order in which they are met.
    pub(super) steps: serde_json::Map<String, serde_json::Value>,
    /// The variables that steps set.
    pub(super) variables: BTreeMap<String, Variable>,
    /// What the commands are for.
    pub(super) activities: BTreeSet<&'static str>,
    /// Who does the steps, by id.
    pub(super) agent: (String, Agent),
    ids: &'p Ids,
}

/// A step that is to be made, whatever follows it.
struct Task {
    /// A name that no other task of the playbook has.
    name: String,
    title: String,
    commands: Vec<Command>,
    sets: Vec<String>,
}

impl<'p> Workflow<'p> {
    pub(super) fn new(guidance: &Guidance<'_>, ids: &'p Ids) -> Self {
        let agent = Agent {
            kind: "individual",
            name: "Responder",
            description: "Who works on the finding, with AWS CLI and, where it is named, kubectl.",
        };
        let start = ids.object("start", "start");
        let mut workflow = Self {
            start: start.clone(),
            steps: serde_json::Map::new(),
            variables: BTreeMap::new(),
            activities: BTreeSet::new(),
            agent: (ids.object("individual", "responder"), agent),
            ids,
        };
        let look = look(guidance);
        let verdict = ids.object("if-condition", "verdict");
        let first = workflow.task_id(&look[0]);
        workflow.add(start, &Step::Start { on_completion: first });
        workflow.chain(look, &verdict);
        workflow.verdict(guidance, verdict);
        workflow
    }

    /// What becomes of the finding once it is known whether it is harmless.
    fn verdict(&mut self, guidance: &Guidance<'_>, id: String) {
        let description = "Whether the finding is harmless: true or false.";
        self.variable(VERDICT, "bool", description.to_owned());
        let (harmless, close) = (suppress_or_leave(guidance), close(guidance));
        let harmless_end = self.ids.object("end", "end-of-harmless");
        let harmful_end = self.ids.object("end", "end-of-harmful");
        let end = self.ids.object("end", "end");
        let act = act(guidance);
        let (on_true, on_completion) = (self.task_id(&harmless[0]), self.task_id(&close[0]));
        let on_false = self.task_id(&act.before[0]);
        self.add(
            id,
            &Step::IfCondition {
                name: "Is it harmless?".to_owned(),
                on_completion,
                condition: format!("{VERDICT}:value = 'true'"),
                on_true,
                on_false,
            },
        );
        self.chain(harmless, &harmless_end);
        self.add(harmless_end, &Step::End {});
        let after = act.after.first().map_or(harmful_end.clone(), |task| self.task_id(task));
        match act.flow {
            Some(flow) => {
                let decided = self.node_id(&flow, &flow.first, "flow");
                self.chain(act.before, &decided);
                self.node(&flow, &flow.first, "flow", &after);
            }
            None => self.chain(act.before, &after),
        }
        self.chain(act.after, &harmful_end);
        self.add(harmful_end, &Step::End {});
        self.chain(close, &end);
        self.add(end, &Step::End {});
    }

    /// Adds tasks one after the other, the last of which leads to a step that is made elsewhere.
    fn chain(&mut self, tasks: Vec<Task>, then: &str) {
        let mut ids: Vec<String> = tasks.iter().map(|task| self.task_id(task)).collect();
        ids.push(then.to_owned());
        for (task, ids) in tasks.into_iter().zip(ids.windows(2)) {
            self.activities.extend(task.commands.iter().map(|command| command.playbook_activity));
            let step = Step::Action {
                name: task.title,
                on_completion: ids[1].clone(),
                commands: task.commands,
                agent: self.agent.0.clone(),
                out_args: task.sets,
            };
            self.add(ids[0].clone(), &step);
        }
    }

    /// Adds a node of the flow and all that follows it, and then goes on with another step. The way
    /// to the node is part of its name: where ways meet again, each has steps of its own, because a
    /// branch has to come to an end of its own.
    fn node(&mut self, flow: &Flow, name: &str, way: &str, then: &str) {
        let node = &flow.nodes[name];
        let task = node_task(node, name, way);
        if !node.is_decision {
            let next = node.edges.first().map(|(_, next)| next.as_str());
            let way = format!("{way}/{name}");
            let on = next.map_or(then.to_owned(), |next| self.node_id(flow, next, &way));
            self.chain(vec![task], &on);
            if let Some(next) = next {
                self.node(flow, next, &way, then);
            }
            return;
        }
        let variable = decision_variable(name);
        let answers: Vec<&str> = node.edges.iter().map(|(label, _)| label.as_str()).collect();
        let answers = answers.join("; ");
        self.variable(&variable, "string", format!("{} One of: {answers}.", node.text));
        let switch = self.ids.object("switch-condition", &format!("{way}/{name}"));
        self.chain(vec![task], &switch);
        let way_to = |label: &str| format!("{way}/{name}={label}");
        let case = |(label, next): &(String, String)| {
            (label.clone(), self.node_id(flow, next, &way_to(label)).into())
        };
        let step = Step::SwitchCondition {
            name: node.text.clone(),
            on_completion: then.to_owned(),
            switch: format!("{variable}:value"),
            cases: node.edges.iter().map(case).collect(),
        };
        self.add(switch, &step);
        for (label, next) in &node.edges {
            let way = way_to(label);
            let end = self.ids.object("end", &way);
            self.node(flow, next, &way, &end);
            self.add(end, &Step::End {});
        }
    }

    /// The id of the step that a node of the flow begins with.
    fn node_id(&self, flow: &Flow, name: &str, way: &str) -> String {
        self.task_id(&node_task(&flow.nodes[name], name, way))
    }

    fn task_id(&self, task: &Task) -> String {
        self.ids.object("action", &task.name)
    }

    fn variable(&mut self, name: &str, kind: &'static str, description: String) {
        self.variables.insert(name.to_owned(), Variable { kind, description, external: false });
    }

    fn add(&mut self, id: String, step: &Step) {
        let step = serde_json::to_value(step).expect("a step holds nothing but texts");
        self.steps.insert(id, step);
    }
}

/// How a variable is called: `__instance_id__` for the placeholder `instance_id`.
pub(super) fn variable_name(placeholder: &str) -> String {
    format!("__{placeholder}__")
}

/// The text with variables in place of placeholders: `__instance_id__:value` for `<INSTANCE_ID>`.
pub(super) fn with_variables(text: &str) -> String {
    let mut names: Vec<String> = placeholder::names_in(text).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().fold(text.to_owned(), |text, name| {
        let shown = format!("<{}>", name.to_ascii_uppercase());
        text.replace(&shown, &format!("{}:value", variable_name(&name)))
    })
}

fn decision_variable(node: &str) -> String {
    variable_name(&format!("decision_{}", node.to_ascii_lowercase()))
}

/// What is done before it is known whether the finding is harmless.
fn look(guidance: &Guidance<'_>) -> Vec<Task> {
    let first = manual("First move", guidance.first_move, "identify-steps");
    let mut tasks = vec![Task::new("first-move", "First move", vec![first])];
    tasks.extend(guidance.questions.iter().map(|question| asked(question)));
    for name in ["investigate", "elsewhere", "collect"] {
        tasks.extend(section(guidance, name));
    }
    let decide = format!(
        "Decide whether the finding is harmless, by the answers so far. What else it can be:\n{}",
        list(&guidance.benign)
    );
    let decide = manual("Decide", &decide, "identify-indicators");
    let mut verdict = Task::new("verdict", "Decide whether it is harmless", vec![decide]);
    verdict.sets.push(VERDICT.to_owned());
    tasks.push(verdict);
    tasks
}

/// What is done where it is not harmless: the flow stands between the check of the account and the
/// steps that contain.
struct Act {
    before: Vec<Task>,
    flow: Option<Flow>,
    after: Vec<Task>,
}

fn act(guidance: &Guidance<'_>) -> Act {
    let account = blocks_of(guidance.account);
    let account = commands(&account, "Before anything is changed", "identify-steps");
    let account = Task::new("account", "See that commands go to the right account", account);
    let escalate = manual("When to call others", &list(guidance.escalate), "identify-steps");
    let escalate = Task::new("escalate", "Call others where it needs them", vec![escalate]);
    let after = ["contain", "eradicate", "recover"].into_iter();
    Act {
        before: vec![escalate, account],
        flow: guidance.flow.and_then(Flow::read),
        after: after.flat_map(|name| section(guidance, name)).collect(),
    }
}

/// What is done with a harmless finding: a rule where one is right, a note where none is.
fn suppress_or_leave(guidance: &Guidance<'_>) -> Vec<Task> {
    let suppression = &guidance.suppression;
    let when = suppression.when.as_ref().map(|when| format!("A rule is right when: {when}"));
    let never = suppression.never.as_ref().map(|never| format!("Do not suppress: {never}"));
    let parts: Vec<String> =
        suppression.caution.clone().into_iter().chain(when).chain(never).collect();
    let note = manual("Before a rule suppresses anything", &parts.join("\n\n"), "identify-steps");
    let mut tasks = vec![Task::new("harmless", "Whether to suppress", vec![note])];
    tasks.extend(section(guidance, "suppress"));
    tasks
}

/// How the case is closed.
fn close(guidance: &Guidance<'_>) -> Vec<Task> {
    let points = manual("Before the case is closed", &list(guidance.close), "identify-steps");
    let points = Task::new("see-to", "See to what is left", vec![points]);
    let points = (!guidance.close.is_empty()).then_some(points);
    points.into_iter().chain(section(guidance, "close")).collect()
}

fn list(points: &[impl AsRef<str>]) -> String {
    let points: Vec<String> = points.iter().map(|point| format!("- {}", point.as_ref())).collect();
    points.join("\n")
}

fn section(guidance: &Guidance<'_>, wanted: &str) -> Vec<Task> {
    let sections = guidance.sections().into_iter().filter(|(name, _)| *name == wanted);
    let steps = sections.flat_map(|(name, steps)| steps.into_iter().map(move |step| (name, step)));
    steps.map(|(name, step)| task(name, step)).collect()
}

fn task(section: &str, step: &guidance::Step) -> Task {
    let activity = match section {
        "investigate" | "elsewhere" | "collect" => "analyze-collected-data",
        "contain" => "restrict-access",
        "eradicate" => "eliminate-risk",
        "recover" => "restore-capabilities",
        "suppress" => "configure-systems",
        _ => "execute-operation",
    };
    // What stands apart in a runbook is in line with the other steps here.
    let title = match section {
        "elsewhere" => format!("Without Athena: {}", step.title),
        _ => step.title.clone(),
    };
    let commands = commands(&step.blocks, &title, activity);
    Task::new(&format!("{section}/{}", step.id), &title, commands)
}

fn asked(question: &Question) -> Task {
    let field = question.path.as_ref().map(|path| format!(" The finding has it in {path}."));
    let ask = format!("{}{}", question.ask, field.unwrap_or_default());
    let mut steps = vec![manual("Find out", &ask, "identify-indicators")];
    steps.extend(commands(&question.answers, "What answers mean", "identify-indicators"));
    Task::new(&format!("triage/{}", question.id), &question.ask, steps)
}

fn node_task(node: &Node, name: &str, way: &str) -> Task {
    let name_of_task = format!("{way}/{name}");
    if !node.is_decision {
        let act = manual("Do", &node.text, "restrict-access");
        return Task::new(&name_of_task, &node.text, vec![act]);
    }
    let answers: Vec<&str> = node.edges.iter().map(|(label, _)| label.as_str()).collect();
    let ask = format!("{} Answer with one of: {}.", node.text, answers.join("; "));
    let ask = manual("Decide", &ask, "identify-indicators");
    let mut task = Task::new(&name_of_task, &node.text, vec![ask]);
    task.sets.push(decision_variable(name));
    task
}

/// The parts of a step as commands: what is to be read first, then each command of a shell.
fn commands(blocks: &[Block], title: &str, activity: &'static str) -> Vec<Command> {
    let mut texts: Vec<String> = Vec::new();
    let mut codes = Vec::new();
    for block in blocks {
        match block {
            Block::Prose(text) => texts.push(text.clone()),
            Block::Record(text) => texts.push(format!("Record first: {text}")),
            Block::Breaks(text) => texts.push(format!("Breaks: {text}")),
            Block::Undo(text) => texts.push(format!("Undo: {text}")),
            Block::Code { language, text } => codes.push((language.as_str(), text.as_str())),
        }
    }
    let read = (!texts.is_empty()).then(|| manual(title, &texts.join("\n\n"), activity));
    let run = codes.into_iter().flat_map(|(language, text)| code(language, text, activity));
    read.into_iter().chain(run).collect()
}

/// A block of code as commands; in shell, one a line where no line belongs to the one before.
fn code(language: &str, text: &str, activity: &'static str) -> Vec<Command> {
    if language != "bash" {
        let what = if language == "sql" { "Run this query" } else { "Use this" };
        return vec![manual(what, text, activity)];
    }
    let is_simple = |line: &str| !line.starts_with([' ', '\t']) && !line.ends_with('\\');
    let one_a_line = text.lines().all(is_simple) && !text.contains("<<") && !text.contains("; do");
    let texts = if one_a_line { text.lines().collect() } else { vec![text] };
    let texts = texts.into_iter().filter(|text| !text.trim().is_empty());
    let command = |text| Command {
        kind: "bash",
        description: None,
        command: with_variables(text),
        playbook_activity: activity,
    };
    texts.map(command).collect()
}

fn manual(description: &str, text: &str, activity: &'static str) -> Command {
    Command {
        kind: "manual",
        description: Some(description.to_owned()),
        command: with_variables(text),
        playbook_activity: activity,
    }
}

/// The parts of a text that is no step of its own.
fn blocks_of(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (at, part) in markdown.split("```").enumerate() {
        let part = part.trim();
        match part.split_once('\n') {
            Some((language, code)) if at % 2 == 1 => blocks
                .push(Block::Code { language: language.to_owned(), text: code.trim().to_owned() }),
            _ if part.is_empty() => {}
            _ => blocks.push(Block::Prose(part.to_owned())),
        }
    }
    blocks
}

impl Task {
    fn new(name: &str, title: &str, commands: Vec<Command>) -> Self {
        Self { name: name.to_owned(), title: title.to_owned(), commands, sets: Vec::new() }
    }
}
