use super::repeated::repeated;
use crate::cfn::sensitive::{Purpose, is_secret_name_for};
use crate::cfn::{Ref, TemplateString};
use crate::diag::{Code, Diagnostic, Origin, Sink, WithOrigin};
use crate::image::{
    BuildSecret, ImageArchive, ImageBuild, ImageContext, ImageRepository, ImageSource as Source, Platform,
    RequiredImage, bootstrap_names,
};

/// The image of a container.
#[derive(Debug, Clone, PartialEq)]
pub enum ImageSource {
    /// An image of a registry: `ghcr.io/developmentseed/titiler:1.0`.
    Pulled(TemplateString),
    /// An image of a registry, perhaps resolved to its digest when the stack is deployed.
    Registry(RegistryImage),
    /// An image built and pushed when the stack is deployed.
    Built(Box<Image>),
    /// An image in a file, pushed when the stack is deployed.
    Archived(Box<ArchivedImage>),
}

/// An image of a registry.
#[derive(Debug, Clone, PartialEq)]
pub struct RegistryImage {
    /// The name: `ghcr.io/developmentseed/titiler:1.0`.
    pub name: WithOrigin<TemplateString>,
    /// Whether a deployment replaces the tag by the digest that it has at this time.
    pub pin: Option<WithOrigin<()>>,
}

/// An image built from a folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// The build context.
    pub folder: WithOrigin<String>,
    /// The Dockerfile, relative to the folder.
    pub dockerfile: Option<WithOrigin<String>>,
    /// The stage of the Dockerfile.
    pub target: Option<WithOrigin<String>>,
    /// Build arguments, by name.
    pub arg: Vec<WithOrigin<(String, String)>>,
    /// The platform.
    pub platform: Option<WithOrigin<Platform>>,
    /// Secrets that the build may read.
    pub secret: Vec<WithOrigin<BuildSecret>>,
    /// Tags in addition to the one that follows from the content.
    pub tag: Vec<WithOrigin<String>>,
    /// The repository that it is pushed to; that of the bootstrap unless set.
    pub registry: Option<WithOrigin<String>>,
    /// The content of the folder, read when a container takes the image; none if it cannot be read.
    pub context: Option<ImageContext>,
}

/// An image in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct ArchivedImage {
    /// The file.
    pub file: WithOrigin<String>,
    /// Tags in addition to the one that follows from the content.
    pub tag: Vec<WithOrigin<String>>,
    /// The repository that it is pushed to; that of the bootstrap unless set.
    pub registry: Option<WithOrigin<String>>,
    /// The content of the file, read when a container takes the image; none if it cannot be read.
    pub content: Option<ImageArchive>,
}

impl ImageSource {
    /// Returns the name in the template. The repository is known also if the content of the image is not.
    pub(super) fn name(&self) -> Option<TemplateString> {
        match self {
            Self::Pulled(name) => Some(name.clone()),
            Self::Registry(image) => Some(image.name.value.clone()),
            // The platform is part of the tag, not of the repository.
            Self::Built(image) => image.required(Platform::Amd64).as_ref().map(name_in_template),
            Self::Archived(image) => image.required().as_ref().map(name_in_template),
        }
    }
}

impl Image {
    /// Creates an image built from this folder.
    pub fn build(folder: WithOrigin<String>) -> Self {
        Self {
            folder,
            dockerfile: None,
            target: None,
            arg: Vec::new(),
            platform: None,
            secret: Vec::new(),
            tag: Vec::new(),
            registry: None,
            context: None,
        }
    }

    /// Returns the image to build for a task of a platform; none if the folder cannot be read.
    pub(super) fn required(&self, of_task: Platform) -> Option<RequiredImage> {
        let build = ImageBuild {
            folder: self.folder.value.clone(),
            context: self.context.clone()?,
            target: self.target.as_ref().map(|target| target.value.clone()),
            args: self.arg.iter().map(|arg| arg.value.clone()).collect(),
            platform: self.platform.as_ref().map_or(of_task, |platform| platform.value),
            secrets: self.secret.iter().map(|secret| secret.value.clone()).collect(),
        };
        Some(RequiredImage {
            tag: build.tag(),
            source: Source::Build(Box::new(build)),
            repository: repository(self.registry.as_ref()),
            extra_tags: tags(&self.tag),
            origin: self.folder.origin.clone(),
        })
    }

    /// Returns the problems of the settings for a task of a platform, which a setter of the service may set.
    pub(super) fn problems(&self, of_task: Platform, set_at: &Origin) -> Sink {
        let mut problems = Sink::new();
        for (again, first) in repeated(&self.arg, |arg| &arg.value.0) {
            if again.value.1 != first.value.1 {
                problems.push(twice(&format!("the build argument `{}`", again.value.0), again, first));
            }
        }
        for (again, first) in repeated(&self.secret, |secret| &secret.value.id) {
            if again.value.source != first.value.source {
                problems.push(twice(&format!("the build secret `{}`", again.value.id), again, first));
            }
        }
        problems.extend(self.arg.iter().filter(|arg| is_secret(arg)).map(secret_argument));
        if self.context.as_ref().is_some_and(|context| context.has_git) {
            problems.push(git_in_context(&self.folder));
        }
        if let Some(platform) = self.platform.as_ref().filter(|platform| platform.value != of_task) {
            let message = format!("the image is built for {}, and the task runs on {of_task}", platform.value);
            let remedy = match of_task {
                Platform::Arm64 => "leave `.platform(..)` out: the image is built for the platform of the service",
                Platform::Amd64 => "add `.arm64()` to the service, or leave `.platform(..)` out",
            };
            problems.push(
                Diagnostic::new(Code::ImagePlatform, message)
                    .at(&platform.origin, "the platform of the image")
                    .at(set_at, "the platform of the task")
                    .help(remedy),
            );
        }
        problems
    }
}

impl ArchivedImage {
    /// Creates an image of a file.
    pub fn new(file: WithOrigin<String>) -> Self {
        Self { file, tag: Vec::new(), registry: None, content: None }
    }

    /// Returns the image to push; none if the file cannot be read.
    pub(super) fn required(&self) -> Option<RequiredImage> {
        let archive = self.content.clone()?;
        Some(RequiredImage {
            tag: archive.tag(),
            source: Source::Archive(Box::new(archive)),
            repository: repository(self.registry.as_ref()),
            extra_tags: tags(&self.tag),
            origin: self.file.origin.clone(),
        })
    }
}

/// Returns the name of an image in a template.
pub fn name_in_template(image: &RequiredImage) -> TemplateString {
    let repository = match &image.repository {
        // https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
        ImageRepository::Bootstrap => TemplateString::from(Ref::to("AWS::AccountId"))
            .with(".dkr.ecr.")
            .with(Ref::to("AWS::Region"))
            .with(".")
            .with(Ref::to("AWS::URLSuffix"))
            .with(format!("/{}", bootstrap_names::REPOSITORY)),
        ImageRepository::Named(name) => name.as_str().into(),
    };
    repository.with(format!(":{}", image.tag))
}

fn is_secret(arg: &WithOrigin<(String, String)>) -> bool {
    let (name, value) = &arg.value;
    !value.is_empty() && is_secret_name_for(name, Purpose::Warn)
}

/// Warns of a secret in a build argument: the history of an image shows them ("Build variables", docs.docker.com).
fn secret_argument(arg: &WithOrigin<(String, String)>) -> Diagnostic {
    let name = &arg.value.0;
    let message =
        format!("the build argument `{name}` looks like a secret, and everyone who can pull the image can read it");
    Diagnostic::new(Code::ImageArgument, message).at(&arg.origin, "").help(format!(
        "give it to the build as a secret: `.secret(\"{}\", \"env:{name}\")`, mounted by `RUN --mount=type=secret`",
        name.to_ascii_lowercase()
    ))
}

fn git_in_context(folder: &WithOrigin<String>) -> Diagnostic {
    let message = format!("the build context `{}` holds a git repository (`.git`)", folder.value);
    Diagnostic::new(Code::ImageGit, message)
        .at(&folder.origin, "the context of the image")
        .note("each commit changes the tag, so each deployment builds again, and `COPY .` puts the history into the image")
        .help("write `.git` into `.dockerignore`")
}

fn repository(registry: Option<&WithOrigin<String>>) -> ImageRepository {
    registry.map_or(ImageRepository::Bootstrap, |name| ImageRepository::Named(name.value.clone()))
}

fn tags(tags: &[WithOrigin<String>]) -> Vec<String> {
    let mut tags: Vec<String> = tags.iter().map(|tag| tag.value.clone()).collect();
    tags.sort();
    tags.dedup();
    tags
}

fn twice<T>(what: &str, again: &WithOrigin<T>, first: &WithOrigin<T>) -> Diagnostic {
    Diagnostic::new(Code::ImageSetting, format!("{what} has two values"))
        .at(&again.origin, "the second")
        .at(&first.origin, "the first")
        .help("leave one of them out")
}
