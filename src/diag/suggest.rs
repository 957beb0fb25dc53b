/// Returns the candidate nearest to what was written, if one is near enough to be a typing mistake.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = written.to_lowercase();
    let length = written.chars().count();
    // A name shares a letter at least: one of one letter is near to itself in another case only.
    let allowed = (1 + length / 4).min(length.saturating_sub(1));
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= allowed)
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns a hint that offers the nearest candidate.
pub fn did_you_mean<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
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
    fn name_of_one_letter_is_near_to_itself_in_another_case_only() {
        assert_eq!(nearest("y", ["x", "xy", "yx"]), None);
        assert_eq!(nearest("Y", ["x", "y"]), Some("y"));
    }
}
