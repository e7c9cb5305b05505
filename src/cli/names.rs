//! Finding types that were named on the command line.

use std::collections::BTreeSet;

use super::error::CliError;
use crate::catalogue::lookup;
use crate::finding_type::FindingType;

/// The finding types that texts name exactly, as name or file name, among those that there are.
pub(super) fn named<'n>(
    given: &[String],
    names: impl Iterator<Item = &'n FindingType>,
) -> Result<BTreeSet<FindingType>, CliError> {
    let names: Vec<&FindingType> = names.collect();
    let known = |given: &String| {
        let name = names.iter().find(|name| lookup::is_name_of(given, name));
        name.map(|name| (*name).clone()).ok_or_else(|| unknown(given, &names))
    };
    given.iter().map(known).collect()
}

fn unknown(given: &str, names: &[&FindingType]) -> CliError {
    CliError::usage(&format_args!("{given:?} is no finding type that this run is about"))
        .maybe_hint(did_you_mean(&lookup::find(given, names.iter().copied()).offered()))
        .hint("`guardduty-runbooks list` names them; a file name without .md will do as well")
}

/// Offers names in place of one that is not known; none where there is nothing to offer.
pub(super) fn did_you_mean(offered: &[&FindingType]) -> Option<String> {
    (!offered.is_empty()).then(|| format!("did you mean {}?", listed(offered, ", or ")))
}

/// Names in one line.
pub(super) fn listed(names: &[&FindingType], between: &str) -> String {
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(between)
}
