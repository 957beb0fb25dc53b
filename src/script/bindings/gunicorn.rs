use std::rc::Rc;

use crate::block::{Block, Gunicorn};
use crate::script::registration::{Function, Getter, Method, ScriptType, functions, methods, queries};

impl ScriptType for Gunicorn {
    const NAME: &'static str = "Gunicorn";
    const WHAT: &'static str = "a Gunicorn";

    const FUNCTIONS: &'static [Function] = functions! {
        /// Settings of Gunicorn, for `FargateService.gunicorn`; they become environment variables.
        ///
        /// ```rhai
        /// Gunicorn().workers_per_core(1.0).max_workers(4).timeout(60)
        /// ```
        fn Gunicorn() |_at| Gunicorn::default();
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Workers for each processor that the container sees (WORKERS_PER_CORE); on Fargate at least two.
        ///
        /// ```rhai
        /// gunicorn.workers_per_core(2.0)
        /// ```
        fn workers_per_core(workers: f64) |gunicorn, at| gunicorn.workers_per_core = at.set(workers);
        /// The most workers (MAX_WORKERS), where WEB_CONCURRENCY is not set.
        ///
        /// ```rhai
        /// gunicorn.max_workers(1)
        /// ```
        fn max_workers(workers: i64) |gunicorn, at| gunicorn.max_workers = at.set(workers);
        /// The number of workers (WEB_CONCURRENCY), whatever the processors.
        ///
        /// ```rhai
        /// gunicorn.web_concurrency(4)
        /// ```
        fn web_concurrency(workers: i64) |gunicorn, at| gunicorn.web_concurrency = at.set(workers);
        /// Seconds after which a silent worker is killed (TIMEOUT).
        ///
        /// ```rhai
        /// gunicorn.timeout(60)
        /// ```
        fn timeout(seconds: i64) |gunicorn, at| gunicorn.timeout = at.set(seconds);
        /// The level of logs (LOG_LEVEL): `debug`, `info`, `warning`, `error` or `critical`.
        ///
        /// ```rhai
        /// gunicorn.log_level("warning")
        /// ```
        fn log_level(level: String) |gunicorn, at| gunicorn.log_level = at.set(level);
    };

    const QUERIES: &'static [Getter<Self>] = queries! {
        /// How many workers these settings make of a task with so many CPU units.
        ///
        /// As the image `tiangolo/uvicorn-gunicorn` counts: WEB_CONCURRENCY where it is set; else workers for each core,
        /// two at least and MAX_WORKERS at most. A container on Fargate sees two processors even of 256 units.
        ///
        /// ```rhai
        /// gunicorn.workers_per_core(2.0).workers(1024)
        /// ```
        fn workers(cpu: i64) |gunicorn| gunicorn.workers(cpu);
    };

    fn block(_this: &Rc<Self>) -> Option<Block> {
        None
    }
}
