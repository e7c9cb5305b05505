//! How far the program is from its limit: what the HTML parser alone needs for the same pages.
//!
//! All of it is measured in turn, round by round, so that whatever else the machine does falls on
//! all alike: `cargo bench --bench limit`, with the number of rounds as an argument.

mod pages;

use std::cell::Cell;
use std::env;
use std::hint::black_box;
use std::time::{Duration, Instant};

use guardduty_runbooks::guide::GuideUrl;
use guardduty_runbooks::page::html;
use guardduty_runbooks::runbook::Template;
use html5ever::tendril::{StrTendril, TendrilSink as _};
use html5ever::tokenizer::{
    BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::RcDom;
use pages::{CATALOGUE, PAGES, folder, read_catalogue, render_all};

/// Enough for the minimum to settle on a machine that does other things as well.
const ROUNDS: usize = 40;

/// Does one thing, and gives a number that keeps the compiler from leaving it out.
type Part = fn() -> usize;

/// One thing that is measured, and what came of each round.
struct Contender {
    name: &'static str,
    run: Part,
    times: Vec<Duration>,
}

fn main() {
    let given: Vec<String> = env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let rounds = given.first().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS);
    let parts: [(&'static str, Part); 7] = [
        ("html5ever, tokens", tokenise),
        ("html5ever, trees", build_trees),
        ("pages to document model", parse),
        ("folder to findings", || read_catalogue().entries.len()),
        ("findings to runbooks", || render_all(&CATALOGUE, Template::Runbook)),
        ("findings to classic", || render_all(&CATALOGUE, Template::Classic)),
        ("folder to runbooks", || render_all(&read_catalogue(), Template::Runbook)),
    ];
    let mut contenders = parts.map(|(name, run)| Contender { name, run, times: Vec::new() });
    for _ in 0..rounds {
        for contender in &mut contenders {
            let start = Instant::now();
            black_box((contender.run)());
            contender.times.push(start.elapsed());
        }
    }
    print_table(&mut contenders, rounds);
}

fn print_table(contenders: &mut [Contender], rounds: usize) {
    let bytes: usize = PAGES.iter().map(|(_, text)| text.len()).sum();
    let (pages, runbooks) = (PAGES.len(), CATALOGUE.entries.len());
    println!("{}: {pages} pages, {bytes} bytes, {runbooks} runbooks", folder().display());
    println!("{rounds} rounds in turn; times in milliseconds\n");
    println!("| | fastest | median | fastest against trees |");
    println!("| --- | ---: | ---: | ---: |");
    for contender in contenders.iter_mut() {
        contender.times.sort_unstable();
    }
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let trees = ms(contenders[1].times[0]);
    for Contender { name, times, .. } in contenders {
        let (fastest, median) = (ms(times[0]), ms(times[rounds / 2]));
        println!("| {name} | {fastest:.2} | {median:.2} | {:.2}× |", fastest / trees);
    }
}

/// Counts tokens and does nothing with them.
#[derive(Default)]
struct Counter(Cell<usize>);

impl TokenSink for Counter {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        self.0.set(self.0.get() + usize::from(!matches!(token, Token::ParseError(_))));
        TokenSinkResult::Continue
    }
}

fn tokenise() -> usize {
    let tokens = PAGES.iter().map(|(_, text)| {
        let tokenizer = Tokenizer::new(Counter::default(), TokenizerOpts::default());
        let input = BufferQueue::default();
        input.push_back(StrTendril::from_slice(text));
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        tokenizer.sink.0.get()
    });
    tokens.sum()
}

/// The tree that html5ever's own tests use.
fn build_trees() -> usize {
    let tree = |text: &str| parse_document(RcDom::default(), ParseOpts::default()).one(text);
    PAGES.iter().map(|(_, text)| tree(text).document.children.borrow().len()).sum()
}

fn parse() -> usize {
    let guide = GuideUrl::default();
    PAGES.iter().map(|(name, text)| html::read(name, &guide, text).blocks.len()).sum()
}
