//! The formats of literal strings: networks, ids and ARNs.
//!
//! The names of formats are cfn-lint's: a type and what of it is meant, `AWS::EC2::VPC.Id`. What is not known here
//! fits.

use ipnet::{Ipv4Net, Ipv6Net};

/// Returns whether a literal fits a format.
pub(super) fn fits(format: &str, text: &str) -> bool {
    match format {
        "ipv4-network" => text.parse::<Ipv4Net>().is_ok(),
        "ipv6-network" => text.parse::<Ipv6Net>().is_ok(),
        "AWS::EC2::VPC.Id" => id(text, "vpc-"),
        "AWS::EC2::Subnet.Id" => id(text, "subnet-"),
        "AWS::EC2::SecurityGroup.Id" => id(text, "sg-"),
        "AWS::EC2::Image.Id" => image(text),
        "AWS::IAM::Role.Arn" => arn(text, "iam", &["role/"]),
        "AWS::ACM::Certificate.Arn" => arn(text, "acm", &["certificate/"]),
        "AWS::SNS::Topic.Arn" => arn(text, "sns", &[""]),
        "AWS::Lambda::Function.Arn" => arn(text, "lambda", &["function:"]),
        "AWS::KMS::Key.Arn" => arn(text, "kms", &["key/", "alias/"]),
        "AWS::KMS::Key.Id" => key(text) || alias(text),
        "AWS::KMS::Alias.AliasName" => alias(text),
        "AWS::S3::Bucket.Name" => bucket(text),
        "AWS::Logs::LogGroup.Name" => (1..=512).contains(&text.len()) && text.chars().all(|c| word(c, "._-/#")),
        _ => true,
    }
}

/// Returns a description of a format.
pub(super) fn meaning(format: &str) -> String {
    match format {
        "ipv4-network" => return "an IPv4 network such as `10.0.0.0/16`".to_owned(),
        "ipv6-network" => return "an IPv6 network such as `2001:db8::/56`".to_owned(),
        _ => {}
    }
    let Some((kind, what)) = format.rsplit_once('.') else { return format!("a `{format}`") };
    match what {
        "Arn" => format!("the ARN of an `{kind}`"),
        "Id" => format!("the id of an `{kind}`"),
        "Name" | "AliasName" => format!("the name of an `{kind}`"),
        what => format!("`{what}` of an `{kind}`"),
    }
}

/// Returns what a literal of the format looks like, where that is not plain.
pub(super) fn example(format: &str) -> Option<&'static str> {
    Some(match format {
        "AWS::EC2::VPC.Id" => "vpc-0123456789abcdef0",
        "AWS::EC2::Subnet.Id" => "subnet-0123456789abcdef0",
        "AWS::EC2::SecurityGroup.Id" => "sg-0123456789abcdef0",
        "AWS::EC2::Image.Id" => "ami-0123456789abcdef0",
        "AWS::IAM::Role.Arn" => "arn:aws:iam::123456789012:role/name",
        "AWS::ACM::Certificate.Arn" => "arn:aws:acm:us-east-1:123456789012:certificate/id",
        "AWS::SNS::Topic.Arn" => "arn:aws:sns:us-east-1:123456789012:name",
        "AWS::Lambda::Function.Arn" => "arn:aws:lambda:us-east-1:123456789012:function:name",
        "AWS::KMS::Key.Arn" => "arn:aws:kms:us-east-1:123456789012:key/id",
        "AWS::KMS::Alias.AliasName" => "alias/name",
        _ => return None,
    })
}

/// Returns whether it is an id: eight hexadecimal digits, or seventeen since 2018.
fn id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| matches!(rest.len(), 8 | 17) && hex(rest))
}

/// Returns whether it is an image id; a launch template also takes the name of an SSM parameter that holds the id.
fn image(text: &str) -> bool {
    let number = |rest: &str| matches!(rest.len(), 8 | 17) && rest.chars().all(|c| word(c, ""));
    text.starts_with("resolve:ssm:") || text.strip_prefix("ami-").is_some_and(number)
}

fn arn(text: &str, service: &str, resources: &[&str]) -> bool {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let [arn, partition, found, _, account, resource] = parts[..] else { return false };
    let account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let resource = resources.iter().any(|prefix| resource.len() > prefix.len() && resource.starts_with(prefix));
    arn == "arn" && partition.starts_with("aws") && found == service && account && resource
}

fn key(text: &str) -> bool {
    let many_regions = text.strip_prefix("mrk-").is_some_and(|rest| rest.len() == 32 && hex(rest));
    let groups: Vec<_> = text.split('-').map(|group| if hex(group) { group.len() } else { 0 }).collect();
    many_regions || groups == [8, 4, 4, 4, 12]
}

fn alias(text: &str) -> bool {
    text.strip_prefix("alias/").is_some_and(|name| !name.is_empty() && name.chars().all(|c| word(c, ":/_-")))
}

/// Returns whether it is a bucket name; an empty one requests a generated name.
fn bucket(text: &str) -> bool {
    let letters = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-');
    let ends = !text.starts_with(['.', '-']) && !text.ends_with(['.', '-']);
    let dots = ["..", ".-", "-."].iter().all(|pair| !text.contains(pair));
    text.is_empty() || (3..=63).contains(&text.len()) && letters && ends && dots
}

fn hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn word(c: char, others: &str) -> bool {
    c.is_ascii_alphanumeric() || others.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_needs_an_address_and_a_prefix_length() {
        assert!(fits("ipv4-network", "10.0.0.0/16"));
        assert!(!fits("ipv4-network", "10.0.0.0"));
        assert!(!fits("ipv4-network", "0.0.0.0/33"));
        assert!(fits("ipv6-network", "::/0"));
    }

    #[test]
    fn name_is_not_an_arn() {
        assert!(fits("AWS::IAM::Role.Arn", "arn:aws:iam::123456789012:role/web"));
        assert!(fits("AWS::IAM::Role.Arn", "arn:aws-cn:iam::123456789012:role/path/web"));
        assert!(!fits("AWS::IAM::Role.Arn", "web"));
        assert!(!fits("AWS::IAM::Role.Arn", "arn:aws:iam::123456789012:user/web"));
    }

    #[test]
    fn ids_have_eight_or_seventeen_digits() {
        assert!(fits("AWS::EC2::SecurityGroup.Id", "sg-12345678"));
        assert!(fits("AWS::EC2::VPC.Id", "vpc-0123456789abcdef0"));
        assert!(!fits("AWS::EC2::VPC.Id", "vpc-1234"));
    }

    #[test]
    fn bucket_names_are_lower_case() {
        assert!(fits("AWS::S3::Bucket.Name", "my-tiles.example"));
        assert!(!fits("AWS::S3::Bucket.Name", "My_Tiles"));
        assert!(!fits("AWS::S3::Bucket.Name", "tiles-"));
    }
}
