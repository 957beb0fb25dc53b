use std::ops::RangeInclusive;

use crate::block::{Name, Scaling, Schedule};
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
