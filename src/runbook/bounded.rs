//! What a template writes, up to the most that a runbook may be.

use std::io::{self, ErrorKind, Write};

/// The longest text of one runbook, in bytes; the longest one with AWS's own text has 53 KiB. A run
/// has the runbooks of all finding types in memory, so that this bounds the memory of a run as well.
pub(crate) const MOST_TEXT: usize = 1 << 20;

/// A text that grows up to [`MOST_TEXT`], and refuses what would come after.
#[derive(Debug, Default)]
pub(crate) struct Bounded {
    bytes: Vec<u8>,
    is_full: bool,
}

impl Bounded {
    /// Whether more was written than it takes.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    /// The text. Whoever writes whole texts has written one.
    pub(crate) fn into_text(self) -> String {
        String::from_utf8(self.bytes).expect("a template writes whole characters")
    }
}

impl Write for Bounded {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if more.len() > MOST_TEXT - self.bytes.len() {
            self.is_full = true;
            return Err(ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{Renderer, Template, TemplateError};
    use super::*;
    use crate::catalogue::builtin;

    fn render(text: &str) -> Result<String, TemplateError> {
        let template = Template::Own { name: "mine.md".into(), text: text.into() };
        let catalogue = builtin::catalogue();
        let renderer = Renderer::new(template, BTreeMap::new(), true)?;
        renderer.render(&catalogue.entries[0], &catalogue)
    }

    #[test]
    fn a_template_ends_that_works_for_ever_or_writes_without_end() {
        let endless =
            "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
        let grows = |what: &str| {
            format!(
                "{{% set n = namespace(x='xy') %}}{{% for i in range(40) %}}{what}{{% endfor %}}"
            )
        };
        for template in [
            endless,
            "{% set x = 'xy' * 3000000000 %}",
            "{{ ('x\n' * 9999) | indent(9999999) }}",
            "{{ ('x' * 99999) | replace('x', 'y' * 99999) }}",
            "{{ '%9999999999d' | format(1) }}",
            "{{ ([1] * 9999999) | list }}",
            "{{ ([1] * 9999999) | yaml }}",
            "{{ (['x' * 99999] * 99999) | join }}",
            "{{ (['x' * 99999] * 9999) | string }}",
            "{{ ([['x' * 99999] * 9999] * 9) | join(', ') }}",
            "{{ (range(99999) | list) | batch(9999999999, 'x') }}",
            "{{ steps('x' * 999999, [{'title': 'x', 'text': 'x', 'runs_on': true}] * 99999) }}",
            "{% set x %}{% for i in range(99999) %}{{ 'x' * 99999 }}{% endfor %}{% endset %}",
            "{% macro m(n) %}{{ 'x' * n }}{% endmacro %}{% for i in range(99999) %}\
             {% set x = m(99999) %}{% endfor %}",
            &grows("{% set n.x = n.x ~ n.x %}"),
            &grows("{% set n.x = n.x + n.x %}"),
            &grows("{% set n.x = [n.x, n.x] | join %}"),
            &grows("{% set n.x = n.x | replace('xy', 'xyxy') %}"),
        ] {
            let error = render(template).unwrap_err();
            assert!(matches!(error, TemplateError::TooMuchWork { .. }), "{template}: {error}");
        }
        let long = "{% for i in range(99) %}{{ 'long' * 9999 }}{% endfor %}";
        let error = render(long).unwrap_err();
        let message = "mine.md: its text for AttackSequence:EC2/CompromisedInstanceGroup is longer \
                       than 1024 KiB";
        assert_eq!(error.to_string(), message);
        let whole = "{% for i in range(64) %}{{ 'x' * 16383 }}\n{% endfor %}";
        assert_eq!(render(whole).unwrap().len(), MOST_TEXT);
    }
}
