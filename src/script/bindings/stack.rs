use std::rc::Rc;

use crate::block::{Block, Stack, StackOutput, Tag};
use crate::cfn::{TemplateString, Value};
use crate::diag::WithOrigin;
use crate::script::convert::{StackItems, StringMap};
use crate::script::registration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for Stack {
    const NAME: &'static str = "Stack";
    const WHAT: &'static str = "a Stack";

    const FUNCTIONS: &'static [Function] = functions! {
        /// A stack of CloudFormation; a script ends with one, or with a list of them.
        ///
        /// ```rhai
        /// Stack("tiles").add(AWS::S3::Bucket("Tiles"))
        /// ```
        fn Stack(name: String) |at| Stack::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// What the stack is for, at most 1024 bytes.
        ///
        /// ```rhai
        /// stack.description("Map tiles of the public site")
        /// ```
        fn description(text: String) |stack, at| stack.description = at.set(text);
        /// A tag of every resource that takes tags.
        ///
        /// ```rhai
        /// stack.tag("team", "maps")
        /// ```
        fn tag(key: String, value: TemplateString) |stack, at| stack.tags.push(at.put(Tag { key, value }));
        /// Tags of every resource that takes tags; one whose value is `()` is left out.
        ///
        /// ```rhai
        /// stack.tags(#{ team: "maps", stage: "production" })
        /// ```
        fn tags(tags: StringMap) |stack, _at| stack.tags.extend(tags_of(tags));
        /// Adds a block, a resource, or a list of them, with all that they mention.
        ///
        /// ```rhai
        /// stack.add([service, AWS::S3::Bucket("Tiles")])
        /// ```
        fn add(blocks: StackItems) |stack, at| stack.adds.extend(blocks.0.into_iter().map(|block| at.put(block)));
        /// Shows a value when the stack is deployed.
        ///
        /// ```rhai
        /// stack.add(service.port(80).behind(alb)).output("Url", alb.url)
        /// ```
        fn output(name: String, value: Value) |stack, at| stack.outputs.push(at.put(output(name, value)));
        /// Shows a value when the stack is deployed, with what it means.
        ///
        /// ```rhai
        /// stack.add(service.port(80).behind(alb)).output("Url", alb.url, "Where users go")
        /// ```
        fn output(name: String, value: Value, description: String) |stack, at| {
            stack.outputs.push(at.put(StackOutput { description: Some(description), ..output(name, value) }));
        };
        /// Shows a value and exports it under its name, for `cfn::import_value` of other stacks.
        ///
        /// ```rhai
        /// let tiles = AWS::S3::Bucket("Tiles");
        /// Stack("tiles").add(tiles).export_output("tiles-bucket", tiles)
        /// ```
        fn export_output(name: String, value: Value) |stack, at| {
            stack.outputs.push(at.put(StackOutput { export: true, ..output(name, value) }));
        };
        /// The region; that of the command line or the profile unless set.
        ///
        /// ```rhai
        /// stack.region("eu-central-1")
        /// ```
        fn region(name: String) |stack, at| stack.region = at.set(name);
        /// The account that it belongs to: deploying it elsewhere is refused.
        ///
        /// ```rhai
        /// stack.account("123456789012")
        /// ```
        fn account(id: String) |stack, at| stack.account = at.set(id);
        /// Refuses to be deleted until the protection is taken away.
        ///
        /// ```rhai
        /// stack.termination_protection()
        /// ```
        fn termination_protection() |stack, at| stack.termination_protection = at.flag();
        /// Goes after another stack.
        ///
        /// ```rhai
        /// let network = Stack("network").add(vpc);
        /// [network, Stack("web").add(service).after(network)]
        /// ```
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

    fn block(_this: &Rc<Self>) -> Option<Block> {
        None
    }
}

fn output(name: String, value: Value) -> StackOutput {
    StackOutput { name, value, description: None, export: false }
}

fn tags_of(names: StringMap) -> impl Iterator<Item = WithOrigin<Tag>> {
    names.0.into_iter().map(|entry| entry.map(|(key, value)| Tag { key, value }))
}
