use crate::block::{Name, StoredSecret};
use crate::cfn::TemplateString;
use crate::script::bindings::overrides::{merged, set_at_path};
use crate::script::convert::{DependencyTargets, Properties, PropertyValue};
use crate::script::declaration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for StoredSecret {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a secret of Secrets Manager: 32 random letters and digits, unless its value or its keys are given.
        ///
        /// It is kept when its stack is deleted, because the same one cannot be created again. Without punctuation it fits into
        /// a URL.
        ///
        /// ```rhai
        /// Stack("shop").add(service.secret("SECRET_KEY", Secret("Session")))
        /// ```
        fn Secret(name: Name) |at| StoredSecret::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the text of the secret: a secret setting, so that the script does not hold it.
        ///
        /// ```rhai
        /// let api_key = parameter("ApiKey", #{ Type: "String", NoEcho: true });
        /// Secret("Stripe").value(api_key)
        /// ```
        fn value(text: TemplateString) |token, at| token.value = at.set(text);
        /// Sets one key of a secret that is JSON.
        ///
        /// ```rhai
        /// Secret("Mail").key("user", "shop").generate("password")
        /// ```
        #[adds = "a key"]
        fn key(name: String, text: TemplateString) |token, at| token.keys.push(at.put((name, text)));
        /// Sets the key of a secret that is JSON whose text is generated. Each change of the keys generates it again.
        ///
        /// ```rhai
        /// Secret("Mail").generate("password")
        /// ```
        fn generate(key: String) |token, at| token.generate = at.set(key);
        /// Sets the number of generated characters, 8 to 4096. The change generates a new text, as that of any key does.
        ///
        /// ```rhai
        /// token.length(64)
        /// ```
        #[default = "32"]
        fn length(characters: i64) |token, at| token.length = at.set(characters);
        /// Deletes the secret with its stack. Secrets Manager keeps it for a recovery window of 30 days.
        ///
        /// ```rhai
        /// token.delete_with_stack()
        /// ```
        fn delete_with_stack() |token, at| token.delete_with_stack = at.flag();
        /// Creates the secret after other blocks or resources, in addition to those that it refers to.
        ///
        /// ```rhai
        /// token.depends_on(AWS::SNS::Topic("News"))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |token, at| {
            token.depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
        /// Merges properties into a resource that the block creates, named by its role or by a type that only one of them has.
        ///
        /// ```rhai
        /// token.override("Secret", #{ Description: "Signs sessions" })
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, properties: Properties) |token, at| token.overrides.push(at.put(merged(role, properties)));
        /// Sets one property of a resource that the block creates, by its path.
        ///
        /// ```rhai
        /// token.override("Secret", "Description", "Signs sessions")
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, path: String, value: PropertyValue) |token, at| {
            token.overrides.push(at.put(set_at_path(role, path, value)));
        };
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The ARN of the secret.
        ///
        /// ```rhai
        /// Stack("shop").add(service.allow("secretsmanager:GetSecretValue", token.arn))
        /// ```
        arn |token| token.arn();
    };
}
