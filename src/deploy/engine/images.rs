//! The images of a run: built and pushed before the first stack changes, each once, however many stacks need it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use tokio::sync::OnceCell;

use super::StackTask;
use super::abort::Abort;
use super::event::{DeployEventKind, ImageEvent};
use crate::deploy::api::{AwsApi, Clock, ImagePublisher, ImageStep, ImageTarget, Timestamp};
use crate::diag::{Code, Diagnostic};
use crate::image::RequiredImage;
use crate::synth::DesiredStack;

/// The shortest time between two events with the output of a builder.
const OUTPUT_INTERVAL: Duration = Duration::from_secs(2);

/// The images of a run.
#[derive(Default)]
pub(super) struct RunImages<'a> {
    publisher: Option<Box<dyn ImagePublisher + 'a>>,
    /// The images of all stacks, each with the name and region of its stack.
    required: RefCell<Vec<StackImage>>,
    /// The failures; none before the images are published.
    published: OnceCell<Vec<Failure>>,
}

/// An image of a stack.
#[derive(Clone)]
struct StackImage {
    stack: String,
    region: Option<String>,
    image: RequiredImage,
}

/// An image that is not in its registry.
struct Failure {
    image: RequiredImage,
    problem: Diagnostic,
}

impl<'a> RunImages<'a> {
    /// Creates the images of a run, with their publisher.
    pub(super) fn published_by(publisher: Box<dyn ImagePublisher + 'a>) -> Self {
        Self { publisher: Some(publisher), ..Self::default() }
    }

    /// Sets the stacks of the run.
    pub(super) fn require(&self, stacks: &[DesiredStack]) {
        let of_stack = |stack: &DesiredStack| {
            let (name, region) = (stack.name.clone(), stack.region.clone());
            let images = stack.images.clone().into_iter();
            images.map(move |image| StackImage { stack: name.clone(), region: region.clone(), image })
        };
        *self.required.borrow_mut() = stacks.iter().flat_map(of_stack).collect();
    }
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Waits until the images of all stacks of the run are in their registries.
    pub(super) async fn publish_images(&self) -> Result<(), Abort> {
        let images = &self.engine.images;
        if images.required.borrow().is_empty() {
            return Ok(());
        }
        let publish = images.published.get_or_try_init(|| self.publish_all());
        let failures = self.stop.or_stop(publish).await??;
        if failures.is_empty() {
            return Ok(());
        }
        let own = failures.iter().filter(|failure| self.stack.images.contains(&failure.image));
        let own: Vec<Diagnostic> = own.map(|failure| failure.problem.clone()).collect();
        Err(Abort::Blocked(if own.is_empty() { vec![self.not_deployed()] } else { own }))
    }

    fn not_deployed(&self) -> Diagnostic {
        let name = &self.stack.name;
        Diagnostic::new(
            Code::ImageBuild,
            format!("stack `{name}` was not deployed: an image of another stack is missing"),
        )
        .at(&self.stack.origin, "this stack")
        .help("fix the image of the other stack, or deploy this stack alone")
    }

    /// Publishes every image, several side by side, and returns those that failed.
    async fn publish_all(&self) -> Result<Vec<Failure>, Abort> {
        let required = self.engine.images.required.borrow().clone();
        let mut targets: Vec<(StackImage, ImageTarget)> = Vec::new();
        for image in required {
            let environment = self.engine.api.for_region(image.region.as_deref()).environment().await?;
            let repository = image.image.repository_in(&environment.ecr_host());
            let target = ImageTarget { image: image.image.clone(), region: image.region.clone(), repository };
            if !targets.iter().any(|(_, known)| known.references() == target.references()) {
                targets.push((image, target));
            }
        }
        let most = self.options().build_concurrency.max(1);
        let publish = targets.iter().map(|(image, target)| async move {
            let problem = self.publish_one(image, target).await.err()?;
            Some(Failure { image: image.image.clone(), problem })
        });
        let results: Vec<Option<Failure>> = stream::iter(publish).buffered(most).collect().await;
        Ok(results.into_iter().flatten().collect())
    }

    async fn publish_one(&self, image: &StackImage, target: &ImageTarget) -> Result<(), Diagnostic> {
        let started = self.now();
        let reference = target.reference();
        let emit = |step: ImageEvent| {
            let path = target.image.path().to_owned();
            self.engine.emit(&image.stack, DeployEventKind::Image { reference: reference.clone(), path, step });
        };
        let bytes = target.image.bytes();
        let Some(publisher) = &self.engine.images.publisher else {
            emit(ImageEvent::NotBuilt { bytes });
            return Ok(());
        };
        if publisher.is_published(target).await {
            emit(ImageEvent::Found);
            return Ok(());
        }
        let shown: Rc<Cell<Option<Timestamp>>> = Rc::default();
        let progress = |step: ImageStep| match step {
            ImageStep::BuildStarted(builder) => emit(ImageEvent::BuildStarted { builder, bytes }),
            ImageStep::PushStarted => emit(ImageEvent::PushStarted),
            ImageStep::Output(line) => {
                let now = self.now();
                if shown.get().is_none_or(|last| now.since(last) >= OUTPUT_INTERVAL) {
                    shown.set(Some(now));
                    emit(ImageEvent::BuilderOutput { line });
                }
            }
        };
        let result = publisher.publish(target, &progress).await;
        emit(match &result {
            Ok(()) => ImageEvent::Pushed { seconds: self.now().since(started).as_secs_f64() },
            Err(_) => ImageEvent::Failed,
        });
        result
    }
}
