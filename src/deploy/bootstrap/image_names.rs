use crate::image::bootstrap_names::REPOSITORY;

/// Returns the tags and digests of rtiler's repository that a text names, in its order: `4f2a..` of `.../rtiler-images:4f2a..`.
pub fn image_names(text: &str) -> impl Iterator<Item = &str> {
    let uses = text.match_indices(REPOSITORY).filter_map(|(at, _)| {
        let is_repository = at == 0 || text[..at].ends_with('/');
        is_repository.then(|| name(&text[at + REPOSITORY.len()..])).flatten()
    });
    uses.filter(|name| !name.is_empty())
}

/// Returns the tag or digest after the name of a repository. A reference with both is its digest.
fn name(rest: &str) -> Option<&str> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "_.-".contains(character);
    let end_of = |text: &str| text.find(|character| !is_part(character)).unwrap_or(text.len());
    if let Some(digest) = rest.strip_prefix('@') {
        let (algorithm, _) = digest.split_once(':')?;
        let hash = &digest[algorithm.len() + 1..];
        return Some(&digest[..algorithm.len() + 1 + end_of(hash)]);
    }
    let tag = rest.strip_prefix(':')?;
    let tag = &tag[..end_of(tag)];
    let after = &rest[1 + tag.len()..];
    if after.starts_with("@sha256:") { name(after) } else { Some(tag) }
}

#[cfg(test)]
mod tests {
    use super::image_names;

    #[test]
    fn tags_and_digests_of_the_repository_are_found_and_those_of_others_are_not() {
        let text = r#"Image: !Sub "${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/rtiler-images:4f2a"
            Other: 1.dkr.ecr.eu-west-1.amazonaws.com/my-rtiler-images:1, x/rtiler-images-old:2, x/rtiler-images@sha256:ab12
            Both: {"Image":"x/rtiler-images:main@sha256:cd34"} and rtiler-images"#;
        assert_eq!(image_names(text).collect::<Vec<_>>(), ["4f2a", "sha256:ab12", "sha256:cd34"]);
    }
}
