use crate::cfn::Text;
use crate::diag::Spanned;

/// What a container runs.
#[derive(Debug, Clone, PartialEq)]
pub enum ImageSource {
    /// An image of a registry: `ghcr.io/developmentseed/titiler:1.0`.
    Pulled(Text),
    /// An image built and pushed when the stack is deployed.
    Built(Image),
}

/// An image built from a folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// The build context.
    pub folder: Spanned<String>,
    /// The Dockerfile, relative to the folder.
    pub dockerfile: Option<Spanned<String>>,
    /// The stage of the Dockerfile.
    pub target: Option<Spanned<String>>,
    /// Build arguments, by name.
    pub arg: Vec<Spanned<(String, String)>>,
    /// The platform: `linux/amd64`.
    pub platform: Option<Spanned<String>>,
}

impl Image {
    /// An image built from this folder.
    pub fn build(folder: Spanned<String>) -> Self {
        Self { folder, dockerfile: None, target: None, arg: Vec::new(), platform: None }
    }
}
