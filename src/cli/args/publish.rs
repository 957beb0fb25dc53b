//! The arguments of `rtiler publish`.

#[derive(clap::Args)]
pub(crate) struct Publish {
    /// The repository: `oci://registry.example.com/acme-web`; the version is that of `rtiler.toml`
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    /// Send nothing: print the files with their sizes, the exports and the digest
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Publish files with changes that are not committed
    #[arg(long)]
    pub(crate) allow_dirty: bool,
    /// Print JSON
    #[arg(long, help_heading = "Global options")]
    pub(crate) json: bool,
}
