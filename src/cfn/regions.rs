//! The regions of AWS.

use crate::diag::nearest;

/// The regions by partition ("AWS Regions" of the AWS Regions and Availability Zones guide; `endpoints.json` of botocore
/// 1.43). AWS adds regions, so a name of the right form that is not listed may be a region.
const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-isoe-west-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
    "us-west-1",
    "us-west-2",
];

/// The directions in names of regions.
const DIRECTIONS: [&str; 9] =
    ["north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest"];

/// The result of looking at the name of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RegionName {
    /// A region of the list.
    Known,
    /// The form of a region that is not listed: a new one, or a mistake.
    Unlisted,
    /// Not the form of a region.
    Malformed,
}

/// Returns whether a text is the name of a region: `eu-central-1`, `us-gov-west-1`.
pub(crate) fn classify(name: &str) -> RegionName {
    if REGIONS.contains(&name) {
        return RegionName::Known;
    }
    let parts: Vec<&str> = name.split('-').collect();
    let [area, .., direction, number] = parts.as_slice() else { return RegionName::Malformed };
    let is_area = (2..=4).contains(&area.len()) && area.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_number = !number.is_empty() && number.len() <= 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_area && DIRECTIONS.contains(direction) && is_number && parts.len() <= 4 {
        RegionName::Unlisted
    } else {
        RegionName::Malformed
    }
}

/// Returns the listed region nearest to a name. An availability zone has its region.
pub(crate) fn suggestion(name: &str) -> Option<&'static str> {
    let zone = name.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    let listed = |name: &str| REGIONS.iter().copied().find(|region| *region == name);
    listed(&name.to_lowercase().replace('_', "-"))
        .or_else(|| listed(zone))
        .or_else(|| nearest(name, REGIONS.iter().copied()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed_region_is_known_in_every_partition() {
        for name in ["eu-central-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1", "us-isob-east-1"] {
            assert_eq!(classify(name), RegionName::Known, "{name}");
        }
        assert!(REGIONS.is_sorted());
    }

    #[test]
    fn future_region_has_the_form_of_one() {
        for name in ["eu-west-9", "sa-west-1", "us-gov-central-1", "nz-north-1"] {
            assert_eq!(classify(name), RegionName::Unlisted, "{name}");
        }
    }

    #[test]
    fn misspelt_region_gets_the_nearest_one() {
        for (wrong, right) in [
            ("us-est-1", "us-east-1"),
            ("eu-cental-1", "eu-central-1"),
            ("EU-West-1", "eu-west-1"),
            ("us_east_1", "us-east-1"),
            ("eu-west-1a", "eu-west-1"),
        ] {
            assert_eq!(classify(wrong), RegionName::Malformed, "{wrong}");
            assert_eq!(suggestion(wrong), Some(right), "{wrong}");
        }
        assert_eq!(classify("Frankfurt"), RegionName::Malformed);
        assert_eq!(suggestion("Frankfurt"), None);
    }
}
