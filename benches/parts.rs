//! What each part of a run costs, each by itself: `cargo bench --bench parts`.

mod pages;

use std::collections::BTreeMap;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use guardduty_runbooks::guide::GuideUrl;
use guardduty_runbooks::merge::{Merge, merge};
use guardduty_runbooks::page::html;
use guardduty_runbooks::runbook::{Renderer, Template};
use pages::{CATALOGUE, PAGES, read_catalogue, render_all};

fn main() {
    divan::main();
}

/// Pages in HTML to the document model.
#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let guide = GuideUrl::default();
    let bytes: usize = PAGES.iter().map(|(_, text)| text.len()).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        PAGES.iter().map(|(name, text)| html::read(name, &guide, text).blocks.len()).sum::<usize>()
    });
}

/// The folder on the disk to findings.
#[divan::bench]
fn read(bencher: Bencher<'_, '_>) {
    bencher.bench(|| read_catalogue().entries.len());
}

/// Findings to runbooks.
#[divan::bench(args = ["runbook", "classic"])]
fn render(bencher: Bencher<'_, '_>, template: &str) {
    let template = || if template == "classic" { Template::Classic } else { Template::Runbook };
    let bytes = render_all(&CATALOGUE, template());
    bencher.counter(BytesCount::new(bytes)).bench(|| render_all(&CATALOGUE, template()));
}

/// The folder on the disk to runbooks in memory.
#[divan::bench]
fn whole(bencher: Bencher<'_, '_>) {
    bencher.bench(|| render_all(&read_catalogue(), Template::Runbook));
}

/// A paragraph that somebody added, in each runbook, and a word that AWS changed.
#[divan::bench]
fn merge_all(bencher: Bencher<'_, '_>) {
    let renderer = Renderer::new(Template::Runbook, BTreeMap::new(), true).expect("it is ours");
    let edited = |base: String| {
        let ours = base.replacen("\n## Contain\n", "\nAsk the owner first.\n\n## Contain\n", 1);
        let theirs = base.replacen("remediat", "mitigat", 1);
        (base, ours, theirs)
    };
    let rendering = renderer.over(&CATALOGUE);
    let base = |finding| rendering.render(finding).expect("it can be rendered");
    let all: Vec<_> = CATALOGUE.entries.iter().map(base).map(edited).collect();
    bencher.bench(|| {
        let merged = all.iter().map(|(base, ours, theirs)| merge(base, ours, theirs));
        merged.filter(|merged| matches!(black_box(merged), Merge::Resolved(_))).count()
    });
}
