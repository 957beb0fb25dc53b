use indexmap::IndexMap;
use serde::Serialize;

use super::services::services;
use crate::deploy::api::{AwsApi, AwsError, TaskFilter};

/// An image that tasks run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunningImage {
    /// Its name in the task definition of the tasks.
    pub image: Option<String>,
    /// The digest that ECS pulled; null if ECS does not say so.
    pub digest: Option<String>,
    /// The number of tasks that run it.
    pub tasks: usize,
}

/// The images that the tasks of a service run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceImages {
    /// The logical id of the service.
    pub service: String,
    /// The images by the name of their container.
    pub containers: IndexMap<String, Vec<RunningImage>>,
}

/// Returns the images that the tasks of the services of a stack run now; none if the stack is not deployed.
///
/// # Errors
///
/// The stack or its tasks cannot be read.
pub async fn running_images(cloud: &impl AwsApi, stack: &str) -> Result<Option<Vec<ServiceImages>>, AwsError> {
    let Some(live) = cloud.describe_stack(stack).await? else { return Ok(None) };
    let resources = cloud.resources(&live.id).await?;
    let mut found = Vec::new();
    for service in services(cloud, stack, &resources).await? {
        let mut containers: IndexMap<String, Vec<RunningImage>> = IndexMap::new();
        for container in
            cloud.tasks(&service.service.arn, TaskFilter::Running).await?.into_iter().flat_map(|it| it.containers)
        {
            let images = containers.entry(container.name).or_default();
            let (image, digest) = (container.image, container.image_digest);
            match images.iter_mut().find(|known| known.image == image && known.digest == digest) {
                Some(known) => known.tasks += 1,
                None => images.push(RunningImage { image, digest, tasks: 1 }),
            }
        }
        found.push(ServiceImages { service: service.logical_id, containers });
    }
    Ok(Some(found))
}
