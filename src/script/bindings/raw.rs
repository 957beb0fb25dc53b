use std::any::TypeId;
use std::collections::BTreeSet;
use std::rc::Rc;

use rhai::{Dynamic, ImmutableString, Module, NativeCallContext, Shared};

use crate::block::{Block, Name, RawResource};
use crate::cfn::{Map, Ref, TypeName, Value};
use crate::script::block_types::{BlockType, address};
use crate::script::call::Call;
use crate::script::convert::{DependencyTargets, Properties};
use crate::script::declaration::{Function, Method, ScriptType, methods};
use crate::script::eval_state::EvalState;
use crate::script::global_functions::GlobalFunctions;
use crate::script::registration::{add_to_module, addresses_in, arguments_of, record, record_uses, stop};
use crate::script::value::Reference;
use crate::script::versions::CallPlace;

impl ScriptType for RawResource {
    const FUNCTIONS: &'static [Function] = &[];

    const METHODS: &'static [Method<Self>] = methods! {
        /// Creates the resource after other blocks or resources, in addition to those that it refers to.
        ///
        /// ```rhai
        /// bucket.depends_on(AWS::SQS::Queue("Jobs"))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |resource, at| {
            resource.depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
        /// Sets what CloudFormation does with the resource when it is deleted from the stack (`DeletionPolicy`).
        ///
        /// ```rhai
        /// bucket.deletion_policy("Retain")
        /// ```
        #[one_of = ["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"]]
        fn deletion_policy(policy: String) |resource, at| resource.deletion_policy = at.set(policy);
        /// Sets what CloudFormation does with the resource when an update replaces it (`UpdateReplacePolicy`).
        ///
        /// ```rhai
        /// bucket.deletion_policy("Retain").update_replace_policy("Delete")
        /// ```
        #[default = "the deletion policy"]
        #[one_of = ["Delete", "Retain", "Snapshot"]]
        fn update_replace_policy(policy: String) |resource, at| resource.update_replace_policy = at.set(policy);
        /// Sets the attribute `CreationPolicy`.
        ///
        /// ```rhai
        /// let handle = AWS::CloudFormation::WaitCondition("Ready").creation_policy(#{
        ///     ResourceSignal: #{ Count: 1, Timeout: "PT15M" },
        /// });
        /// Stack("web").add(handle)
        /// ```
        fn creation_policy(policy: Value) |resource, at| resource.creation_policy = at.set(policy);
        /// Sets the attribute `UpdatePolicy`.
        ///
        /// ```rhai
        /// AWS::ElastiCache::ReplicationGroup("Cache", #{ ReplicationGroupDescription: "sessions" })
        ///     .update_policy(#{ UseOnlineResharding: true })
        /// ```
        fn update_policy(policy: Value) |resource, at| resource.update_policy = at.set(policy);
        /// Sets the condition under which the resource is created (`Condition`). It decides at the deployment; an `if` of the
        /// script decides before and needs no condition.
        ///
        /// ```rhai
        /// let stage = parameter("Stage");
        /// Stack("web")
        ///     .section("Conditions", #{ IsProduction: #{ "Fn::Equals": [stage, "production"] } })
        ///     .add(bucket.condition("IsProduction"))
        /// ```
        fn condition(name: String) |resource, at| resource.condition = at.set(name);
        /// Sets the attribute `Metadata`.
        ///
        /// ```rhai
        /// bucket.metadata(#{ Owner: "maps" })
        /// ```
        fn metadata(metadata: Value) |resource, at| resource.metadata = at.set(metadata);
    };
}

/// Adds `AWS::S3::Bucket(id, #{ .. })` for each of these types to the module `AWS`.
pub(super) fn add_types(aws: &mut Module, types: &BTreeSet<String>) {
    let mut services: std::collections::BTreeMap<&str, Module> = std::collections::BTreeMap::new();
    for name in types {
        let Some((service, kind)) = name.strip_prefix("AWS::").and_then(|rest| rest.split_once("::")) else { continue };
        add_type(services.entry(service).or_default(), kind, &TypeName::from(name.as_str()));
    }
    for (service, mut module) in services {
        module.build_index();
        aws.set_sub_module(service, Shared::new(module));
    }
}

/// Registers `bucket.Arn`.
pub(super) fn register(globals: &mut GlobalFunctions) {
    globals.register_indexer_get(|ctx: NativeCallContext, this: &mut Rc<RawResource>, attribute: ImmutableString| {
        let state = EvalState::of(&ctx);
        state.mentions.borrow_mut().note(&Block::Resource(Rc::clone(this)));
        let read = CallPlace { name: format!(".{attribute}"), origin: state.origin(&ctx) };
        state.versions.borrow_mut().mention(address(this), &Rc::new(read));
        Reference(Value::Text(this.attribute(&attribute)))
    });
    globals.register_indexer_get(longer_attribute);
}

/// Returns the attribute of `db.Endpoint.Address`: the attribute `Endpoint.Address`.
fn longer_attribute(this: &mut Reference, attribute: ImmutableString) -> Reference {
    let longer = this.0.as_reference().map(|reference| match &reference.attribute {
        Some(before) => Ref::attribute(reference.id.clone(), format!("{before}.{attribute}")),
        None => Ref::attribute(reference.id.clone(), attribute.as_str()),
    });
    longer.map_or_else(|| this.clone(), |reference| Reference(reference.into()))
}

fn add_type(module: &mut Module, kind: &str, name: &TypeName) {
    for arguments in 1..=2 {
        let (name, types) = (name.clone(), vec![TypeId::of::<Dynamic>(); arguments]);
        add_to_module(module, kind, &types, move |ctx, arguments| {
            let state = EvalState::of(&ctx);
            let values = arguments_of(arguments);
            let recorded = state.records().then(|| values.clone());
            let addresses = addresses_in(&values);
            let mut call = Call::new(&state, &ctx, name.to_string(), values);
            let resource = make(&name, &mut call).filter(|_| !state.is_at_last_call()).ok_or_else(|| stop(&ctx))?;
            record::<RawResource>(&call, RawResource::NAME, recorded, &resource);
            record_uses(&call, &addresses, &resource);
            Ok(resource)
        });
    }
}

fn make(kind: &TypeName, call: &mut Call<'_>) -> Option<Dynamic> {
    let name: Name = call.take("id")?;
    let properties = call.take::<Option<Properties>>("properties")?;
    let Properties(properties, origins) = properties.unwrap_or_else(|| Properties(Map::new(), Vec::new()));
    let mut resource = RawResource::new(kind.clone(), call.at.put(name), properties);
    resource.origins = origins.into();
    Some(Dynamic::from(Rc::new(resource)))
}
