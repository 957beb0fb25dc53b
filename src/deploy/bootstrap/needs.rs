use super::image_names;
use crate::deploy::api::INLINE_TEMPLATE_BYTES;
use crate::synth::DesiredStack;

/// The reason for which a stack needs the bootstrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It runs images that rtiler builds.
    Images,
    /// Its template has so many bytes, more than a request may have.
    LargeTemplate(usize),
}

/// Returns why a stack needs the bootstrap, if it does; `has_bucket` is whether the user names a bucket for templates.
pub fn need(stack: &DesiredStack, has_bucket: bool) -> Option<Need> {
    let body = stack.body();
    if image_names(&body).next().is_some() {
        return Some(Need::Images);
    }
    (body.len() > INLINE_TEMPLATE_BYTES && !has_bucket).then_some(Need::LargeTemplate(body.len()))
}
