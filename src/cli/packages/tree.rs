use std::collections::BTreeSet;

use super::changes::entry;
use super::load::LoadedProject;
use super::reported;
use crate::cli::args::PackageListing;
use crate::cli::exit::ExitStatus;
use crate::cli::json::PackageEntry;
use crate::cli::report::{Charset, Output};
use crate::cli::terminal::Terminal;
use crate::package::{Lock, Manifest, PackageName};
use crate::printable::one_line;

/// Runs `rtiler tree`: shows the packages of the project and who needs them.
pub(crate) fn command(args: &PackageListing, terminal: &Terminal) -> ExitStatus {
    reported(terminal, |sources| {
        let project = LoadedProject::here(args.packages, true, sources)?;
        project.write_lock(terminal).map_err(|problem| vec![problem])?;
        let lock = &project.packages.lock;
        Output::new(terminal, args.json).result_of(
            || lock.packages.iter().map(|(name, it)| entry(name, it, &project.manifest)).collect::<Vec<PackageEntry>>(),
            || drawn(&project.manifest, lock, Charset::of_locale()),
        );
        Ok(())
    })
}

/// Returns the tree as text. What a package needs is drawn below it once; `(*)` marks it where it is drawn again.
fn drawn(manifest: &Manifest, lock: &Lock, charset: Charset) -> String {
    let names: Vec<&PackageName> = manifest.dependencies.keys().collect();
    let mut drawing =
        Drawing { lock, charset, drawn: BTreeSet::new(), text: format!("{} {}\n", manifest.name, manifest.version) };
    drawing.branches(&names, "");
    drawing.text
}

struct Drawing<'a> {
    lock: &'a Lock,
    charset: Charset,
    drawn: BTreeSet<&'a PackageName>,
    text: String,
}

impl<'a> Drawing<'a> {
    fn branches(&mut self, names: &[&'a PackageName], indent: &str) {
        let [branch, last, bar] = match self.charset {
            Charset::Unicode => ["\u{251c}\u{2500}\u{2500} ", "\u{2514}\u{2500}\u{2500} ", "\u{2502}   "],
            Charset::Ascii => ["|-- ", "`-- ", "|   "],
        };
        for (at, name) in names.iter().enumerate() {
            let Some(package) = self.lock.packages.get(*name) else { continue };
            let is_last = at + 1 == names.len();
            let is_new = self.drawn.insert(name);
            let again = if is_new || package.dependencies.is_empty() { "" } else { " (*)" };
            let reference = package.reference.as_ref().map_or_else(String::new, |it| format!(" {it}"));
            let source = one_line(&package.source);
            let sign = if is_last { last } else { branch };
            self.text += &format!("{indent}{sign}{name} {} ({source}{reference}){again}\n", package.version);
            if is_new {
                let below: Vec<&PackageName> = package.dependencies.iter().collect();
                self.branches(&below, &format!("{indent}{}", if is_last { "    " } else { bar }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_that_two_others_need_is_drawn_below_both() {
        let package = |name: &str, dependencies: &str| {
            format!(
                "[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"path+../{name}\"\n\
                 hash = \"sha256:{}\"\ndependencies = [{dependencies}]\n",
                "0".repeat(64)
            )
        };
        let text = [
            "format = 1\n".to_owned(),
            package("a", "\"c\""),
            package("b", "\"c\""),
            package("c", "\"d\""),
            package("d", ""),
        ];
        let lock = Lock::parse("rtiler.lock", &text.concat()).expect("a lock file");
        let manifest = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\n[dependencies]\na = { path = \"../a\" }\nb = { path = \"../b\" }\n";
        let manifest = Manifest::parse("rtiler.toml", manifest).expect("a manifest");
        assert_eq!(
            drawn(&manifest, &lock, Charset::Ascii),
            "shop 0.1.0\n|-- a 1.0.0 (path+../a)\n|   `-- c 1.0.0 (path+../c)\n|       `-- d 1.0.0 (path+../d)\n\
             `-- b 1.0.0 (path+../b)\n    `-- c 1.0.0 (path+../c) (*)\n"
        );
    }
}
