use std::rc::Rc;

use crate::block::{Cluster, Section, Stack, StackOutput, Tag, Vpc};
use crate::cfn::{TemplateString, Value};
use crate::diag::WithOrigin;
use crate::script::convert::{StackItems, StringMap, TextOrNumber};
use crate::script::declaration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for Stack {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a CloudFormation stack. A script ends with a stack, or with a list of them.
        ///
        /// ```rhai
        /// Stack("tiles").add(AWS::S3::Bucket("Tiles"))
        /// ```
        fn Stack(name: String) |at| Stack::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the description of the stack, at most 1024 bytes.
        ///
        /// ```rhai
        /// stack.description("Map tiles of the public site")
        /// ```
        fn description(text: String) |stack, at| stack.description = at.set(text);
        /// Adds a tag to every resource that supports tags, and to the tasks of services.
        ///
        /// ```rhai
        /// stack.tag("team", "maps")
        /// ```
        #[adds = "a tag"]
        fn tag(key: String, value: TextOrNumber) |stack, at| stack.tags.push(at.put(Tag { key, value: value.0 }));
        /// Adds tags to every resource that supports tags, and to the tasks of services. A tag whose value is `()` is left out.
        ///
        /// ```rhai
        /// stack.tags(#{ team: "maps", stage: "production" })
        /// ```
        #[adds = "tags"]
        fn tags(tags: StringMap) |stack, _at| stack.tags.extend(tags_of(tags));
        /// Adds a block, a resource, or a list of them, with every block that they refer to.
        ///
        /// ```rhai
        /// stack.add([service, AWS::S3::Bucket("Tiles")])
        /// ```
        #[adds = "blocks"]
        fn add(blocks: StackItems) |stack, at| stack.adds.extend(blocks.0.into_iter().map(|block| at.put(block)));
        /// Adds an output: a value that is shown after the deployment.
        ///
        /// ```rhai
        /// stack.add(service.port(80).behind(alb)).output("Url", alb.url)
        /// ```
        #[adds = "an output"]
        fn output(name: String, value: Value) |stack, at| stack.outputs.push(at.put(output(name, value)));
        /// Adds an output with a description.
        ///
        /// ```rhai
        /// stack.add(service.port(80).behind(alb)).output("Url", alb.url, "Where users go")
        /// ```
        #[adds = "an output"]
        fn output(name: String, value: Value, description: String) |stack, at| {
            stack.outputs.push(at.put(StackOutput { description: Some(description), ..output(name, value) }));
        };
        /// Adds an output and exports it under its name, for `cfn::import_value` in other stacks.
        ///
        /// ```rhai
        /// let tiles = AWS::S3::Bucket("Tiles");
        /// Stack("tiles").add(tiles).export_output("tiles-bucket", tiles)
        /// ```
        #[adds = "an output"]
        fn export_output(name: String, value: Value) |stack, at| {
            stack.outputs.push(at.put(StackOutput { export: true, ..output(name, value) }));
        };
        /// Adds entries to a section of the template, as CloudFormation writes them: conditions, mappings, rules, metadata, a
        /// transform, or outputs with a condition or with an export of another name.
        ///
        /// ```rhai
        /// let stage = parameter("Stage", #{ AllowedValues: ["test", "production"] });
        /// let queue = AWS::SQS::Queue("Jobs", #{
        ///     MessageRetentionPeriod: #{ "Fn::FindInMap": ["Stages", stage, "Retention"] },
        /// });
        /// Stack("jobs").add(queue)
        ///     .section("Mappings", #{ Stages: #{ test: #{ Retention: 3600 }, production: #{ Retention: 86400 } } })
        ///     .section("Outputs", #{ Jobs: #{ Value: queue.Arn, Export: #{ Name: cfn::sub("${AWS::StackName}:Jobs") } } })
        /// ```
        #[adds = "entries"]
        #[one_of = ["Conditions", "Mappings", "Metadata", "Outputs", "Rules", "Transform"]]
        fn section(name: String, entries: Value) |stack, at| stack.sections.push(at.put(Section { name, value: entries }));
        /// Sets the region of the stack.
        ///
        /// ```rhai
        /// stack.region("eu-central-1")
        /// ```
        #[default = "the region of the command line or the profile"]
        fn region(name: String) |stack, at| stack.region = at.set(name);
        /// Sets the account of the stack. A deployment to another account is refused.
        ///
        /// ```rhai
        /// stack.account("123456789012")
        /// ```
        fn account(id: String) |stack, at| stack.account = at.set(id);
        /// Sets the cluster of the services of the stack that call no `.cluster`. Without it they share one cluster, with the
        /// logical id `Cluster`, in one network, `Vpc`. The stack's cluster offers Fargate Spot.
        ///
        /// ```rhai
        /// stack.cluster(Cluster("Apps").container_insights()).add(service)
        /// ```
        #[default = "a new cluster, one for all services of the stack"]
        fn cluster(cluster: Rc<Cluster>) |stack, at| stack.cluster = at.set(cluster);
        /// Limits every role of the stack by a managed policy, given by its ARN: a permission boundary. A role that sets one itself
        /// keeps it.
        ///
        /// ```rhai
        /// stack.permission_boundary("arn:aws:iam::123456789012:policy/boundary")
        /// ```
        fn permission_boundary(arn: TemplateString) |stack, at| stack.permission_boundary = at.set(arn);
        /// Sets the path of every role of the stack, `/` unless set. A role that sets one itself keeps it.
        ///
        /// ```rhai
        /// stack.role_path("/apps/web/")
        /// ```
        fn role_path(path: String) |stack, at| stack.role_path = at.set(path);
        /// Sets the network of the services of the stack that call no `.cluster`, and of their load balancers.
        ///
        /// ```rhai
        /// stack.vpc(Vpc("Net").nat_gateways(1)).add(service)
        /// ```
        #[default = "a new network, one for all services of the stack"]
        fn vpc(vpc: Rc<Vpc>) |stack, at| stack.vpc = at.set(vpc);
        /// Enables termination protection: CloudFormation refuses to delete the stack.
        ///
        /// ```rhai
        /// stack.termination_protection()
        /// ```
        fn termination_protection() |stack, at| stack.termination_protection = at.flag();
        /// Deploys the stack after another stack.
        ///
        /// ```rhai
        /// let network = Stack("network").add(vpc);
        /// [network, Stack("web").add(service).after(network)]
        /// ```
        #[adds = "a stack"]
        fn after(stack_before: Rc<Stack>) |stack, at| stack.after.push(at.put(stack_before.name.value.clone()));
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The name of the stack.
        ///
        /// ```rhai
        /// let stack = Stack("web").add(AWS::SQS::Queue("Jobs"));
        /// stack.output("Stack", stack.name)
        /// ```
        name |stack| stack.name.value.as_str();
    };
}

fn output(name: String, value: Value) -> StackOutput {
    StackOutput { name, value, description: None, export: false }
}

fn tags_of(names: StringMap) -> impl Iterator<Item = WithOrigin<Tag>> {
    names.0.into_iter().map(|entry| entry.map(|(key, value)| Tag { key, value }))
}
