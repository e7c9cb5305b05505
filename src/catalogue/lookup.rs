//! Finds the finding type that somebody means by a name half remembered.

use std::cmp::Reverse;

use crate::finding_type::FindingType;

/// How many names are offered in place of one that is not known.
const MOST_OFFERED: usize = 5;
/// How similar a name has to be to be offered, from 0 to 1: a letter in three may be wrong.
const LEAST_SIMILAR: f64 = 0.66;
/// How much less similar than the best one the others may be.
const BEHIND_BEST: f64 = 0.15;

/// What a name may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup<'n> {
    /// This finding type, and no other.
    One(&'n FindingType),
    /// One of these, the most likely first.
    Several(Vec<&'n FindingType>),
    /// None of them; these are spelt alike, the most alike first. May be empty.
    Close(Vec<&'n FindingType>),
}

impl Lookup<'_> {
    /// The names that are worth offering, the best first.
    pub fn offered(&self) -> Vec<&FindingType> {
        match self {
            Self::One(name) => vec![name],
            Self::Several(names) | Self::Close(names) => {
                names.iter().copied().take(MOST_OFFERED).collect()
            }
        }
    }
}

/// Whether a text names exactly this finding type: by its name, its slug, the name or the path of its
/// file, or as Security Hub writes it. Case and punctuation do not matter.
pub fn is_name_of(given: &str, name: &FindingType) -> bool {
    let name = letters(name.as_str());
    let given = given.trim();
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    [given, last].iter().any(|text| letters(text.strip_suffix(".md").unwrap_or(text)) == name)
}

/// Looks for a finding type: by its exact name (see [`is_name_of`]), else by words and parts of words
/// that the name has to hold in any order (`ec2 bitcoin dns`), else by how alike the names are.
pub fn find<'n>(given: &str, names: impl IntoIterator<Item = &'n FindingType>) -> Lookup<'n> {
    let names: Vec<&FindingType> = names.into_iter().collect();
    if let Some(name) = names.iter().find(|name| is_name_of(given, name)) {
        return Lookup::One(name);
    }
    let words = words(given);
    let holding = holding(&words, &names);
    match holding.as_slice() {
        [] => Lookup::Close(alike(given, &words, &names)),
        [name] => Lookup::One(name),
        _ => Lookup::Several(holding),
    }
}

/// How well a word is held by a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Held {
    /// Somewhere within.
    Within,
    /// A word of the name, or several in a row, begin with it.
    Begins,
    /// It is a word of the name, or several in a row.
    Whole,
}

/// The names that hold every word; those that hold one only within a word of theirs do not count
/// where others do better.
fn holding<'n>(words: &[String], names: &[&'n FindingType]) -> Vec<&'n FindingType> {
    let held = |name: &&'n FindingType| {
        let each = words.iter().map(|word| held(word, name)).collect::<Option<Vec<Held>>>()?;
        let worst = *each.iter().min()?;
        let whole = each.iter().filter(|held| **held == Held::Whole).count();
        Some((worst != Held::Within, whole, *name))
    };
    let mut found: Vec<_> = names.iter().filter_map(held).collect();
    let is_best = found.iter().any(|(is_begun, ..)| *is_begun);
    found.retain(|(is_begun, ..)| *is_begun == is_best);
    found.sort_by_key(|&(_, whole, name)| (Reverse(whole), name.as_str().len(), name));
    found.into_iter().map(|(.., name)| name).collect()
}

fn held(word: &str, name: &FindingType) -> Option<Held> {
    let runs = runs(&parts(name.as_str()));
    if runs.iter().any(|run| run == word) {
        Some(Held::Whole)
    } else if word.len() == 1 {
        None // as a part of a word it says nothing
    } else if runs.iter().any(|run| run.starts_with(word)) {
        Some(Held::Begins)
    } else {
        letters(name.as_str()).contains(word).then_some(Held::Within)
    }
}

/// The names that are spelt like it, as a whole or word by word.
fn alike<'n>(given: &str, words: &[String], names: &[&'n FindingType]) -> Vec<&'n FindingType> {
    let given = letters(given);
    let similarity = |name: &FindingType| {
        let whole = strsim::normalized_damerau_levenshtein(&given, &letters(name.as_str()));
        whole.max(similarity_of_words(words, &runs(&parts(name.as_str()))))
    };
    let mut scored: Vec<(f64, &FindingType)> =
        names.iter().map(|name| (similarity(name), *name)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let best = scored.first().map_or(0.0, |(similarity, _)| *similarity);
    let least = LEAST_SIMILAR.max(best - BEHIND_BEST);
    let offered = scored.into_iter().take_while(|(similarity, _)| *similarity >= least);
    offered.map(|(_, name)| name).take(MOST_OFFERED).collect()
}

/// The mean over the words of how much each is like the most similar part of a name.
fn similarity_of_words(words: &[String], runs: &[String]) -> f64 {
    let best = |word: &String| {
        let each = runs.iter().map(|run| strsim::normalized_damerau_levenshtein(word, run));
        each.fold(0.0, f64::max)
    };
    let (sum, count) =
        words.iter().fold((0.0, 0.0), |(sum, count), word| (sum + best(word), count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

/// The letters and digits alone, in lower case.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What somebody typed, cut at everything that is no letter or digit.
fn words(given: &str) -> Vec<String> {
    let given = given.trim();
    let given = given.strip_suffix(".md").unwrap_or(given);
    given
        .split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|w| !w.is_empty())
        .collect()
}

/// The words of a name, cut also where a capital begins one: `DNSDataExfiltration` has three.
fn parts(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().collect();
    let mut parts = vec![String::new()];
    for (at, &c) in characters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| characters[at]);
        let is_before_small = characters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        let begins = c.is_ascii_uppercase()
            && before.is_some_and(|b| {
                b.is_ascii_lowercase() || b.is_ascii_uppercase() && is_before_small
            });
        if begins || !c.is_ascii_alphanumeric() {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            part.push(c.to_ascii_lowercase());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Every row of up to three parts, written as one word.
fn runs(parts: &[String]) -> Vec<String> {
    (1..=3).flat_map(|length| parts.windows(length).map(<[String]>::concat)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalogue::builtin;

    fn names() -> Vec<FindingType> {
        builtin::catalogue().entries.into_iter().map(|entry| entry.finding_type).collect()
    }

    /// What the built-in names give, with `=` in front of the only one, `?` of one of several and `~`
    /// of one that is alike.
    fn found(given: &str) -> Vec<String> {
        let names = names();
        let lookup = find(given, &names);
        let mark = match lookup {
            Lookup::One(_) => '=',
            Lookup::Several(_) => '?',
            Lookup::Close(_) => '~',
        };
        lookup.offered().iter().map(|name| format!("{mark} {name}")).collect()
    }

    #[test]
    fn no_two_names_differ_only_in_punctuation() {
        let names = names();
        let distinct: BTreeSet<String> = names.iter().map(|n| letters(n.as_str())).collect();
        assert_eq!(distinct.len(), names.len());
    }

    #[test]
    fn every_name_is_found_however_it_is_written() {
        let names = names();
        for name in &names {
            let hub = name.as_str().replacen('/', "-", 1);
            for given in [
                name.as_str().to_owned(),
                name.as_str().to_lowercase(),
                name.slug().to_string(),
                format!("runbooks/{}", name.slug().file_name()),
                name.as_str().replace('!', "\\!"),
                format!("TTPs/Command and Control/{hub}"),
            ] {
                assert_eq!(find(&given, &names), Lookup::One(name), "{given}");
            }
        }
    }

    #[test]
    fn words_are_found_in_any_order() {
        assert_eq!(found("dns ec2 bitcoin"), ["= CryptoCurrency:EC2/BitcoinTool.B!DNS"]);
        assert_eq!(found("ec2 xorddos"), found("XorDdos EC2"));
        assert_eq!(
            found("bitcoin"),
            [
                "? CryptoCurrency:EC2/BitcoinTool.B",
                "? CryptoCurrency:Lambda/BitcoinTool.B",
                "? CryptoCurrency:EC2/BitcoinTool.B!DNS",
                "? CryptoCurrency:Runtime/BitcoinTool.B",
                "? CryptoCurrency:Runtime/BitcoinTool.B!DNS",
            ]
        );
    }

    #[test]
    fn what_is_misspelt_is_offered() {
        assert_eq!(
            found("CryptoCurency:EC2/BitcionTool.B!DNS")[0],
            "~ CryptoCurrency:EC2/BitcoinTool.B!DNS"
        );
        assert_eq!(found("portscna ec2")[0], "~ Recon:EC2/Portscan");
        assert_eq!(found("qwertz"), [""; 0]);
        assert_eq!(found(""), [""; 0]);
        assert_eq!(found("::!/"), [""; 0]);
    }
}
