//! Images whose tags become digests.

use std::collections::BTreeMap;

use crate::cfn::type_names::TASK_DEFINITION;
use crate::cfn::{TemplateDocument, Value};
use crate::image::ImageReference;
use crate::synth::DesiredStack;

/// Returns the name of an image with a digest in place of its tag: `ghcr.io/acme/web@sha256:..` (ECS API, `ContainerDefinition.image`).
pub fn with_digest(name: &str, digest: &str) -> String {
    let tag = ImageReference::parse(name).and_then(|parsed| parsed.tag);
    let plain = tag.and_then(|tag| name.strip_suffix(&format!(":{tag}")).map(str::to_owned));
    format!("{}@{digest}", plain.as_deref().unwrap_or(name))
}

/// Returns a stack whose containers run the digests of these images, by name.
pub fn with_digests(stack: &DesiredStack, digests: &BTreeMap<String, String>) -> DesiredStack {
    let mut template = stack.template.clone().into_template();
    for resource in template.resources.values_mut().filter(|resource| resource.kind.as_str() == TASK_DEFINITION) {
        let Some(Value::List(containers)) = resource.properties.get_mut("ContainerDefinitions") else { continue };
        for container in containers {
            let Value::Map(container) = container else { continue };
            let name = container.get("Image").and_then(Value::as_str).map(str::to_owned);
            if let Some((name, digest)) = name.and_then(|name| digests.get_key_value(&name)) {
                container.insert("Image".to_owned(), with_digest(name, digest).into());
            }
        }
    }
    DesiredStack { template: TemplateDocument::from(template), ..stack.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::harness::stack;

    const DIGEST: &str = "sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";

    #[test]
    fn digest_replaces_the_tag_and_keeps_the_port_of_the_host() {
        for (name, plain) in [
            ("ghcr.io/acme/web:latest", "ghcr.io/acme/web"),
            ("localhost:5000/web", "localhost:5000/web"),
            ("nginx", "nginx"),
        ] {
            assert_eq!(with_digest(name, DIGEST), format!("{plain}@{DIGEST}"));
        }
    }

    #[test]
    fn only_pinned_images_of_task_definitions_change() {
        let stack = stack(
            "web",
            "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n      - {Name: a, Image: 'nginx:1'}\n      - {Name: b, Image: 'nginx:2'}\n",
        );
        let digests = BTreeMap::from([("nginx:1".to_owned(), DIGEST.to_owned())]);
        let body = with_digests(&stack, &digests).body().into_owned();
        assert!(body.contains(&format!("nginx@{DIGEST}")) && body.contains("nginx:2"), "{body}");
        assert!(!body.contains("nginx:1"), "{body}");
    }
}
