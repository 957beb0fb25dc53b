//! Paths at which file systems and volumes are mounted into containers.
//!
//! Sources: the runtime refuses a relative path and `/` (`validateMountConfig` of moby: "mount path must be absolute", "destination
//! can't be '/'") and what is inside `/proc` (`checkProcMount` of runc: "cannot be mounted because it is inside /proc"). A mount on
//! `/dev`, `/sys` or a folder of programs hides what the image or the runtime has there.

use crate::diag::{Code, Diagnostic, Origin};

/// Folders without which programs do not run.
const NEEDED: [&str; 8] = ["/bin", "/dev", "/etc", "/lib", "/lib64", "/sbin", "/sys", "/usr"];

/// Reports a path at which nothing can be mounted, or where a mount hides what the container needs.
pub(super) fn problem(path: &str, origin: &Origin) -> Option<Diagnostic> {
    let problem = |message: String| Diagnostic::new(Code::EfsPath, message).at(origin, "");
    if !path.starts_with('/') {
        let absolute = format!("/{}", path.trim_start_matches("./").trim_matches('/'));
        let is_right = !absolute.contains("..") && self::problem(&absolute, origin).is_none();
        let example = if is_right { absolute } else { "/data".to_owned() };
        return Some(
            problem(format!("`{path}` is not an absolute path"))
                .help(format!("write the path in the container: `{example}`")),
        );
    }
    let Some(clean) = clean(path) else {
        return Some(
            problem("nothing can be mounted at the root of a container".to_owned()).help("use a folder: `/data`"),
        );
    };
    if clean == "/proc" || clean.starts_with("/proc/") {
        let message = format!("nothing can be mounted at `{path}`: the kernel has its processes in `/proc`");
        return Some(problem(message).help("use a folder of its own: `/data`"));
    }
    NEEDED.contains(&clean.as_str()).then(|| {
        problem(format!("a mount at `{path}` hides what the container needs there"))
            .as_warning()
            .help(format!("use a folder of its own: `/data`, or one inside: `{clean}/data`"))
    })
}

/// Returns an absolute path without `.`, `..` and empty parts; nothing for the root.
fn clean(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| format!("/{}", parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_the_runtime_refuses_are_errors() {
        for path in ["data", "", "/", "//", "/data/..", "/proc", "/proc/sys", "/data/../proc/1"] {
            assert!(problem(path, &Origin::unknown()).is_some_and(|problem| problem.is_error()), "{path}");
        }
    }

    #[test]
    fn folder_that_hides_programs_is_a_warning_and_one_inside_is_none() {
        assert!(problem("/etc/", &Origin::unknown()).is_some_and(|problem| !problem.is_error()));
        for path in ["/data", "/etc/app", "/usr/share/nginx/html", "/process"] {
            assert!(problem(path, &Origin::unknown()).is_none(), "{path}");
        }
    }
}
