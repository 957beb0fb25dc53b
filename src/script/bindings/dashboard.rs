use crate::block::{Dashboard, Name};
use crate::script::bindings::overrides::{merged, set_at_path};
use crate::script::convert::{DependencyTargets, Properties, PropertyValue, StackItems};
use crate::script::declaration::{Function, Method, Property, ScriptType, functions, methods, properties};

impl ScriptType for Dashboard {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates a dashboard of `CloudWatch` that shows everything of its stack: requests, errors, latency, CPU, memory and
        /// tasks of services, and the metrics of queues, databases and caches.
        ///
        /// ```rhai
        /// Stack("shop").add([service, Queue("Jobs"), Dashboard("Shop")])
        /// ```
        fn Dashboard(name: Name) |at| Dashboard::new(at.put(name));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Shows these blocks alone: services, queues, databases and caches.
        ///
        /// ```rhai
        /// Dashboard("Orders").add(service)
        /// ```
        #[adds = "blocks"]
        fn add(items: StackItems) |board, at| board.shows.extend(items.0.into_iter().map(|item| at.put(item)));
        /// Creates the dashboard after other blocks or resources.
        ///
        /// ```rhai
        /// Dashboard("Shop").depends_on(AWS::SNS::Topic("News"))
        /// ```
        #[adds = "dependencies"]
        fn depends_on(others: DependencyTargets) |board, at| {
            board.depends_on.extend(others.0.into_iter().map(|other| at.put(other)));
        };
        /// Merges properties into the resource that the block creates.
        ///
        /// ```rhai
        /// Dashboard("Shop").override("Dashboard", #{ DashboardName: "shop" })
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, properties: Properties) |board, at| board.overrides.push(at.put(merged(role, properties)));
        /// Sets one property of the resource that the block creates, by its path.
        ///
        /// ```rhai
        /// Dashboard("Shop").override("Dashboard", "DashboardName", "shop")
        /// ```
        #[adds = "an override"]
        fn r#override(role: String, path: String, value: PropertyValue) |board, at| {
            board.overrides.push(at.put(set_at_path(role, path, value)));
        };
    };

    const PROPERTIES: &'static [Property<Self>] = properties! {
        /// The physical name of the dashboard.
        ///
        /// ```rhai
        /// let board = Dashboard("Shop");
        /// Stack("shop").add([service, board]).output("Board", board.name)
        /// ```
        name |board| board.name();
        /// The page of the dashboard in the console of AWS.
        ///
        /// ```rhai
        /// let board = Dashboard("Shop");
        /// Stack("shop").add([service, board]).output("Board", board.url)
        /// ```
        url |board| board.url();
    };
}
