//! Steps as Markdown: the functions `step` and `steps` of the templates.

use minijinja::value::Value;
use minijinja::{Error, ErrorKind, State};

/// A step of the guidance: its title in bold, behind a label of the template's, then its text.
pub(super) fn step(step: &Value, label: Option<&str>) -> Result<String, Error> {
    let mut out = String::new();
    write_step(step, label.unwrap_or_default(), &mut out)?;
    Ok(out)
}

/// Steps with numbers (`**Contain 1. Isolate it.**`), each between empty lines. A list may be longer
/// than the memory that it takes, so that each step is work.
pub(super) fn steps(state: &State<'_, '_>, section: &str, list: &Value) -> Result<String, Error> {
    let mut out = String::new();
    for (number, step) in (1..).zip(list.try_iter()?) {
        let before = out.len();
        out.push('\n');
        write_step(&step, &format!("{section} {number}. "), &mut out)?;
        out.push('\n');
        state.consume_fuel(work_of(out.len() - before))?;
    }
    Ok(out)
}

/// The fuel for making a text of so many bytes, as the engine counts it for its own texts.
pub(super) fn work_of(bytes: usize) -> u64 {
    1 + (bytes / 64) as u64
}

fn write_step(step: &Value, label: &str, out: &mut String) -> Result<(), Error> {
    let (title, text, runs_on) =
        (step.get_attr("title")?, step.get_attr("text")?, step.get_attr("runs_on")?);
    let (Some(title), Some(text)) = (title.as_str(), text.as_str()) else {
        return Err(Error::new(ErrorKind::InvalidOperation, "this is no step of the guidance"));
    };
    let mark = if title.ends_with(['?', '!']) { "" } else { "." };
    let between = if runs_on.is_true() { " " } else { "\n\n" };
    for part in ["**", label, title, mark, "**", between, text.trim_end()] {
        out.push_str(part);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use minijinja::{Environment, context};

    use super::*;

    #[test]
    fn steps_are_labelled_numbered_and_end_their_sentence() {
        let look = context! { title => "Is it alone?", text => "Look.\n", runs_on => true };
        let code = context! { title => "Isolate it", text => "```bash\nx\n```", runs_on => false };
        assert_eq!(step(&look, None).unwrap(), "**Is it alone?** Look.");
        let environment = Environment::new();
        let state = environment.empty_state();
        assert_eq!(
            steps(&state, "Contain", &Value::from(vec![look, code])).unwrap(),
            "\n**Contain 1. Is it alone?** Look.\n\n**Contain 2. Isolate it.**\n\n```bash\nx\n```\n"
        );
        assert!(step(&Value::from("text"), None).is_err());
    }
}
