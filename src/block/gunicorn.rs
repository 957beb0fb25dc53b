use crate::diag::{Origin, WithOrigin};

/// The settings of Gunicorn, as the environment variables that the common Python images read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gunicorn {
    /// `WORKERS_PER_CORE`: workers for each processor that the container sees.
    pub workers_per_core: Option<WithOrigin<f64>>,
    /// `MAX_WORKERS`: the most workers, where `WEB_CONCURRENCY` is not set.
    pub max_workers: Option<WithOrigin<i64>>,
    /// `WEB_CONCURRENCY`: the number of workers, independent of the processors.
    pub web_concurrency: Option<WithOrigin<i64>>,
    /// TIMEOUT: seconds after which a silent worker is killed.
    pub timeout: Option<WithOrigin<i64>>,
    /// `LOG_LEVEL`: `debug`, `info`, `warning`, `error` or `critical`.
    pub log_level: Option<WithOrigin<String>>,
}

impl Gunicorn {
    /// The levels of `LOG_LEVEL`.
    pub const LOG_LEVELS: [&'static str; 5] = ["debug", "info", "warning", "error", "critical"];

    /// Returns the environment variables of the settings, in a fixed order, each with its setter.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String, &Origin)> {
        fn text<T: ToString>(setting: Option<&WithOrigin<T>>) -> Option<(String, &Origin)> {
            setting.map(|setting| (setting.value.to_string(), &setting.origin))
        }
        let variables = [
            ("WORKERS_PER_CORE", text(self.workers_per_core.as_ref())),
            ("MAX_WORKERS", text(self.max_workers.as_ref())),
            ("WEB_CONCURRENCY", text(self.web_concurrency.as_ref())),
            ("TIMEOUT", text(self.timeout.as_ref())),
            ("LOG_LEVEL", text(self.log_level.as_ref())),
        ];
        variables.into_iter().filter_map(|(name, set)| set.map(|(value, origin)| (name, value, origin))).collect()
    }

    /// Returns how many workers these settings make of a task with so many CPU units.
    ///
    /// The rule of the image `tiangolo/uvicorn-gunicorn` (`gunicorn_conf.py`), which other Python images follow:
    /// `WEB_CONCURRENCY` if set, else at least two and at most `MAX_WORKERS`. A container on Fargate sees two
    /// processors even where its CPU units buy less.
    pub fn workers(&self, cpu: i64) -> i64 {
        if let Some(workers) = &self.web_concurrency {
            return workers.value;
        }
        let processors = (cpu / 1024).max(2);
        let per_core = self.workers_per_core.as_ref().map_or(1.0, |workers| workers.value);
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a handful of workers")]
        let workers = ((per_core * processors as f64) as i64).max(2);
        match &self.max_workers {
            Some(most) if most.value > 0 => workers.min(most.value),
            _ => workers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<T>(value: T) -> WithOrigin<T> {
        WithOrigin::default_value(value)
    }

    #[test]
    fn small_task_has_two_processors() {
        assert_eq!(Gunicorn::default().workers(256), 2);
        assert_eq!(Gunicorn { workers_per_core: Some(set(2.0)), ..Gunicorn::default() }.workers(4096), 8);
    }

    #[test]
    fn max_workers_limits_the_default_but_not_web_concurrency() {
        let capped = Gunicorn { max_workers: Some(set(1)), ..Gunicorn::default() };
        assert_eq!(capped.workers(256), 1);
        assert_eq!(Gunicorn { web_concurrency: Some(set(7)), ..capped }.workers(256), 7);
    }
}
