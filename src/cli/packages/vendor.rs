use super::changes::entry;
use super::load::LoadedProject;
use super::place::ProjectPlace;
use super::project_lock;
use super::reported;
use crate::cli::args::PackageListing;
use crate::cli::exit::ExitStatus;
use crate::cli::json::VendoredPackages;
use crate::cli::report::Output;
use crate::cli::terminal::Terminal;
use crate::diag::{Code, Diagnostic};
use crate::package::{PackageName, PackageSource, VENDOR_FOLDER};
use crate::registry::{ProjectPackages, VendorFolder};

/// Runs `rtiler vendor`: copies the packages to `vendor/`, which is used instead of the cache.
pub(crate) fn command(args: &PackageListing, terminal: &Terminal) -> ExitStatus {
    reported(terminal, |sources| {
        let place = ProjectPlace::here().map_err(|problem| vec![problem])?;
        // Taken before the lock file is read: the copies and the lock file are of the same packages.
        let lock = project_lock::lock(&place.folder, terminal).map_err(|problem| vec![problem])?;
        let project = LoadedProject::here(args.packages, false, sources)?;
        project.write_lock_under(&lock, terminal).map_err(|problem| vec![problem])?;
        let vendor = VendorFolder::of(&project.place.folder);
        let removed = write(&vendor, &project.packages).map_err(|problem| vec![problem])?;
        let packages = copied(&project.packages).into_iter();
        let written = VendoredPackages {
            packages: packages
                .map(|name| entry(name, &project.packages.lock.packages[name], &project.manifest))
                .collect(),
            removed: removed.iter().map(ToString::to_string).collect(),
        };
        Output::new(terminal, args.json).result(&written, || {
            let copied = written
                .packages
                .iter()
                .map(|it| format!("copied {} {} to {VENDOR_FOLDER}/{}\n", it.name, it.version, it.name));
            copied.chain(written.removed.iter().map(|name| format!("removed {VENDOR_FOLDER}/{name}\n"))).collect()
        });
        Ok(())
    })
}

/// Writes the copies of packages, removes those that are not used, and returns their names.
pub(super) fn write(vendor: &VendorFolder, packages: &ProjectPackages) -> Result<Vec<PackageName>, Diagnostic> {
    let failed = |error: std::io::Error| {
        Diagnostic::new(Code::FileUnwritable, format!("`{VENDOR_FOLDER}` cannot be written: {error}"))
    };
    let names = copied(packages);
    for name in &names {
        vendor.write(name, &packages.packages[*name].1.files).map_err(failed)?;
    }
    vendor.retain(&names).map_err(failed)
}

/// Returns the packages that are copied: a package in a folder is on this machine already.
fn copied(packages: &ProjectPackages) -> Vec<&PackageName> {
    let packages = packages.packages.iter();
    packages.filter(|(_, (it, _))| !matches!(it.source, PackageSource::Path(_))).map(|(name, _)| name).collect()
}
