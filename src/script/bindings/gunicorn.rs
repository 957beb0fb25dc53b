use rhai::Dynamic;

use crate::block::Gunicorn;
use crate::diag::{Code, Diagnostic};
use crate::script::call::{Argument, ConversionError, FromScript};
use crate::script::declaration::{Function, Getter, Method, ScriptType, functions, getters, methods};

/// The least CPU units of a task on Fargate (ECS developer guide, "Fargate task definition parameters").
const LEAST_CPU: i64 = 256;

/// The CPU units of a task: not the number of workers, which `.workers` does not set.
struct TaskCpu(i64);

impl FromScript for TaskCpu {
    const EXPECTED: &'static str = "a whole number of CPU units";

    fn take(value: Dynamic, argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        let cpu = i64::take(value, argument)?;
        if cpu >= LEAST_CPU {
            return Ok(Self(cpu));
        }
        let message =
            format!("`.workers` takes the CPU units of a task, from {LEAST_CPU}, and returns a number of workers");
        let problem = Diagnostic::new(Code::WrongArgument, message);
        Err(Some(problem.help(format!("set the number of workers with `.web_concurrency({cpu})`"))))
    }
}

impl ScriptType for Gunicorn {
    const FUNCTIONS: &'static [Function] = functions! {
        /// Creates settings of Gunicorn, for `FargateService.gunicorn`. They become environment variables.
        ///
        /// ```rhai
        /// Gunicorn().workers_per_core(1.0).max_workers(4).timeout(60)
        /// ```
        fn Gunicorn() |_at| Gunicorn::default();
    };

    const METHODS: &'static [Method<Self>] = methods! {
        /// Sets the workers per processor that the container sees (`WORKERS_PER_CORE`); Fargate shows at least two.
        ///
        /// ```rhai
        /// gunicorn.workers_per_core(2.0)
        /// ```
        fn workers_per_core(workers: f64) |gunicorn, at| gunicorn.workers_per_core = at.set(workers);
        /// Sets the maximum number of workers (`MAX_WORKERS`). It has no effect if `WEB_CONCURRENCY` is set.
        ///
        /// ```rhai
        /// gunicorn.max_workers(1)
        /// ```
        fn max_workers(workers: i64) |gunicorn, at| gunicorn.max_workers = at.set(workers);
        /// Sets the number of workers (`WEB_CONCURRENCY`), independent of the number of processors.
        ///
        /// ```rhai
        /// gunicorn.web_concurrency(4)
        /// ```
        fn web_concurrency(workers: i64) |gunicorn, at| gunicorn.web_concurrency = at.set(workers);
        /// Sets the seconds after which an unresponsive worker is killed (`TIMEOUT`).
        ///
        /// ```rhai
        /// gunicorn.timeout(60)
        /// ```
        fn timeout(seconds: i64) |gunicorn, at| gunicorn.timeout = at.set(seconds);
        /// Sets the log level (`LOG_LEVEL`).
        ///
        /// ```rhai
        /// gunicorn.log_level("warning")
        /// ```
        #[one_of = Gunicorn::LOG_LEVELS]
        fn log_level(level: String) |gunicorn, at| gunicorn.log_level = at.set(level);
    };

    const GETTERS: &'static [Getter<Self>] = getters! {
        /// Returns the number of workers that these settings give in a task with this many CPU units.
        ///
        /// The rule of the image `tiangolo/uvicorn-gunicorn`: `WEB_CONCURRENCY` if it is set; otherwise workers per
        /// core times
        /// processors, at least 2 and at most `MAX_WORKERS`. A container on Fargate sees two processors even with 256
        /// CPU units.
        ///
        /// ```rhai
        /// gunicorn.workers_per_core(2.0).workers(1024)
        /// ```
        fn workers(cpu: TaskCpu) |gunicorn| gunicorn.workers(cpu.0);
    };
}
