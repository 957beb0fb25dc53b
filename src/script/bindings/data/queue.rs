use crate::block::{Name, Queue};
use crate::script::bindings::overrides::{merged, set_at_path};
use crate::script::convert::{DependencyTargets, Properties, PropertyValue};
use crate::script::declaration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for Queue {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a queue of SQS, encrypted, with a dead-letter queue that keeps failed messages for 14 days.
        ///
        /// ```rhai
        /// Stack("shop").add(Queue("Jobs").visibility_timeout(300))
        /// ```
        fn Queue(name: Name) |at| Queue::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Keeps the order of messages, and delivers each once: a FIFO queue. The change replaces the queue.
        ///
        /// ```rhai
        /// Queue("Payments").fifo()
        /// ```
        fn fifo() |jobs, at| jobs.fifo = at.flag();
        /// Sets how many times a message is received before it goes to the dead-letter queue.
        ///
        /// ```rhai
        /// jobs.dead_letter(3)
        /// ```
        #[default = "5"]
        #[unless = "no_dead_letter"]
        fn dead_letter(receives: i64) |jobs, at| jobs.dead_letter = at.set(receives);
        /// Creates no dead-letter queue: a message that fails is received again until it expires.
        ///
        /// ```rhai
        /// Queue("Events").no_dead_letter()
        /// ```
        fn no_dead_letter() |jobs, at| jobs.no_dead_letter = at.flag();
        /// Sets the seconds in which a received message is hidden from other consumers, at most 43200. Set more than the longest
        /// task takes: after this time the message is received again.
        ///
        /// ```rhai
        /// jobs.visibility_timeout(900)
        /// ```
        #[default = "30"]
        fn visibility_timeout(seconds: i64) |jobs, at| jobs.visibility_timeout = at.set(seconds);
        /// Sets how many days messages are kept, at most 14.
        ///
        /// ```rhai
        /// jobs.retention(7)
        /// ```
        #[default = "4"]
        fn retention(days: i64) |jobs, at| jobs.retention = at.set(days);
        /// Sets the seconds before a sent message can be received, at most 900.
        ///
        /// ```rhai
        /// jobs.delay(60)
        /// ```
        #[default = "0"]
        fn delay(seconds: i64) |jobs, at| jobs.delay = at.set(seconds);
        /// Creates the queue after other blocks or resources, in addition to those that it refers to.
        ///
        /// ```rhai
        /// jobs.depends_on(AWS::SNS::Topic("News"))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |jobs, at| {
            jobs.depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
        /// Merges properties into a resource that the block creates, named by its role or by a type that only one of them has.
        ///
        /// ```rhai
        /// jobs.override("Queue", #{ ReceiveMessageWaitTimeSeconds: 20 })
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, properties: Properties) |jobs, at| jobs.overrides.push(at.put(merged(role, properties)));
        /// Sets one property of a resource that the block creates, by its path.
        ///
        /// ```rhai
        /// jobs.override("Queue", "ReceiveMessageWaitTimeSeconds", 20)
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, path: String, value: PropertyValue) |jobs, at| {
            jobs.overrides.push(at.put(set_at_path(role, path, value)));
        };
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The URL of the queue.
        ///
        /// ```rhai
        /// Stack("shop").add(service.env("QUEUE_URL", jobs.url))
        /// ```
        url |jobs| jobs.url();
        /// The ARN of the queue.
        ///
        /// ```rhai
        /// Stack("shop").add(service.allow("sqs:SendMessage", jobs.arn))
        /// ```
        arn |jobs| jobs.arn();
        /// The physical name of the queue.
        ///
        /// ```rhai
        /// Stack("shop").add(jobs).output("Queue", jobs.name)
        /// ```
        name |jobs| jobs.name();
        /// The URL of the dead-letter queue.
        ///
        /// ```rhai
        /// Stack("shop").add(jobs).output("Failed", jobs.dead_letter_url)
        /// ```
        dead_letter_url |jobs| jobs.dead_letter_url();
        /// The ARN of the dead-letter queue.
        ///
        /// ```rhai
        /// Stack("shop").add(service.allow("sqs:StartMessageMoveTask", jobs.dead_letter_arn))
        /// ```
        dead_letter_arn |jobs| jobs.dead_letter_arn();
        /// The physical name of the dead-letter queue, for its metrics.
        ///
        /// ```rhai
        /// Stack("shop").add(jobs).output("FailedName", jobs.dead_letter_name)
        /// ```
        dead_letter_name |jobs| jobs.dead_letter_name();
    };
}
