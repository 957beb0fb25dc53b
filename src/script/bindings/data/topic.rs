use std::rc::Rc;

use crate::block::{Name, Queue, Topic};
use crate::script::bindings::overrides::{merged, set_at_path};
use crate::script::convert::{DependencyTargets, Properties, PropertyValue};
use crate::script::declaration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for Topic {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a topic of SNS. SNS encrypts its disks itself; alarms of `CloudWatch` may publish to it.
        ///
        /// ```rhai
        /// Stack("shop").add(Topic("Alerts").email("ops@example.com"))
        /// ```
        fn Topic(name: Name) |at| Topic::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sends the messages to an e-mail address, whose owner confirms the subscription first.
        ///
        /// ```rhai
        /// alerts.email("ops@example.com")
        /// ```
        #[adds = "an address"]
        fn email(address: String) |alerts, at| alerts.email.push(at.put(address));
        /// Sends the messages to a URL by HTTPS, which confirms the subscription first.
        ///
        /// ```rhai
        /// alerts.https("https://alerts.example.com/sns")
        /// ```
        #[adds = "a URL"]
        fn https(url: String) |alerts, at| alerts.https.push(at.put(url));
        /// Sends the messages to a queue, as they were published. The policy of the queue admits the topic.
        ///
        /// ```rhai
        /// Topic("Orders").subscribe(jobs)
        /// ```
        #[adds = "a queue"]
        fn subscribe(queue: Rc<Queue>) |alerts, at| alerts.subscribe.push(at.put(queue));
        /// Encrypts messages with a key of KMS that the stack creates. The key admits alarms of `CloudWatch`, which cannot use
        /// the key of AWS (`alias/aws/sns`). It costs 1 USD a month.
        ///
        /// ```rhai
        /// alerts.encrypted()
        /// ```
        fn encrypted() |alerts, at| alerts.encrypted = at.flag();
        /// Creates the topic after other blocks or resources, in addition to those that it refers to.
        ///
        /// ```rhai
        /// alerts.depends_on(AWS::SNS::Topic("News"))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |alerts, at| {
            alerts.depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
        /// Merges properties into a resource that the block creates, named by its role or by a type that only one of them has.
        ///
        /// ```rhai
        /// alerts.override("Topic", #{ DisplayName: "Shop" })
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, properties: Properties) |alerts, at| alerts.overrides.push(at.put(merged(role, properties)));
        /// Sets one property of a resource that the block creates, by its path.
        ///
        /// ```rhai
        /// alerts.override("Topic", "DisplayName", "Shop")
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, path: String, value: PropertyValue) |alerts, at| {
            alerts.overrides.push(at.put(set_at_path(role, path, value)));
        };
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The ARN of the topic.
        ///
        /// ```rhai
        /// Stack("shop").add(service.allow("sns:Publish", alerts.arn))
        /// ```
        arn |alerts| alerts.arn();
        /// The physical name of the topic.
        ///
        /// ```rhai
        /// Stack("shop").add(alerts).output("Topic", alerts.name)
        /// ```
        name |alerts| alerts.name();
    };
}
