/// The characters of bars and boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    /// Lines and blocks of Unicode.
    Unicode,
    /// Letters of ASCII, for terminals of another encoding.
    Ascii,
}

impl Charset {
    /// Returns the character set of the locale, which is the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set.
    pub(crate) fn of_locale() -> Self {
        let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default().to_ascii_lowercase();
        if locale.contains("utf-8") || locale.contains("utf8") { Self::Unicode } else { Self::Ascii }
    }

    /// Returns the full and the empty part of a bar.
    pub(super) fn bar(self) -> (&'static str, &'static str) {
        match self {
            Self::Unicode => ("\u{2501}", "\u{2500}"),
            Self::Ascii => ("#", "-"),
        }
    }

    /// Returns the sign of an active step in a frame.
    pub(super) fn activity(self, frame: usize) -> &'static str {
        const DOTS: [&str; 8] =
            ["\u{28f7}", "\u{28ef}", "\u{28df}", "\u{287f}", "\u{28bf}", "\u{28fb}", "\u{28fd}", "\u{28fe}"];
        const STROKES: [&str; 4] = ["|", "/", "-", "\\"];
        match self {
            Self::Unicode => DOTS[frame % DOTS.len()],
            Self::Ascii => STROKES[frame % STROKES.len()],
        }
    }
}
