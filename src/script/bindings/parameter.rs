use crate::block::{Name, Parameter};
use crate::script::convert::Properties;
use crate::script::declaration::{Function, Method, ScriptType, functions};

impl ScriptType for Parameter {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Declares a template parameter of type `String`; its value is given at deployment with `--parameter
        /// name=value`.
        ///
        /// ```rhai
        /// let stage = parameter("Stage");
        /// Stack("web").add(service.env("STAGE", stage))
        /// ```
        fn parameter(name: Name) |at| Parameter::new(at.put(name), crate::cfn::Map::new());
        /// Declares a template parameter with its `Type`, `Default`, `AllowedValues` and other attributes.
        ///
        /// ```rhai
        /// let stage = parameter("Stage", #{ Default: "test", AllowedValues: ["test", "production"] });
        /// Stack("web").add(service.env("STAGE", stage))
        /// ```
        fn parameter(name: Name, properties: Properties) |at| Parameter::new(at.put(name), properties.0);
    };

    const METHODS: &'static [Method<Self>] = &[];
}
