/// Returns the candidate nearest to what was written, if one is near enough to be a typing mistake.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = written.to_lowercase();
    let allowed = 1 + written.chars().count() / 4;
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(written.chars().count()) <= allowed)
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns a hint that offers the nearest candidate; for one letter, only the same letter in another case: every other
/// letter is one mistake away.
pub fn did_you_mean<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let is_letter = written.chars().count() < 2;
    let candidates = candidates.into_iter().filter(|candidate| !is_letter || candidate.eq_ignore_ascii_case(written));
    nearest(written, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
