//! The images of stacks: their facts, and the checks of tasks against them.

use std::collections::HashMap;
use std::path::Path;

use indexmap::IndexMap;

use super::packages::cache_folder;
use crate::cfn::check::images;
use crate::diag::{Code, Diagnostic, Sink, SourceMap, apply_suppressions};
use crate::image::{Architecture, FactsByName, ImageReference, RequiredImage, Unread};
use crate::registry::{ImageCache, ImageReader, Login};
use crate::synth::DesiredStack;

/// The number of images that are read at the same time.
const AT_ONCE: usize = 8;

/// The origin of facts.
pub(crate) enum FactSource<'a> {
    /// The registries, with logins by host; other hosts have the credentials of docker.
    Registries(&'a HashMap<String, Login>),
    /// The cache alone, with the images of earlier runs.
    Cache,
}

/// Returns the images that the tasks of stacks run, each with the architectures of its tasks. Images that this deployment pushes are
/// left out: they need not exist yet.
pub(crate) fn images_of(stacks: &[DesiredStack]) -> IndexMap<String, Vec<Architecture>> {
    let mut found: IndexMap<String, Vec<Architecture>> = IndexMap::new();
    for stack in stacks {
        let pushed: Vec<String> = stack.images.iter().filter_map(RequiredImage::literal_reference).collect();
        for (name, wanted) in images::names(&stack.template) {
            if !pushed.contains(&name) {
                let known = found.entry(name).or_default();
                known.extend(wanted.into_iter().filter(|it| !known.contains(it)).collect::<Vec<_>>());
            }
        }
    }
    found
}

/// Reads the facts about images. Names that are not those of images are left out, and so are images that the cache does not have if
/// it is the only source.
pub(crate) fn facts(
    script: &str,
    images: &IndexMap<String, Vec<Architecture>>,
    source: &FactSource<'_>,
) -> FactsByName {
    let folder = cache_folder(Path::new(script).parent().unwrap_or(Path::new("")));
    let reader = ImageReader::new(ImageCache::new(&folder));
    let parsed = images.iter().filter_map(|(name, wanted)| Some((name, ImageReference::parse(name)?, wanted)));
    let parsed: Vec<_> = parsed.collect();
    let read = |(name, image, wanted): &(&String, ImageReference, &Vec<Architecture>)| {
        let facts = match source {
            FactSource::Cache => reader.cached(image, wanted).map(Ok),
            FactSource::Registries(logins) => Some(reader.read(image, logins.get(&image.host).cloned(), wanted)),
        };
        facts.map(|facts| ((*name).clone(), facts))
    };
    if let FactSource::Cache = source {
        return parsed.iter().filter_map(read).collect();
    }
    let groups: Vec<FactsByName> = std::thread::scope(|scope| {
        let size = parsed.len().div_ceil(AT_ONCE).max(1);
        let threads: Vec<_> =
            parsed.chunks(size).map(|group| scope.spawn(|| group.iter().filter_map(read).collect())).collect();
        let joined = threads.into_iter().map(std::thread::ScopedJoinHandle::join);
        joined.map(|facts| facts.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    groups.into_iter().flatten().collect()
}

/// Returns the problems of stacks with their images, without those that the script acknowledges.
pub(crate) fn problems(stacks: &[DesiredStack], facts: &FactsByName, sources: &SourceMap) -> Vec<Diagnostic> {
    let found: Sink = stacks.iter().flat_map(|stack| images::check(&stack.template, facts)).collect();
    let remaining = apply_suppressions(found, sources, false);
    // The check of the script has reported these.
    let mut problems: Vec<Diagnostic> =
        remaining.into_iter().filter(|problem| problem.code != Code::SuppressionWithoutReason).collect();
    problems.sort_by_cached_key(|problem| (problem.origin().cloned(), problem.code, problem.message.clone()));
    problems.dedup();
    problems
}

/// Returns the number of images that were read.
pub(crate) fn count_of_read(facts: &FactsByName) -> usize {
    facts.values().filter(|facts| !matches!(facts, Err(Unread::Unanswered(_)))).count()
}
