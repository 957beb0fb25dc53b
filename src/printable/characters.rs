//! The characters that have an effect or no form of their own.

/// Ranges of characters that are not shown as they are, in order: controls (general category Cc), format characters (Cf),
/// line and paragraph separators, characters that are ignored by default (`Default_Ignorable_Code_Point`) except the
/// variation selectors that emoji use, and the noncharacters of the first plane.
///
/// Source: the Unicode Character Database, `UnicodeData.txt` and `DerivedCoreProperties.txt`. A test compares the first two
/// categories with the tables of `regex`.
const HIDDEN: &[(u32, u32)] = &[
    (0x00, 0x1F),
    (0x7F, 0x9F),
    (0xAD, 0xAD),
    (0x34F, 0x34F),
    (0x600, 0x605),
    (0x61C, 0x61C),
    (0x6DD, 0x6DD),
    (0x70F, 0x70F),
    (0x890, 0x891),
    (0x8E2, 0x8E2),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFDD0, 0xFDEF),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
];

/// Returns whether a character has a form and no other effect. Line breaks and tabs have one.
pub fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return !character.is_ascii_control();
    }
    let code = character as u32;
    // The last two characters of each plane are noncharacters.
    let is_hidden =
        code & 0xFFFE == 0xFFFE || HIDDEN.binary_search_by(|(first, last)| range_order(*first, *last, code)).is_ok();
    !is_hidden
}

/// Returns whether each character of a text is printable.
pub fn is_printable_text(text: &str) -> bool {
    text.chars().all(is_printable)
}

fn range_order(first: u32, last: u32, code: u32) -> std::cmp::Ordering {
    if last < code {
        std::cmp::Ordering::Less
    } else if first > code {
        std::cmp::Ordering::Greater
    } else {
        std::cmp::Ordering::Equal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_in_order() {
        assert!(HIDDEN.windows(2).all(|pair| pair[0].1 < pair[1].0), "the search needs an order");
    }

    #[test]
    fn every_control_and_format_character_of_unicode_is_hidden() {
        let hidden = regex::Regex::new(r"^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]$").expect("the pattern is valid");
        let mut buffer = [0; 4];
        let shown = |c: &char| is_printable(*c) && hidden.is_match(c.encode_utf8(&mut buffer));
        let shown: Vec<char> = ('\0'..=char::MAX).filter(shown).collect();
        assert_eq!(shown, Vec::<char>::new());
    }

    #[test]
    fn noncharacters_of_every_plane_are_hidden() {
        let last = (0..=16).flat_map(|plane: u32| [plane << 16 | 0xFFFE, plane << 16 | 0xFFFF]);
        let all = last.chain(0xFDD0..=0xFDEF).filter_map(char::from_u32);
        assert!(all.clone().count() == 66 && !all.clone().any(is_printable));
    }

    #[test]
    fn letters_of_all_scripts_and_emoji_are_printable() {
        for text in ["Größe", "地図", "עברית", "العربية", "हिन्दी", "ไทย", "❤\u{FE0F}", "🚀", "→ ━ ●", "\u{A0}"]
        {
            assert!(is_printable_text(text), "{text}");
        }
    }
}
