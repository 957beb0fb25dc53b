use crate::cfn::TemplateString;
use crate::diag::WithOrigin;

/// The image of a container.
#[derive(Debug, Clone, PartialEq)]
pub enum ImageSource {
    /// An image of a registry: `ghcr.io/developmentseed/titiler:1.0`.
    Pulled(TemplateString),
    /// An image built and pushed when the stack is deployed.
    Built(Box<Image>),
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
    /// The platform: `linux/amd64`.
    pub platform: Option<WithOrigin<String>>,
}

impl Image {
    /// Creates an image built from this folder.
    pub fn build(folder: WithOrigin<String>) -> Self {
        Self { folder, dockerfile: None, target: None, arg: Vec::new(), platform: None }
    }
}
