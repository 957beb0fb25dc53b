use super::FargateService;
use crate::block::Gunicorn;
use crate::diag::{Code, Diagnostic, WithOrigin, did_you_mean};

/// The levels of Python's `logging` that Gunicorn takes (`loglevel`, Gunicorn's settings).
const LEVELS: [&str; 5] = crate::block::Gunicorn::LOG_LEVELS;

/// Checks the settings of Gunicorn and the number of its workers.
pub(super) fn workers(service: &FargateService) -> Vec<Diagnostic> {
    let Some(gunicorn) = &service.gunicorn else { return Vec::new() };
    let numbers = [&gunicorn.value.max_workers, &gunicorn.value.web_concurrency, &gunicorn.value.timeout];
    let negative = numbers.into_iter().flatten().filter_map(|number| {
        crate::block::range_checks::within(
            number,
            0..=i64::from(i32::MAX),
            Code::GunicornSetting,
            "a setting of Gunicorn",
            "",
        )
    });
    let mut problems: Vec<Diagnostic> = negative.collect();
    problems.extend(unused_max_workers(&gunicorn.value));
    problems.extend(too_many(service, gunicorn));
    problems.extend(log_level(service));
    problems.extend(overridden(service));
    problems
}

/// Reports more workers than Gunicorn advises: `2 x cores + 1` ("Design", "How Many Workers?").
fn too_many(service: &FargateService, gunicorn: &WithOrigin<Gunicorn>) -> Option<Diagnostic> {
    let cpu = service.task.cpu_units()?;
    let workers = gunicorn.value.workers(cpu);
    // `2 x cpu / 1024 + 1`, in thousandths so that it stays whole.
    if workers.saturating_mul(1024) <= 2 * cpu + 1024 {
        return None;
    }
    let most = (2 * cpu + 1024) / 1024;
    let settings = &gunicorn.value;
    let origin = match (&settings.web_concurrency, &settings.workers_per_core) {
        (Some(set), _) => &set.origin,
        (None, Some(set)) => &set.origin,
        (None, None) => &gunicorn.origin,
    };
    let message = format!("{workers} Gunicorn workers are more than {cpu} CPU units can run");
    let problem = Diagnostic::new(Code::GunicornWorkers, message)
        .at(if origin.is_known() { origin } else { &gunicorn.origin }, format!("makes {workers} workers"));
    let problem = match &service.task.cpu {
        Some(cpu) => problem.at(&cpu.origin, "CPU is set here"),
        None => problem,
    };
    // WEB_CONCURRENCY wins over MAX_WORKERS, so only itself holds it back.
    let setter = if settings.web_concurrency.is_some() { "web_concurrency" } else { "max_workers" };
    Some(problem.help(format!("keep to {most} (`2 x vCPU + 1`) with `.{setter}({most})`, or increase the CPU")).note(
        "more workers than the CPU can run use memory without a benefit; a container sees at least two processors",
    ))
}

/// Reports a `MAX_WORKERS` without effect: `WEB_CONCURRENCY` wins.
fn unused_max_workers(gunicorn: &Gunicorn) -> Option<Diagnostic> {
    let (most, wanted) = (gunicorn.max_workers.as_ref()?, gunicorn.web_concurrency.as_ref()?);
    (most.value < wanted.value).then(|| {
        let message = format!("`max_workers` {} does not limit `web_concurrency` {}", most.value, wanted.value);
        Diagnostic::new(Code::GunicornMaxWorkers, message)
            .at(&most.origin, "has no effect: the number of workers is set")
            .at(&wanted.origin, "the number of workers is set here")
            .help("leave one of the two out; more workers than the CPU can run have no benefit")
    })
}

/// Reports a log level that Gunicorn does not know.
fn log_level(service: &FargateService) -> Option<Diagnostic> {
    let set = service.gunicorn.as_ref()?.value.log_level.as_ref()?;
    let level = set.value.as_str();
    if LEVELS.iter().any(|known| level.eq_ignore_ascii_case(known)) {
        return None;
    }
    let problem = Diagnostic::new(Code::LogLevel, format!("Gunicorn has no log level `{level}`")).at(&set.origin, "");
    let hint = match level.to_ascii_lowercase().as_str() {
        "warn" => Some("did you mean `warning`?".to_owned()),
        other => did_you_mean(other, LEVELS.iter().copied()),
    };
    let problem = problem.note("it logs at `info` in this case".to_owned());
    Some(problem.help_if(hint).help(format!("use one of {}", LEVELS.join(", "))))
}

/// Reports a variable that Gunicorn's settings set too: the container gets theirs.
fn overridden(service: &FargateService) -> Vec<Diagnostic> {
    let Some(gunicorn) = &service.gunicorn else { return Vec::new() };
    let set = gunicorn.value.variables();
    let repeated = service.task.main.env.iter().filter_map(|variable| {
        let (_, value, origin) = set.iter().find(|(name, ..)| *name == variable.value.name)?;
        if variable.value.value.as_str() == Some(value) {
            return None;
        }
        let name = &variable.value.name;
        let by = if origin.is_known() { origin } else { &gunicorn.origin };
        Some(
            Diagnostic::new(Code::OverriddenVariable, format!("`{name}` is set here, and Gunicorn's settings win"))
                .at(&variable.origin, "has no effect")
                .at(by, format!("sets it to `{value}`"))
                .help("leave one of the two out"),
        )
    });
    repeated.collect()
}
