//! The names of what `rtiler bootstrap` creates in an account and region.

/// The stack.
pub const STACK: &str = "rtiler-bootstrap";

/// The ECR repository of the images that rtiler builds.
pub const REPOSITORY: &str = "rtiler-images";

/// Returns the name of the S3 bucket of large templates.
pub fn bucket(account: &str, region: &str) -> String {
    format!("rtiler-templates-{account}-{region}")
}
