//! The lines about images that are built and pushed.

use std::time::Duration;

use super::format::duration;
use super::style::{bad, faint};
use crate::deploy::ImageEvent;
use crate::printable::one_line;
use crate::synth::DesiredStack;

/// Returns the lines of the images that a deployment of these stacks would build and push, each once.
pub(crate) fn planned_images(stacks: &[DesiredStack]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for image in stacks.iter().flat_map(|stack| &stack.images) {
        let line = format!("  {}\n", planned(image.path(), image.bytes(), &image.tag));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.concat()
}

fn planned(path: &str, bytes: u64, tag: &str) -> String {
    faint(&format!(
        "would build and push {} ({}), tag {tag}, unless it is in the registry",
        one_line(path),
        size(bytes)
    ))
}

/// Returns the line of a step.
pub(super) fn step(reference: &str, path: &str, step: &ImageEvent) -> String {
    let (path, tag) = (one_line(path), reference.rsplit_once(':').map_or(reference, |(_, tag)| tag));
    match step {
        ImageEvent::NotBuilt { bytes } => planned(&path, *bytes, tag),
        ImageEvent::Found => faint(&format!("image {path} is in the registry, tag {tag}")),
        ImageEvent::BuildStarted { builder, bytes } => {
            format!("building image {path} ({}) with {builder}, tag {tag}", size(*bytes))
        }
        ImageEvent::BuilderOutput { line } => faint(&format!("image {path}: {}", one_line(line))),
        ImageEvent::PushStarted => format!("pushing image {path} to {reference}"),
        ImageEvent::Pushed { seconds } => {
            let time = Duration::try_from_secs_f64(*seconds).unwrap_or_default();
            format!("pushed image {path} in {}", duration(time))
        }
        ImageEvent::Failed => bad(&format!("image {path} failed")),
    }
}

/// Returns a size in decimal units.
#[allow(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rehearsed_image_is_named_with_its_size_and_tag() {
        let text = step("r/rtiler-images:0a1b", "app", &ImageEvent::NotBuilt { bytes: 200_000_000 });
        assert!(text.contains("would build and push app (200.0 MB), tag 0a1b"), "{text}");
    }

    #[test]
    fn output_of_a_builder_is_one_line_without_control_characters() {
        let line = "\u{1b}[31mstep\nnext".to_owned();
        let text = step("r:1", "app", &ImageEvent::BuilderOutput { line });
        assert!(!text.contains('\u{1b}') && !text.contains('\n'), "{text:?}");
    }
}
