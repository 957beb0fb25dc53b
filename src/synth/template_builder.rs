//! Stacks whose blocks are lowered, while references are still open.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;

use super::{OwnerBlock, extent, name_checks, ownership, roles, sections, tags, versions};
use crate::block::{Block, LoweredBlock, LoweringContext, Program, Stack};
use crate::budget::Budget;
use crate::cfn::schema::Schema;
use crate::cfn::{LogicalId, Output, Resource, StackJob, Template, TemplateString};
use crate::diag::{Code, Diagnostic, Origin, Sink, WithOrigin};
use crate::image::{PinnedImage, RequiredImage};

/// The resources of a program that are written as CloudFormation does.
pub(super) type RawResources = Rc<HashMap<LogicalId, Resource>>;

/// A stack being built.
pub(super) struct TemplateBuilder {
    pub(super) stack: Rc<Stack>,
    /// Tags by key.
    pub(super) tags: IndexMap<String, WithOrigin<TemplateString>>,
    pub(super) template: Template,
    /// The images to push before it is deployed.
    pub(super) images: Vec<RequiredImage>,
    /// The images whose tags become digests.
    pub(super) pinned: Vec<PinnedImage>,
    /// Its jobs, each once.
    pub(super) jobs: Vec<StackJob>,
    /// The block behind each resource.
    pub(super) owners: HashMap<LogicalId, OwnerBlock>,
    /// References to resources of other stacks, by what is referred to and the stack that creates it.
    pub(super) imports: IndexMap<LogicalId, usize>,
    /// Stacks whose blocks this one uses.
    pub(super) foreign: BTreeSet<usize>,
    /// Names of the stacks that are deployed before this one.
    pub(super) after: Vec<String>,
    /// Whether a block has an error, so that resources may be missing.
    pub(super) faulty: bool,
    /// The origins of the blocks with errors, and of the labels of their errors: problems that the
    /// template check finds there have the same cause.
    pub(super) faulty_origins: HashSet<Origin>,
}

/// All stacks being built.
pub(super) struct TemplateBuilders {
    pub(super) stacks: Vec<TemplateBuilder>,
    pub(super) context: LoweringContext,
    /// The stacks that create each logical id.
    pub(super) creators: HashMap<LogicalId, Vec<usize>>,
    pub(super) problems: Sink,
    budget: Budget,
}

impl TemplateBuilders {
    /// Lowers all blocks that the stacks reach, or returns the problem of a program that takes more than the budget.
    pub(super) fn of(
        program: &Program,
        adopted: &[Vec<Block>],
        schema: &Schema,
        (raw, budget): (&RawResources, &Budget),
    ) -> Result<Self, Sink> {
        let reach = ownership::ownership(program, adopted);
        let mut builders = Self {
            stacks: Vec::new(),
            context: reach.context,
            creators: HashMap::new(),
            problems: reach.problems,
            budget: budget.clone(),
        };
        builders.context.set_raw_resources(raw.clone());
        let blocks = reach.blocks.iter().enumerate();
        let services = blocks.flat_map(|(stack, blocks)| {
            blocks.iter().filter_map(move |block| match block {
                Block::FargateService(service) => Some((stack, service.clone())),
                _ => None,
            })
        });
        builders.problems.extend(builders.context.register_services(services));
        let albs = reach.blocks.iter().flatten().filter_map(|block| match block {
            Block::Alb(alb) => Some(alb.clone()),
            _ => None,
        });
        builders.problems.extend(builders.context.register_load_balancers(albs));
        let faulty_origins = labels(&builders.problems);
        for (stack, foreign) in program.stacks.iter().zip(reach.foreign) {
            budget.permits(&stack.name.origin, || format!("the outputs of the stack `{}`", stack.name.value))?;
            let mut builder = TemplateBuilder::new(stack, foreign, &mut builders.problems);
            builder.mark_faulty(faulty_origins.iter().cloned());
            builders.stacks.push(builder);
        }
        for (stack, blocks) in reach.blocks.iter().enumerate() {
            if blocks.len() > extent::MOST_BLOCKS {
                builders.problems.push(too_many(&builders.stacks[stack].stack, blocks.len()));
                builders.stacks[stack].faulty = true;
                continue;
            }
            blocks.iter().try_for_each(|block| builders.lower(block, stack, schema))?;
        }
        Ok(builders)
    }

    /// Adds the resources of a block to a stack.
    pub(super) fn lower(&mut self, block: &Block, stack: usize, schema: &Schema) -> Result<(), Sink> {
        self.budget.permits(block.origin(), || described(block))?;
        let builder = &mut self.stacks[stack];
        let mut made = block.lower(&builder.stack.name.value, &self.context);
        if matches!(block, Block::FargateService(_)) {
            let services = made.resources.values_mut().filter(|resource| resource.kind.as_str() == "AWS::ECS::Service");
            services.for_each(|service| tags::propagate_to_tasks(&builder.tags, service));
        }
        let faulty_origins = labels(&made.problems);
        if !faulty_origins.is_empty() {
            builder.mark_faulty(faulty_origins.into_iter().chain([block.origin().clone()]));
        }
        let owner = OwnerBlock { origin: block.origin().clone(), label: block.label().map(Arc::from) };
        for id in made.resources.keys() {
            self.creators.entry(id.clone()).or_default().push(stack);
            builder.owners.entry(id.clone()).or_insert_with(|| owner.clone());
        }
        builder.absorb(made, schema, &mut self.problems);
        Ok(())
    }
}

impl TemplateBuilder {
    fn new(stack: &Rc<Stack>, foreign: BTreeSet<usize>, problems: &mut Sink) -> Self {
        let mut template = Template {
            description: stack.description.as_ref().map(|description| description.value.clone()),
            ..Template::default()
        };
        for output in &stack.outputs {
            if let Some(id) = name_checks::output(&output.value.name, &output.origin, problems) {
                let made = Output {
                    value: output.value.value.clone(),
                    description: output.value.description.clone(),
                    export: output.value.export.then(|| output.value.name.as_str().into()),
                    condition: None,
                    origin: output.origin.clone(),
                };
                match template.outputs.get(&id) {
                    Some(first) if *first != made => problems.push(same_output(&id, &made, first)),
                    Some(_) => {}
                    None => {
                        template.outputs.insert(id, made);
                    }
                }
            }
        }
        stack.sections.iter().for_each(|section| problems.extend(sections::add(&mut template, section)));
        Self {
            stack: stack.clone(),
            tags: {
                problems.extend(tags::set_twice(stack));
                tags::of(stack)
            },
            template,
            images: Vec::new(),
            pinned: Vec::new(),
            jobs: Vec::new(),
            owners: HashMap::new(),
            imports: IndexMap::new(),
            foreign,
            after: Vec::new(),
            faulty: false,
            faulty_origins: HashSet::new(),
        }
    }

    fn mark_faulty(&mut self, origins: impl IntoIterator<Item = Origin>) {
        self.faulty_origins.extend(origins);
        self.faulty |= !self.faulty_origins.is_empty();
    }

    /// Takes the resources and parameters of a block.
    pub(super) fn absorb(&mut self, made: LoweredBlock, schema: &Schema, problems: &mut Sink) {
        problems.extend(made.problems);
        self.images.extend(made.images);
        self.pinned.extend(made.pinned);
        for job in made.jobs {
            if !self.jobs.iter().any(|known| known.task_definition == job.task_definition) {
                self.jobs.push(job);
            }
        }
        for (id, mut resource) in made.resources {
            tags::put(&self.tags, &mut resource, schema);
            roles::put(&self.stack, &mut resource);
            let parameter = self.template.parameters.get(&id).map(|first| &first.origin);
            let first = self.template.resources.get(&id).map(|first| &first.origin).or(parameter);
            match first {
                Some(first) => problems.push(versions::duplicate_name(&id, &resource.origin, first)),
                None => {
                    self.template.resources.insert(id, resource);
                }
            }
        }
        for (id, parameter) in made.parameters {
            match self.template.resources.get(&id) {
                Some(first) => problems.push(versions::duplicate_name(&id, &parameter.origin, &first.origin)),
                None => {
                    self.template.parameters.insert(id, parameter);
                }
            }
        }
    }
}

fn too_many(stack: &Stack, blocks: usize) -> Diagnostic {
    let message =
        format!("the stack `{}` has {blocks} blocks, and CloudFormation takes 500 resources", stack.name.value);
    Diagnostic::new(Code::TemplateLimit, message)
        .at(&stack.name.origin, "this stack")
        .help("split the stack into two or more")
}

/// Returns the block as messages name it.
fn described(block: &Block) -> String {
    match (block.label(), block.logical_ids().first()) {
        (Some(label), _) => label,
        (None, Some(id)) => format!("the resource `{id}`"),
        (None, None) => "this block".to_owned(),
    }
}

/// Returns the origins that errors point at.
fn labels(problems: &[Diagnostic]) -> Vec<Origin> {
    let errors = problems.iter().filter(|problem| problem.is_error());
    errors.flat_map(|problem| &problem.labels).map(|label| label.origin.clone()).collect()
}

fn same_output(id: &str, second: &Output, first: &Output) -> Diagnostic {
    Diagnostic::new(Code::DuplicateOutput, format!("two outputs are named `{id}`"))
        .at(&second.origin, "the second")
        .at(&first.origin, "the first")
        .help("give one of them another name")
}
