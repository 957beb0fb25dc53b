use crate::block::task::Task;
use crate::diag::{Code, Diagnostic, Origin};

/// MiB of memory that go with CPU units: a list, or least, most and step.
enum Memory {
    List(&'static [i64]),
    Steps(i64, i64, i64),
}

/// The sizes of Fargate tasks on Linux (ECS Developer Guide, "Task definition parameters for Fargate": task size).
const SIZES: [(i64, Memory); 8] = [
    (256, Memory::List(&[512, 1024, 2048])),
    (512, Memory::Steps(1024, 4096, 1024)),
    (1024, Memory::Steps(2048, 8192, 1024)),
    (2048, Memory::Steps(4096, 16_384, 1024)),
    (4096, Memory::Steps(8192, 30_720, 1024)),
    (8192, Memory::Steps(16_384, 61_440, 4096)),
    (16_384, Memory::Steps(32_768, 122_880, 8192)),
    (32_768, Memory::List(&[61_440, 122_880, 249_856])),
];

impl Memory {
    fn has(&self, mib: i64) -> bool {
        match self {
            Memory::List(list) => list.contains(&mib),
            Memory::Steps(least, most, step) => (*least..=*most).contains(&mib) && (mib - least) % step == 0,
        }
    }
}

impl std::fmt::Display for Memory {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Memory::List(list) => {
                let list: Vec<String> = list.iter().map(ToString::to_string).collect();
                write!(out, "one of {}", list.join(", "))
            }
            Memory::Steps(least, most, step) => write!(out, "{least} to {most} in steps of {step}"),
        }
    }
}

/// Reports CPU units and memory that Fargate does not offer together.
pub(super) fn fargate(task: &Task) -> Option<Diagnostic> {
    let (cpu, memory) = (task.cpu_units()?, task.memory_mib()?);
    let offered = SIZES.iter().find(|(units, _)| *units == cpu).map(|(_, memory)| memory);
    let Some(offered) = offered else {
        return Some(no_such_cpu(task, cpu));
    };
    if offered.has(memory) {
        return None;
    }
    let message = format!("Fargate cannot run {cpu} CPU units with {memory} MiB of memory");
    let not_offered = format!("not offered for {cpu} CPU units");
    let problem = Diagnostic::new(Code::FargateSize, message);
    let problem = match (&task.memory, &task.cpu) {
        (Some(memory), Some(cpu)) => problem.at(&memory.origin, not_offered).at(&cpu.origin, "CPU is set here"),
        (Some(memory), None) => problem.at(&memory.origin, not_offered).at(origin(task), "CPU is 256 unless set"),
        (None, Some(cpu)) => {
            problem.at(&cpu.origin, format!("needs more than the {memory} MiB that a task has unless set"))
        }
        (None, None) => problem.at(origin(task), ""),
    };
    let cpus: Vec<String> =
        SIZES.iter().filter(|(_, offered)| offered.has(memory)).map(|(units, _)| units.to_string()).collect();
    let other = (!cpus.is_empty()).then(|| format!("{memory} MiB go with {} CPU units", cpus.join(", ")));
    Some(problem.help(format!("with {cpu} CPU units, memory is {offered}")).help_if(other))
}

fn no_such_cpu(task: &Task, cpu: i64) -> Diagnostic {
    let units: Vec<String> = SIZES.iter().map(|(units, _)| units.to_string()).collect();
    let place = task.cpu.as_ref().map_or(origin(task), |set| &set.origin);
    Diagnostic::new(Code::FargateSize, format!("Fargate does not support {cpu} CPU units"))
        .at(place, "")
        .help(format!("CPU units are one of {}; 1024 units are 1 vCPU", units.join(", ")))
}

fn origin(task: &Task) -> &Origin {
    &task.name.origin
}
