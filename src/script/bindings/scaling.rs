use std::ops::RangeInclusive;

use crate::block::{Metric, Name, QueueBacklog, Scaling, Schedule, StepPolicy, TrackedMetric};
use crate::script::convert::Properties;
use crate::script::convert::scaling::{MetricArg, QueueArg};
use crate::script::declaration::{Function, Method, ScriptType, functions, methods};

impl ScriptType for Scaling {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates auto scaling of a service's tasks between a minimum and a maximum: `Scaling(2..=10)`.
        ///
        /// ```rhai
        /// Scaling(2..=10).cpu(60)
        /// ```
        fn Scaling(tasks: RangeInclusive<i64>) |at| Scaling::new(at.put(tasks));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Tracks an average CPU utilization, in percent.
        ///
        /// ```rhai
        /// scaling.cpu(60)
        /// ```
        fn cpu(percent: i64) |scaling, at| scaling.cpu = at.set(percent);
        /// Tracks an average memory utilization, in percent.
        ///
        /// ```rhai
        /// scaling.memory(75)
        /// ```
        fn memory(percent: i64) |scaling, at| scaling.memory = at.set(percent);
        /// Tracks a number of requests per minute and task (`ALBRequestCountPerTarget`).
        ///
        /// ```rhai
        /// let scaled = service.port(80).behind(alb).scaling(scaling.requests_per_target(3000));
        /// Stack("web").add(scaled)
        /// ```
        fn requests_per_target(requests: i64) |scaling, at| scaling.requests_per_target = at.set(requests);
        /// Tracks the messages that wait in a queue of SQS for each running task. A service of `Scaling(0..=n)` also gets an alarm
        /// that starts its first task when messages wait.
        ///
        /// The number of running tasks is the sample count of their CPU metric, so Container Insights are not needed.
        ///
        /// ```rhai
        /// let jobs = AWS::SQS::Queue("Jobs", #{});
        /// scaling.queue(jobs, 100)
        /// ```
        #[adds = "a queue"]
        fn queue(queue: QueueArg, messages_per_task: i64) |scaling, at| {
            scaling.queue.push(at.put(QueueBacklog { queue_name: queue.name, stem: queue.stem, messages_per_task }));
        };
        /// Tracks any metric of CloudWatch that falls when tasks are added. Its keys are those of CloudFormation
        /// (`CustomizedMetricSpecification`): `Namespace`, `MetricName`, `Dimensions`, `Statistic`, `Unit`, or `Metrics` for an
        /// expression.
        ///
        /// ```rhai
        /// let metric = #{ Namespace: "Shop", MetricName: "JobsPerWorker", Dimensions: #{ Stage: "production" }, Statistic: "Average" };
        /// scaling.metric(metric, 20)
        /// ```
        #[adds = "a metric"]
        fn metric(metric: MetricArg, target: f64) |scaling, at| {
            scaling.metric.push(at.put(TrackedMetric { metric: metric.0, target }));
        };
        /// Tracks any metric of CloudWatch that falls when tasks are added, under a name of its own: two metrics of one name
        /// need it.
        ///
        /// ```rhai
        /// let jobs = |kind| #{ Namespace: "Shop", MetricName: "JobsPerWorker", Dimensions: #{ Kind: kind }, Statistic: "Average" };
        /// scaling.metric("Mails", jobs.call("mail"), 20).metric("Invoices", jobs.call("invoice"), 5)
        /// ```
        #[adds = "a metric"]
        fn metric(name: Name, metric: MetricArg, target: f64) |scaling, at| {
            let metric = Metric { name: Some(name.as_str().to_owned()), ..metric.0 };
            scaling.metric.push(at.put(TrackedMetric { metric, target }));
        };
        /// Adds and removes tasks by the value of a metric. Each step is a comparison and a change: a number of tasks, or
        /// a percentage of them (`"10%"`). The highest `>=` and the lowest `<=` that hold decide.
        ///
        /// The keys of the metric are those of `AWS::CloudWatch::Alarm`. Unless they say otherwise, tasks are added after one
        /// minute and removed after five (`Period`, `EvaluationPeriods`).
        ///
        /// ```rhai
        /// let jobs = AWS::SQS::Queue("Jobs", #{});
        /// let age = #{
        ///     Namespace: "AWS/SQS", MetricName: "ApproximateAgeOfOldestMessage",
        ///     Dimensions: #{ QueueName: jobs.QueueName }, Statistic: "Maximum",
        /// };
        /// scaling.steps(age, #{ ">= 60": 1, ">= 600": 5, "<= 5": -1 })
        /// ```
        #[adds = "steps"]
        fn steps(metric: MetricArg, steps: Properties) |scaling, at| {
            let Properties(steps, origins) = steps;
            scaling.steps.push(at.put(StepPolicy { metric: metric.0, steps, origins: origins.into() }));
        };
        /// Adds and removes tasks by the value of a metric, under a name of its own: two metrics of one name need it. The target is in the
        /// unit of the metric.
        ///
        /// ```rhai
        /// let load = |kind| #{ Namespace: "Shop", MetricName: "Jobs", Dimensions: #{ Kind: kind } };
        /// scaling.steps("Mails", load.call("mail"), #{ ">= 50": 1 }).steps("Invoices", load.call("invoice"), #{ ">= 5": 1 })
        /// ```
        #[adds = "steps"]
        fn steps(name: Name, metric: MetricArg, steps: Properties) |scaling, at| {
            let Properties(steps, origins) = steps;
            let metric = Metric { name: Some(name.as_str().to_owned()), ..metric.0 };
            scaling.steps.push(at.put(StepPolicy { metric, steps, origins: origins.into() }));
        };
        /// Sets the scale-out cooldown: seconds to wait after adding tasks before adding more.
        ///
        /// ```rhai
        /// scaling.cpu(60).scale_out_after(60)
        /// ```
        #[default = "300"]
        fn scale_out_after(seconds: i64) |scaling, at| scaling.scale_out_after = at.set(seconds);
        /// Sets the scale-in cooldown: seconds to wait after removing tasks before removing more.
        ///
        /// ```rhai
        /// scaling.cpu(60).scale_in_after(600)
        /// ```
        #[default = "300"]
        #[unless = "no_scale_in"]
        fn scale_in_after(seconds: i64) |scaling, at| scaling.scale_in_after = at.set(seconds);
        /// Disables scale-in: adds tasks and never removes one.
        ///
        /// ```rhai
        /// scaling.cpu(60).no_scale_in()
        /// ```
        fn no_scale_in() |scaling, at| scaling.no_scale_in = at.flag();
        /// Sets the range at given times, in UTC: `cron(0 8 ? * MON-FRI *)`, `rate(1 day)`,
        /// `at(2026-12-24T18:00:00)`.
        ///
        /// ```rhai
        /// scaling.cpu(60).schedule("Night", "cron(0 22 ? * * *)", 1..=2)
        /// ```
        #[adds = "a schedule"]
        fn schedule(name: Name, when: String, tasks: RangeInclusive<i64>) |scaling, at| {
            scaling.schedule.push(at.put(Schedule { name, when, tasks, time_zone: None }));
        };
        /// Sets the range at given times, in a time zone such as `Europe/Zurich`.
        ///
        /// ```rhai
        /// scaling.cpu(60).schedule("Morning", "cron(0 7 ? * MON-FRI *)", 4..=10, "Europe/Zurich")
        /// ```
        #[adds = "a schedule"]
        fn schedule(name: Name, when: String, tasks: RangeInclusive<i64>, time_zone: String) |scaling, at| {
            scaling.schedule.push(at.put(Schedule { name, when, tasks, time_zone: Some(time_zone) }));
        };
    };
}
