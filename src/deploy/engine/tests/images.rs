//! Images that are published before the first stack changes.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::deploy::api::{ImagePublisher, ImageStep, ImageTarget};
use crate::deploy::engine::event::{DeployEventKind, ImageEvent};
use crate::deploy::engine::outcome::StackResult;
use crate::diag::{Code, Diagnostic, Origin};
use crate::image::{ImageArchive, ImageRepository, ImageSource, RequiredImage};
use crate::synth::DesiredStack;
use crate::testing::harness::{Harness, RunReport, stack};

/// A publisher that notes what it publishes.
#[derive(Clone, Default)]
struct Notes {
    published: Rc<RefCell<Vec<String>>>,
    /// The tag that is in the registry.
    present: Option<&'static str>,
    /// The tag that cannot be published.
    refused: Option<&'static str>,
}

impl ImagePublisher for Notes {
    fn is_published<'p>(&'p self, target: &'p ImageTarget) -> LocalBoxFuture<'p, bool> {
        let is_present = self.present == Some(target.image.tag.as_str());
        async move { is_present }.boxed_local()
    }

    fn publish<'p>(
        &'p self,
        target: &'p ImageTarget,
        progress: &'p dyn Fn(ImageStep),
    ) -> LocalBoxFuture<'p, Result<(), Diagnostic>> {
        async move {
            progress(ImageStep::BuildStarted("docker".to_owned()));
            self.published.borrow_mut().push(target.reference());
            if self.refused == Some(target.image.tag.as_str()) {
                return Err(Diagnostic::new(Code::ImageBuild, "it failed").at(&target.image.origin, ""));
            }
            Ok(())
        }
        .boxed_local()
    }
}

fn image(tag: &str) -> RequiredImage {
    let archive = ImageArchive { file: format!("{tag}.tar"), path: PathBuf::new(), digest: "0".repeat(64), bytes: 1 };
    RequiredImage {
        source: ImageSource::Archive(Box::new(archive)),
        repository: ImageRepository::Bootstrap,
        tag: tag.to_owned(),
        extra_tags: Vec::new(),
        origin: Origin::new("app.rhai", 1, 1),
    }
}

fn queue(name: &str, tags: &[&str]) -> DesiredStack {
    let images = tags.iter().map(|tag| image(tag)).collect();
    DesiredStack { images, ..stack(name, "Resources: {Queue: {Type: AWS::SQS::Queue}}") }
}

fn deploy(stacks: &[DesiredStack], publisher: Option<&Notes>) -> RunReport {
    Harness::new(1).deploy_with(stacks, publisher.cloned())
}

fn steps(report: &RunReport) -> Vec<&ImageEvent> {
    let steps = report.events.iter().filter_map(|event| match &event.kind {
        DeployEventKind::Image { step, .. } => Some(step),
        _ => None,
    });
    steps.collect()
}

#[test]
fn image_of_two_stacks_is_published_once_before_either_changes() {
    let notes = Notes::default();
    let report = deploy(&[queue("one", &["a"]), queue("two", &["a", "b"])], Some(&notes));
    assert!(report.outcome.is_success());
    let mut published = notes.published.borrow().clone();
    published.sort();
    assert_eq!(published.len(), 2, "{published:?}");
    assert!(published[0].contains(".dkr.ecr.eu-central-1.amazonaws.com/rtiler-images:a"), "{published:?}");
    let last = report.events.iter().rposition(|event| matches!(event.kind, DeployEventKind::Image { .. }));
    let first = report.events.iter().position(|event| matches!(event.kind, DeployEventKind::OperationStarted { .. }));
    assert!(last < first, "{last:?} {first:?}");
}

#[test]
fn image_in_the_registry_is_not_published() {
    let notes = Notes { present: Some("a"), ..Notes::default() };
    let report = deploy(&[queue("one", &["a"])], Some(&notes));
    assert!(report.outcome.is_success() && notes.published.borrow().is_empty());
    assert_eq!(steps(&report), [&ImageEvent::Found]);
}

#[test]
fn failed_image_stops_every_stack_before_it_changes() {
    let notes = Notes { refused: Some("b"), ..Notes::default() };
    let report = deploy(&[queue("one", &["a"]), queue("two", &["b"])], Some(&notes));
    let is_started = |kind: &DeployEventKind| matches!(kind, DeployEventKind::OperationStarted { .. });
    assert!(!report.events.iter().any(|event| is_started(&event.kind)));
    for (stack, expected) in [("one", "an image of another stack is missing"), ("two", "it failed")] {
        let outcome = report.outcome.stack(stack).expect("an outcome");
        assert_ne!(outcome.result, StackResult::Created);
        assert!(outcome.problems[0].message.contains(expected), "{outcome:?}");
    }
}

#[test]
fn rehearsal_names_images_and_builds_none() {
    let report = deploy(&[queue("one", &["a"])], None);
    assert!(report.outcome.is_success());
    assert_eq!(steps(&report), [&ImageEvent::NotBuilt { bytes: 1 }]);
}
