//! Reading in a process of its own, for what comes from the environment: certificates, proxies.

use std::env;
use std::process::Command;
use std::time::Duration;

use guardduty_runbooks::source::PageError;
use guardduty_runbooks::source::site::{SiteOptions, SiteReader};
use serde::{Deserialize, Serialize};
use url::Url;

use super::names;

const GUIDE: &str = "SITE_TEST_GUIDE";
const PAGES: &str = "SITE_TEST_PAGES";
const MARK: &str = "report: ";

/// What the other process saw.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Report {
    pub(super) pages: Vec<Seen>,
    pub(super) requests: u64,
    pub(super) retries: u64,
}

/// What came of a page.
#[derive(Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(super) enum Seen {
    Page(String),
    Unreachable { reason: String, hint: String },
    Other(String),
}

/// Reads pages of a guide in a process with these variables and none that name a proxy or
/// certificates otherwise.
pub(super) fn read(guide: &Url, pages: usize, variables: &[(&str, &str)]) -> Report {
    let mut command = Command::new(env::current_exe().expect("this program has a path"));
    for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(proxy).env_remove(proxy.to_lowercase());
    }
    let output = command
        .args(["site::child::in_a_process_of_its_own", "--exact", "--ignored", "--nocapture"])
        .env_remove("SSL_CERT_DIR")
        .env_remove("SSL_CERT_FILE")
        .env(GUIDE, guide.as_str())
        .env(PAGES, pages.to_string())
        .envs(variables.iter().copied())
        .output()
        .expect("this program can be started");
    let text = String::from_utf8_lossy(&output.stdout);
    let (_, report) = text.split_once(MARK).unwrap_or_else(|| panic!("no report: {output:?}"));
    let line = report.lines().next().expect("a line has a beginning");
    serde_json::from_str(line).expect("it was written below")
}

#[test]
#[ignore = "other tests start it, in a process of its own"]
fn in_a_process_of_its_own() {
    let guide = Url::parse(&env::var(GUIDE).unwrap()).unwrap();
    let pages = env::var(PAGES).unwrap().parse().unwrap();
    let timeout = Duration::from_secs(5);
    let reader = SiteReader::new(SiteOptions { timeout, ..SiteOptions::new(guide) }).unwrap();
    let seen = super::read(&reader, &names(pages)).into_iter().map(|result| match result {
        Ok(page) => Seen::Page(page.text),
        Err(PageError::Unreachable { reason, hint, .. }) => {
            Seen::Unreachable { reason, hint: hint.unwrap_or_default().to_owned() }
        }
        Err(other) => Seen::Other(other.to_string()),
    });
    let pages = seen.collect();
    let traffic = reader.traffic();
    let report = Report { pages, requests: traffic.requests, retries: traffic.retries };
    println!("{MARK}{}", serde_json::to_string(&report).unwrap());
}
