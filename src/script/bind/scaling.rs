use std::ops::RangeInclusive;
use std::rc::Rc;

use crate::block::{Block, Name, Scaling, Schedule};
use crate::script::method::{Function, Method, Scripted, functions, methods};

impl Scripted for Scaling {
    const NAME: &'static str = "Scaling";
    const WHAT: &'static str = "a Scaling";

    const FUNCTIONS: &'static [Function] = functions! {
        /// How many tasks a service runs, from the least to the most: `Scaling(2..=10)`.
        fn Scaling(tasks: RangeInclusive<i64>) |at| Scaling::new(at.put(tasks));
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Keeps the average use of CPU at this percentage.
        fn cpu(percent: i64) |scaling, at| scaling.cpu = at.set(percent);
        /// Keeps the average use of memory at this percentage.
        fn memory(percent: i64) |scaling, at| scaling.memory = at.set(percent);
        /// Keeps the load at this many requests a minute for each task, as AWS counts them.
        fn requests_per_target(requests: i64) |scaling, at| scaling.requests_per_target = at.set(requests);
        /// Seconds to wait after adding tasks before adding more, 300 unless set.
        fn scale_out_after(seconds: i64) |scaling, at| scaling.scale_out_after = at.set(seconds);
        /// Seconds to wait after removing tasks before removing more, 300 unless set.
        fn scale_in_after(seconds: i64) |scaling, at| scaling.scale_in_after = at.set(seconds);
        /// Adds tasks and never removes one.
        fn no_scale_in() |scaling, at| scaling.no_scale_in = at.flag();
        /// Sets the range at given times: `cron(0 8 ? * MON-FRI *)`, `rate(1 day)`, `at(2026-12-24T18:00:00)`, in UTC.
        fn schedule(name: Name, when: String, tasks: RangeInclusive<i64>) |scaling, at| {
            scaling.schedule.push(at.put(Schedule { name, when, tasks, time_zone: None }));
        };
        /// Sets the range at given times of a time zone such as `Europe/Zurich`.
        fn schedule(name: Name, when: String, tasks: RangeInclusive<i64>, time_zone: String) |scaling, at| {
            scaling.schedule.push(at.put(Schedule { name, when, tasks, time_zone: Some(time_zone) }));
        };
    };

    fn block(_this: &Rc<Self>) -> Option<Block> {
        None
    }
}
