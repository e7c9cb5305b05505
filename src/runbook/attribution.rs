//! Where the text of a runbook comes from, and under which licence.
//!
//! AWS publishes its documentation under CC BY-SA 4.0
//! (<https://aws.amazon.com/legal/documentation-license/> names the licences); whoever passes the
//! text on names the source, the licence, and that it was changed.

use crate::guide::{GuideUrl, PageName};

/// The licence's own page.
const LICENCE_URL: &str = "https://creativecommons.org/licenses/by-sa/4.0/";

/// The paragraph that names source and licence of AWS's text from these pages; none without pages.
pub(super) fn paragraph(guide: &GuideUrl, pages: &[&PageName]) -> Option<String> {
    let links: Vec<String> =
        pages.iter().map(|page| format!("[{page}]({})", guide.page(page))).collect();
    let (last, others) = links.split_last()?;
    let links = match others {
        [] => last.clone(),
        others => format!("{} and {last}", others.join(", ")),
    };
    Some(format!(
        "AWS's text in this file is taken from the Amazon GuardDuty User Guide, {links}, \
         © Amazon Web Services, Inc. or its affiliates, and was converted to Markdown and arranged. \
         That text is licensed under [CC BY-SA 4.0]({LICENCE_URL}), and so is this file."
    ))
}
