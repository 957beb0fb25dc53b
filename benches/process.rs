//! `cargo bench --bench process`: CPU time and memory of whole processes, as users meet them.
//!
//! Prints a table of medians of 20 runs, beside an empty process, with the ratio of 200 stacks to 100.

#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used, reason = "a bench measures and prints")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use rtiler::package::{FileTree, Lock, LockedPackage, PackageName};
use rtiler::registry::PackageCache;

const RUNS: usize = 20;

/// User and system time in milliseconds, and the largest resident set in MiB.
#[derive(Clone, Copy)]
struct Cost {
    cpu: f64,
    memory: f64,
}

/// Runs a command; Python's `wait4` tells what this one child cost. Memory below that of Python itself cannot be told,
/// because a child begins with its parent's.
fn measure(arguments: &[&str]) -> Cost {
    let script = "import os,sys\n\
        null=lambda fd:(os.POSIX_SPAWN_OPEN,fd,'/dev/null',os.O_RDWR,0)\n\
        pid=os.posix_spawn(sys.argv[1],sys.argv[1:],os.environ,file_actions=[null(0),null(1),null(2)])\n\
        u=os.wait4(pid,0)[2]\n\
        print((u.ru_utime+u.ru_stime)*1000, u.ru_maxrss/1024)";
    let output = Command::new("python3")
        .args(["-c", script])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("python3 measures");
    let text = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<f64> = text.split_whitespace().map(|number| number.parse().unwrap()).collect();
    Cost { cpu: numbers[0], memory: numbers[1] }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Medians of several commands, taken in turns so that a noisy neighbour meets all of them.
fn medians(commands: &[Vec<&str>]) -> Vec<Cost> {
    let mut all = vec![Vec::new(); commands.len()];
    for _ in 0..RUNS {
        for (command, costs) in commands.iter().zip(&mut all) {
            costs.push(measure(command));
        }
    }
    let of = |costs: &Vec<Cost>, pick: fn(&Cost) -> f64| median(costs.iter().map(pick).collect());
    all.iter().map(|costs| Cost { cpu: of(costs, |cost| cost.cpu), memory: of(costs, |cost| cost.memory) }).collect()
}

/// The TiTiler stack so many times in one script.
fn many(stacks: usize) -> String {
    let app = std::fs::read_to_string("scripts/app.rhai").unwrap();
    let (head, body) = app.split_once("let gunicorn").expect("the settings come first");
    let body = body.replace("${s.name}-ecs-${s.stage}", "${s.name}-ecs-${s.stage}-${number}");
    let (import, settings) = head.split_once("let s =").expect("an import, then settings");
    format!(
        "{import}let s ={settings}fn stack(s, number) {{\nlet gunicorn{body}}}\nlet stacks = [];\nfor number in 0..{stacks} {{ stacks.push(stack(s, number)); }}\nstacks\n"
    )
}

/// Writes a project with so many packages, and a cache that has them.
fn project(folder: &Path, packages: usize) {
    let cache = PackageCache::new(&folder.join("cache"));
    let entry =
        |number: usize| format!("p{number} = {{ git = \"https://example.com/p{number}\", version = \"1.0\" }}\n");
    let mut lock = Lock::default();
    for number in 0..packages {
        let needed: Vec<usize> = [number + 1, number + 2].into_iter().filter(|it| *it < packages).collect();
        let dependencies: String = needed.iter().map(|it| entry(*it)).collect();
        let manifest = format!("[package]\nname = \"p{number}\"\nversion = \"1.0.0\"\n[dependencies]\n{dependencies}");
        let mut files = FileTree::default();
        files.add("rtiler.toml", manifest.into_bytes()).unwrap();
        for file in ["main.rhai", "README.md", "lib/network.rhai", "tests/main.rhai"] {
            files.add(file, format!("// {file} of {number}\n").repeat(50).into_bytes()).unwrap();
        }
        let name = |number: usize| PackageName::parse(&format!("p{number}")).unwrap();
        let locked = LockedPackage {
            version: "1.0.0".parse().unwrap(),
            source: format!("git+https://example.com/p{number}"),
            reference: None,
            revision: Some("0".repeat(40)),
            hash: cache.add(&files).unwrap(),
            // In the order of their names, as the manifest has them.
            dependencies: needed.into_iter().map(name).collect::<BTreeSet<_>>().into_iter().collect(),
        };
        lock.packages.insert(name(number), locked);
    }
    let manifest = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nentry = \"app.rhai\"\n[dependencies]\n";
    std::fs::write(
        folder.join("rtiler.toml"),
        format!("{manifest}{}", (0..packages.min(2)).map(entry).collect::<String>()),
    )
    .unwrap();
    std::fs::write(folder.join("rtiler.lock"), lock.to_text()).unwrap();
    std::fs::write(folder.join("app.rhai"), "Stack(\"shop\").add(AWS::S3::Bucket(\"Data\"))\n").unwrap();
}

fn main() {
    let rtiler = env!("CARGO_BIN_EXE_rtiler");
    let folder = tempfile::tempdir().unwrap();
    let write = |stacks: usize| {
        let path = folder.path().join(format!("{stacks}.rhai"));
        std::fs::write(&path, many(stacks)).unwrap();
        path.display().to_string()
    };
    let (hundred, two_hundred) = (write(100), write(200));
    let (without, with) = (folder.path().join("without"), folder.path().join("with"));
    for (folder, packages) in [(&without, 0), (&with, 200)] {
        std::fs::create_dir(folder).unwrap();
        project(folder, packages);
    }
    let cache = format!("RTILER_CACHE={}", with.join("cache").display());
    let (without, with) = (without.display().to_string(), with.display().to_string());
    let commands = [
        vec!["/bin/true"],
        vec![rtiler, "--help"],
        vec![rtiler, "run", "scripts/app.rhai", "synth"],
        vec![rtiler, "run", "scripts/app.rhai", "deploy", "--rehearse", "--from", "saved"],
        vec![rtiler, "run", "scripts/app.rhai", "deploy", "--rehearse", "--from", "nothing"],
        vec![rtiler, "run", &hundred, "synth"],
        vec![rtiler, "run", &two_hundred, "synth"],
        vec!["/usr/bin/env", &cache, rtiler, "check", &without, "--locked", "--offline"],
        vec!["/usr/bin/env", &cache, rtiler, "check", &with, "--locked", "--offline"],
    ];
    let names = [
        "an empty process",
        "rtiler --help",
        "synth of TiTiler",
        "rehearsed deployment, no change",
        "rehearsed creation of TiTiler",
        "synth of 100 stacks",
        "synth of 200 stacks",
        "check of a project, no packages",
        "check of it with 200 packages",
    ];
    let costs = medians(&commands);
    println!("{:<34} {:>10} {:>10} {:>10}", "", "CPU ms", "MiB", "x empty");
    for (name, cost) in names.iter().zip(&costs) {
        println!("{name:<34} {:>10.1} {:>10.1} {:>10.1}", cost.cpu, cost.memory, cost.cpu / costs[0].cpu.max(0.1));
    }
    println!("200 stacks take {:.2} times as long as 100", costs[6].cpu / costs[5].cpu);
    let size = std::fs::metadata(rtiler).unwrap().len();
    println!("binary {} MiB", size >> 20);
}
