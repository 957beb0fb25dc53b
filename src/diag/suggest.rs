//! Suggestions: the name that was probably meant.

use std::cell::Cell;

/// The longest name, in bytes, for which there is a suggestion.
const LONGEST_NAME: usize = 200;

/// The number of names that are compared for the suggestions of one check: thousands of mistakes need no suggestions.
const MOST_COMPARISONS: usize = 20_000;

/// The suggestions of one check. After a number of comparisons there are no more.
#[derive(Debug)]
pub(crate) struct Suggestions {
    left: Cell<usize>,
}

impl Default for Suggestions {
    fn default() -> Self {
        Self { left: Cell::new(MOST_COMPARISONS) }
    }
}

impl Suggestions {
    /// Returns the hint of [`did_you_mean`], unless too many names were compared.
    pub(crate) fn did_you_mean<'a>(
        &self,
        written: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Option<String> {
        did_you_mean(written, self.take(candidates)?)
    }

    /// Returns the candidate of [`nearest`], unless too many names were compared.
    pub(crate) fn nearest<'a>(&self, written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        nearest(written, self.take(candidates)?)
    }

    /// Returns the names of [`most_similar`]; the first ones if too many names were compared.
    pub(crate) fn most_similar<'a>(&self, written: &str, names: &[&'a str], most: usize) -> Vec<&'a str> {
        if self.take(names.iter().copied()).is_none() {
            return names.iter().take(most).copied().collect();
        }
        most_similar(written, names, most)
    }

    /// Counts the candidates; none if they are too many.
    fn take<'a>(&self, candidates: impl IntoIterator<Item = &'a str>) -> Option<Vec<&'a str>> {
        let left = self.left.get();
        let candidates: Vec<&str> = candidates.into_iter().take(left).collect();
        self.left.set(left - candidates.len());
        (candidates.len() < left).then_some(candidates)
    }
}

/// Returns the candidate nearest to what was written, if one is near enough to be a typing mistake.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if written.len() > LONGEST_NAME {
        return None;
    }
    let folded = written.to_lowercase();
    let allowed = 1 + written.chars().count() / 4;
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(written.chars().count()) <= allowed)
        .map(|candidate| (distance(&folded, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && !is_opposite(&folded, &candidate.to_lowercase()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns a hint that offers the nearest candidate; for one letter, only the same letter in another case: every other
/// letter is one mistake away.
///
/// One mistake makes a candidate certain; after that, a shared beginning or shared words are better than the number of
/// mistakes: `VersioningConfig` is `VersioningConfiguration`.
pub fn did_you_mean<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    if written.len() > LONGEST_NAME {
        return None;
    }
    let is_letter = written.chars().count() < 2;
    let candidates: Vec<&str> =
        candidates.into_iter().filter(|candidate| !is_letter || candidate.eq_ignore_ascii_case(written)).collect();
    let typo = nearest(written, candidates.iter().copied());
    let is_sure = typo.is_some_and(|typo| distance(&written.to_lowercase(), typo) <= 1);
    let alike = || candidates.iter().copied().filter(|candidate| shares_words(written, candidate));
    let found = if is_sure { typo } else { most_alike(written, alike()).or(typo) };
    found.map(|candidate| format!("did you mean `{candidate}`?"))
}

/// Returns at most `most` names, those that resemble what was written most, in their own order.
pub fn most_similar<'a>(written: &str, names: &[&'a str], most: usize) -> Vec<&'a str> {
    if names.len() <= most || written.len() > LONGEST_NAME {
        return names.iter().take(most).copied().collect();
    }
    let mut ranked: Vec<(f64, usize)> =
        names.iter().enumerate().map(|(at, name)| (likeness(written, name), at)).collect();
    ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    ranked.truncate(most);
    ranked.sort_by_key(|(_, at)| *at);
    ranked.into_iter().map(|(_, at)| names[at]).collect()
}

fn most_alike<'a>(written: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates.max_by(|a, b| likeness(written, a).total_cmp(&likeness(written, b)))
}

fn distance(folded: &str, candidate: &str) -> usize {
    strsim::damerau_levenshtein(folded, &candidate.to_lowercase())
}

/// Returns 1 for equal names, with weight on a shared beginning and shared words.
fn likeness(written: &str, candidate: &str) -> f64 {
    let shared = shared_words(&words(written), &words(candidate));
    let bonus = 0.2 * f64::from(u8::try_from(shared).unwrap_or(u8::MAX));
    strsim::jaro_winkler(&written.to_lowercase(), &candidate.to_lowercase()) + bonus
}

/// Returns whether one name begins with the other, or they consist of the same words for the greater part.
fn shares_words(written: &str, candidate: &str) -> bool {
    let (a, b) = (written.to_lowercase(), candidate.to_lowercase());
    let (short, long) = if a.len() < b.len() { (&a, &b) } else { (&b, &a) };
    if short.len() >= 4 && short.len() * 3 >= long.len() && long.starts_with(short.as_str()) && !is_opposite(&a, &b) {
        return true;
    }
    let (a, b) = (words(written), words(candidate));
    let shared = shared_words(&a, &b);
    shared >= 2 && shared * 3 >= a.len().max(b.len()) * 2
}

/// Returns the number of words that both names have, also in a longer form: `Config` and `Configuration`.
fn shared_words(a: &[String], b: &[String]) -> usize {
    let same = |x: &String, y: &String| x.starts_with(y.as_str()) || y.starts_with(x.as_str());
    a.iter().filter(|word| word.len() > 2 && b.iter().any(|other| other.len() > 2 && same(word, other))).count()
}

/// Returns the words of a name in camel case, kebab case or snake case, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        was_lower = c.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Returns whether two words mean the opposite: `enabled` and `disabled`, `active` and `inactive`.
fn is_opposite(a: &str, b: &str) -> bool {
    const PREFIXES: [&str; 8] = ["dis", "en", "ex", "in", "non", "not", "out", "un"];
    let stems = |word: &str| -> Vec<(&'static str, String)> {
        let word = word.to_owned();
        let cut = PREFIXES.iter().filter_map(|prefix| Some((*prefix, word.strip_prefix(prefix)?.to_owned())));
        cut.chain([("", word.clone())]).collect()
    };
    let b = stems(b);
    stems(a)
        .iter()
        .any(|(prefix, stem)| stem.len() > 3 && b.iter().any(|(other, same)| same == stem && other != prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_of_mistakes_have_suggestions_for_the_first_ones_alone() {
        let suggestions = Suggestions::default();
        let names = ["memory"; 100];
        let found = (0..1000).filter(|_| suggestions.did_you_mean("memry", names).is_some()).count();
        assert!((1..MOST_COMPARISONS / 100).contains(&found), "{found}");
        assert_eq!(did_you_mean(&"m".repeat(LONGEST_NAME + 1), ["m"]), None);
    }

    #[test]
    fn missing_letter_is_found() {
        assert_eq!(nearest("memry", ["cpu", "memory"]), Some("memory"));
    }

    #[test]
    fn swapped_letters_count_as_one_mistake() {
        assert_eq!(nearest("prot", ["port", "cpu"]), Some("port"));
    }

    #[test]
    fn case_is_ignored() {
        assert_eq!(nearest("bucketname", ["BucketName"]), Some("BucketName"));
    }

    #[test]
    fn distant_candidate_is_not_suggested() {
        assert_eq!(nearest("colour", ["cpu", "memory"]), None);
    }

    #[test]
    fn nearest_of_several_candidates_is_suggested() {
        assert_eq!(did_you_mean("subnet", ["subnets", "sunset"]), Some("did you mean `subnets`?".into()));
    }

    #[test]
    fn name_of_one_letter_has_only_itself_in_another_case_suggested() {
        assert_eq!(did_you_mean("y", ["x", "xy", "yx"]), None);
        assert_eq!(did_you_mean("Y", ["x", "y"]), Some("did you mean `y`?".into()));
    }

    #[test]
    fn shared_beginning_or_words_are_better_than_few_mistakes() {
        let hint = |written, candidates: &[&'static str]| did_you_mean(written, candidates.iter().copied());
        let properties = ["AccessControl", "LoggingConfiguration", "VersioningConfiguration", "WebsiteConfiguration"];
        assert_eq!(hint("VersioningConfig", &properties), Some("did you mean `VersioningConfiguration`?".into()));
        assert_eq!(hint("VersionConfig", &properties), Some("did you mean `VersioningConfiguration`?".into()));
        assert_eq!(hint("Config", &["Confirm", "Configuration"]), Some("did you mean `Configuration`?".into()));
        assert_eq!(
            hint("SecurityGroups", &["SecurityGroupIds", "SubnetIds"]),
            Some("did you mean `SecurityGroupIds`?".into())
        );
    }

    #[test]
    fn opposite_is_not_suggested() {
        assert_eq!(did_you_mean("Disabled", ["Enabled", "Suspended"]), None);
        assert_eq!(did_you_mean("INACTIVE", ["ACTIVE"]), None);
        assert_eq!(did_you_mean("exclude", ["include"]), None);
        assert_eq!(did_you_mean("Enabld", ["Enabled", "Disabled"]), Some("did you mean `Enabled`?".into()));
    }

    #[test]
    fn shortened_list_holds_the_likely_name() {
        let names: Vec<String> = (0..30).map(|n| format!("Property{n}")).chain(["QueueName".into()]).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let listed = most_similar("Name", &names, 20);
        assert_eq!((listed.len(), listed.last()), (20, Some(&"QueueName")));
    }
}
