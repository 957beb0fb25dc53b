use super::FargateService;
use crate::block::Gunicorn;
use crate::diag::{Code, Diagnostic, WithOrigin};

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
    problems
}

/// Reports more workers than Gunicorn advises: `2 x cores + 1` ("Design", "How Many Workers?").
fn too_many(service: &FargateService, gunicorn: &WithOrigin<Gunicorn>) -> Option<Diagnostic> {
    let cpu = service.cpu_units()?;
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
    let problem = match &service.cpu {
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
