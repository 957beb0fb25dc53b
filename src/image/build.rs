use std::fmt;
use std::path::PathBuf;

use super::context_hash::FieldHash;

/// The number of hexadecimal digits of a tag.
const TAG_DIGITS: usize = 32;

/// The platform of an image. Fargate runs Linux on these two (`RuntimePlatform`, ECS API).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Platform {
    /// `linux/amd64`
    Amd64,
    /// `linux/arm64`
    Arm64,
}

impl Platform {
    /// Both, as they are written.
    pub const NAMES: [&'static str; 2] = ["linux/amd64", "linux/arm64"];

    /// Returns the platform of a name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Amd64, Self::Arm64].into_iter().find(|platform| platform.name() == name)
    }

    /// Returns the name as builders take it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Amd64 => Self::NAMES[0],
            Self::Arm64 => Self::NAMES[1],
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// The build context of an image, as it is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageContext {
    /// The digest of the files after `.dockerignore`, and of the Dockerfile.
    pub digest: String,
    /// The number of files.
    pub files: usize,
    /// Their size in bytes.
    pub bytes: u64,
    /// The folder.
    pub folder: PathBuf,
    /// The text of the Dockerfile.
    pub dockerfile: String,
    /// The text of the ignore file that applies.
    pub ignore_file: String,
    /// Whether it holds a git repository: a folder or file `.git`.
    pub has_git: bool,
}

/// The content of a file, as the build of an image gets it, that is never printed and not part of the tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildSecret {
    /// The name by which the Dockerfile mounts it: `RUN --mount=type=secret,id=NAME`.
    pub id: String,
    /// The origin of its value.
    pub source: SecretSource,
}

/// The origin of the value of a build secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// A file, by its path from the root of the project.
    File(String),
    /// An environment variable of the process that deploys.
    Variable(String),
}

/// The inputs of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageBuild {
    /// The folder, as the script writes it.
    pub folder: String,
    /// The build context.
    pub context: ImageContext,
    /// The stage of the Dockerfile.
    pub target: Option<String>,
    /// The build arguments.
    pub args: Vec<(String, String)>,
    /// The platform.
    pub platform: Platform,
    /// The build secrets.
    pub secrets: Vec<BuildSecret>,
}

impl ImageBuild {
    /// Returns the tag: a hash of everything that the build gets. The value of a secret is not part of it.
    pub fn tag(&self) -> String {
        let mut hash = FieldHash::default();
        hash.put("rtiler image 1");
        hash.put(&self.context.digest);
        hash.put(self.platform.name());
        // A missing stage differs from an empty one.
        hash.put(if self.target.is_some() { "target" } else { "" });
        hash.put(self.target.as_deref().unwrap_or_default());
        let mut args: Vec<&(String, String)> = self.args.iter().collect();
        args.sort();
        hash.put(&args.len().to_string());
        args.iter().for_each(|(name, value)| {
            hash.put(name);
            hash.put(value);
        });
        let mut ids: Vec<&str> = self.secrets.iter().map(|secret| secret.id.as_str()).collect();
        ids.sort_unstable();
        ids.into_iter().for_each(|id| hash.put(id));
        hash.finish()[..TAG_DIGITS].to_owned()
    }
}

/// An image in a file, as `docker save` or an OCI exporter writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageArchive {
    /// The path, as the script writes it.
    pub file: String,
    /// The path on disk.
    pub path: PathBuf,
    /// The digest of the file.
    pub digest: String,
    /// The size in bytes.
    pub bytes: u64,
}

impl ImageArchive {
    /// Returns the tag: a hash of the file.
    pub fn tag(&self) -> String {
        self.digest.chars().take(TAG_DIGITS).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build() -> ImageBuild {
        ImageBuild {
            folder: "app".to_owned(),
            context: ImageContext {
                digest: "d".repeat(64),
                files: 1,
                bytes: 1,
                folder: PathBuf::from("/a/app"),
                dockerfile: "FROM scratch".to_owned(),
                ignore_file: String::new(),
                has_git: false,
            },
            target: None,
            args: vec![("A".to_owned(), "1".to_owned()), ("B".to_owned(), "2".to_owned())],
            platform: Platform::Amd64,
            secrets: Vec::new(),
        }
    }

    #[test]
    fn tag_is_valid_and_does_not_depend_on_the_folders_place_or_the_order_of_arguments() {
        let mut other = build();
        other.context.folder = PathBuf::from("/somewhere/else");
        other.folder = "./app".to_owned();
        other.args.reverse();
        assert_eq!(build().tag(), other.tag());
        assert!(super::super::is_tag(&build().tag()));
    }

    #[test]
    fn each_input_of_a_build_changes_the_tag() {
        let changes: [fn(&mut ImageBuild); 7] = [
            |build| build.context.digest = "e".repeat(64),
            |build| build.target = Some(String::new()),
            |build| build.target = Some("run".to_owned()),
            |build| build.args[0].1 = "2".to_owned(),
            // Names and values are not simply joined.
            |build| build.args = vec![("A".to_owned(), "1B".to_owned()), (String::new(), "2".to_owned())],
            |build| build.platform = Platform::Arm64,
            |build| {
                build.secrets = vec![BuildSecret { id: "t".to_owned(), source: SecretSource::Variable("T".into()) }];
            },
        ];
        let mut tags = vec![build().tag()];
        for change in changes {
            let mut other = build();
            change(&mut other);
            assert!(!tags.contains(&other.tag()), "{other:?}");
            tags.push(other.tag());
        }
    }

    #[test]
    fn source_of_a_secret_is_not_part_of_the_tag() {
        let with = |source| {
            let secret = BuildSecret { id: "token".to_owned(), source };
            ImageBuild { secrets: vec![secret], ..build() }.tag()
        };
        assert_eq!(with(SecretSource::Variable("A".into())), with(SecretSource::File("b".into())));
    }
}
