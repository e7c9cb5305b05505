//! What the pages are like.

use std::sync::LazyLock;

use guardduty_runbooks::catalogue::builtin;
use guardduty_runbooks::runbook::{Renderer, Template};
use guardduty_runbooks::site::{self, Runbook, Site};

/// The site of the built-in runbooks.
static SITE: LazyLock<Site> = LazyLock::new(built_in);

fn built_in() -> Site {
    let catalogue = builtin::catalogue();
    let renderer = Renderer::new(Template::Runbook, [].into(), true).unwrap();
    let runbook = |finding| Runbook {
        finding_type: guardduty_runbooks::catalogue::CatalogueEntry::clone(finding).finding_type,
        text: renderer.render(finding, &catalogue).unwrap(),
    };
    site::build(&catalogue.entries.iter().map(runbook).collect::<Vec<_>>())
}

/// The pages of a site, by their path.
fn pages(site: &Site) -> impl Iterator<Item = (&String, &str)> {
    let pages = site.files.keys().filter(|path| path.strip_suffix(".html").is_some());
    pages.map(|path| (path, text(site, path)))
}

fn text<'s>(site: &'s Site, path: &str) -> &'s str {
    std::str::from_utf8(&site.files[path]).unwrap()
}

#[test]
fn every_finding_type_has_a_page_that_the_overview_leads_to() {
    let site = &*SITE;
    let overview = text(site, "index.html");
    for finding in builtin::catalogue().entries {
        let page = format!("{}.html", finding.finding_type.slug().as_str());
        assert!(site.files.contains_key(&page), "{page}");
        // Once in the list, and at least once as a square.
        assert!(overview.matches(&format!("href=\"{page}\"")).count() >= 2, "{page}");
    }
}

#[test]
fn pages_ask_for_nothing_but_files_of_the_site() {
    let site = &*SITE;
    for (path, page) in pages(site) {
        assert!(
            page.contains("content=\"default-src 'none'; script-src 'self' 'wasm-unsafe-eval';")
        );
        assert!(!page.contains("<style") && !page.contains(" style=\""), "{path}");
        for mark in ["src=\"", "<link rel=\"stylesheet\" href=\""] {
            for rest in page.split(mark).skip(1) {
                let target = rest.split('"').next().unwrap();
                let is_own = site.files.contains_key(target);
                assert!(
                    is_own || target.starts_with("data:image/svg+xml;base64,"),
                    "{path}: {target}"
                );
            }
        }
    }
}

/// The ids in a page.
fn ids(page: &str) -> Vec<&str> {
    page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn no_id_occurs_twice_in_a_page_whatever_its_headings_are() {
    let path = "recon-ec2-portscan.html";
    let page = text(&SITE, path);
    let headings = ids(page).into_iter().map(|id| format!("## {id}\n\n## {id}\n\n## {id} 2\n\n"));
    let finding_type = "Recon:EC2/Portscan".parse().unwrap();
    let site = site::build(&[Runbook { finding_type, text: headings.collect() }]);
    assert!(ids(text(&site, path)).len() > 3 * ids(page).len());
    for (path, page) in pages(&SITE).chain(pages(&site)) {
        let ids = ids(page);
        let twice = ids.iter().find(|id| ids.iter().filter(|other| other == id).count() > 1);
        assert_eq!(twice, None, "{path}");
    }
}

/// A condition on what nobody sets would always hold.
#[test]
fn scripts_ask_only_for_data_that_a_page_or_a_script_sets() {
    let site = &*SITE;
    let scripts = ["fill", "overview", "runbook", "search", "theme"];
    let scripts = scripts.map(|name| text(site, &format!("assets/{name}.js"))).concat();
    let pages = [text(site, "index.html"), text(site, "recon-ec2-portscan.html")].concat();
    for rest in scripts.split(".dataset.").skip(1) {
        let name = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap();
        let is_set = pages.contains(&format!(" data-{name}=\""))
            || scripts.contains(&format!(".dataset.{name} = "));
        assert!(is_set, "{name}");
    }
}

#[test]
fn links_between_pages_and_sections_lead_somewhere() {
    let site = &*SITE;
    for (path, page) in pages(site) {
        for rest in page.split("href=\"").skip(1) {
            let target = rest.split('"').next().unwrap();
            if target.contains(':') {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { path } else { file };
            assert!(site.files.contains_key(file), "{path}: {target}");
            if file == path && !anchor.is_empty() && anchor.starts_with(char::is_alphabetic) {
                assert!(page.contains(&format!(" id=\"{anchor}\"")), "{path}: {target}");
            }
        }
    }
}

#[test]
fn diagrams_of_attack_sequences_are_drawn() {
    let site = &*SITE;
    let pages = site.files.iter().filter(|(path, _)| path.starts_with("attacksequence-"));
    let drawn = pages.filter(|(_, page)| {
        String::from_utf8_lossy(page).contains("<figure class=\"flow\"><img alt=")
    });
    assert_eq!(drawn.count(), 5);
}

#[test]
fn the_same_runbooks_give_the_same_bytes() {
    assert!(built_in() == *SITE);
}
