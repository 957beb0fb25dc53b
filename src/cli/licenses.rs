//! `rtiler licenses`: the notices of the libraries inside this program.
//!
//! `cargo about` writes them to `THIRD-PARTY-NOTICES.txt`, and they are in the program in a compressed form
//! (`docs/contributing.md` says how both are made).

use super::exit::ExitStatus;
use super::terminal::Terminal;

static PACK: &[u8] = include_bytes!("../../stdlib/notices.bin");

/// The longest text that is unpacked.
const LONGEST: usize = 8 << 20;

/// Runs `rtiler licenses`.
pub(crate) fn command(terminal: &Terminal) -> ExitStatus {
    terminal.print(&notices());
    ExitStatus::Ok
}

/// Returns the notices: the licences, each with the libraries that have it and where their sources are.
fn notices() -> String {
    let text = zstd::bulk::decompress(PACK, LONGEST).expect("the notices in the program are whole");
    String::from_utf8(text).expect("the notices are text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_in_the_program_are_those_of_the_file() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("THIRD-PARTY-NOTICES.txt");
        let written = std::fs::read_to_string(file).expect("the notices");
        if std::env::var_os("BLESS").is_some() {
            let packed = zstd::bulk::compress(written.as_bytes(), 19).expect("a text is compressed");
            let pack = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib/notices.bin");
            std::fs::write(pack, packed).expect("the notices can be written");
            return;
        }
        assert!(notices() == written, "pack the file: `BLESS=1 cargo test --no-default-features --lib licenses`");
    }
}
