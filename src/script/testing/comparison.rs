//! Values of scripts compared, and shown with their differences.

use std::fmt::Write;
use std::rc::Rc;

use rhai::{Dynamic, ImmutableString, Map};
use similar::TextDiff;

use crate::cfn::emit;
use crate::script::block_types;
use crate::script::describe::describe;
use crate::script::template_view::TemplateView;
use crate::script::value::{Reference, ReferenceTable, Unresolved, to_value};

/// The length of a value that is shown on one line.
const SHORT: usize = 72;

/// The lines around a difference that are shown with it.
const CONTEXT: usize = 3;

/// Returns whether two values are equal: by their content, whole and other numbers by their value, a reference and the map of
/// its intrinsic function (`#{ Ref: "Jobs" }`) too.
#[allow(clippy::float_cmp, reason = "`==` of scripts compares numbers exactly, too")]
pub(super) fn equal(a: &Dynamic, b: &Dynamic, references: &dyn ReferenceTable) -> bool {
    if let (Ok(a), Ok(b)) = (a.as_array_ref(), b.as_array_ref()) {
        return a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| equal(a, b, references));
    }
    if let (Ok(a), Ok(b)) = (a.as_map_ref(), b.as_map_ref()) {
        return a.len() == b.len()
            && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| equal(value, other, references)));
    }
    if let (Some(a), Some(b)) = (number(a), number(b)) {
        return a == b;
    }
    if [a, b].iter().any(|value| value.is::<Reference>() || value.is::<Unresolved>()) {
        return matches!((to_value(a, references), to_value(b, references)), (Ok(a), Ok(b)) if a == b);
    }
    if let Some(equal) = block_types::equal(a, b) {
        return equal;
    }
    if let (Some(a), Some(b)) = (a.read_lock::<Rc<TemplateView>>(), b.read_lock::<Rc<TemplateView>>()) {
        return a.stack.body() == b.stack.body();
    }
    a.is_unit() && b.is_unit() || has_whole_text(a) && a.type_name() == b.type_name() && shown(a) == shown(b)
}

/// Returns whether the text of a value has all of it. Others, such as functions, are equal to nothing.
fn has_whole_text(value: &Dynamic) -> bool {
    value.is_string() || value.is_char() || value.is_bool() || value.type_name().contains("Range")
}

fn number(value: &Dynamic) -> Option<f64> {
    #[allow(clippy::cast_precision_loss, reason = "numbers that differ in the last digits are not used in templates")]
    value.as_float().or_else(|_| value.as_int().map(|number| number as f64)).ok()
}

/// Returns a value as a script writes it, on one line if it is short.
pub(super) fn shown(value: &Dynamic) -> String {
    let mut text = String::new();
    write_value(value, Layout::Line, &mut text);
    if text.len() > SHORT {
        text.clear();
        write_value(value, Layout::Block(0), &mut text);
    }
    text
}

#[derive(Clone, Copy)]
enum Layout {
    Line,
    /// Each entry on its own line, indented by this number of levels.
    Block(usize),
}

fn write_value(value: &Dynamic, layout: Layout, out: &mut String) {
    if let Ok(items) = value.as_array_ref() {
        entries(out, ("[", "]"), layout, items.iter().map(|item| (None, item)));
    } else if let Ok(map) = value.as_map_ref() {
        write_map(&map, layout, out);
    } else if let Some(text) = value.read_lock::<ImmutableString>() {
        out.push_str(&serde_json::Value::from(text.as_str()).to_string());
    } else if let Some(reference) = value.read_lock::<Reference>() {
        out.push_str(&emit::json::compact(&reference.0));
    } else if let Some(unresolved) = value.read_lock::<Unresolved>() {
        out.push_str(&emit::json::compact(&unresolved.0));
    } else if let Some(template) = value.read_lock::<Rc<TemplateView>>() {
        out.push_str(&template.stack.body());
    } else if value.is_unit() {
        out.push_str("()");
    } else if value.is_int() || value.is_float() || value.is_bool() {
        out.push_str(&value.to_string());
    } else {
        out.push_str(&describe(value));
    }
}

fn write_map(map: &Map, layout: Layout, out: &mut String) {
    entries(out, ("#{", "}"), layout, map.iter().map(|(key, value)| (Some(key.as_str()), value)));
}

fn entries<'v>(
    out: &mut String,
    (open, close): (&str, &str),
    layout: Layout,
    entries: impl Iterator<Item = (Option<&'v str>, &'v Dynamic)>,
) {
    out.push_str(open);
    let mut is_empty = true;
    for (key, value) in entries {
        let inside = match layout {
            Layout::Line => {
                out.push_str(if is_empty { "" } else { ", " });
                out.push_str(if is_empty && key.is_some() { " " } else { "" });
                Layout::Line
            }
            Layout::Block(level) => {
                let _ = write!(out, "\n{}", "    ".repeat(level + 1));
                Layout::Block(level + 1)
            }
        };
        is_empty = false;
        if let Some(key) = key {
            let _ = write!(out, "{key}: ");
        }
        write_value(value, inside, out);
        if matches!(layout, Layout::Block(_)) {
            out.push(',');
        }
    }
    match layout {
        Layout::Line if !is_empty && open == "#{" => out.push(' '),
        Layout::Block(level) if !is_empty => {
            let _ = write!(out, "\n{}", "    ".repeat(level));
        }
        _ => {}
    }
    out.push_str(close);
}

/// Returns the notes that show two values that differ.
pub(super) fn notes(left: &str, right: &str, (left_name, right_name): (&str, &str)) -> Vec<String> {
    if left.contains('\n') || right.contains('\n') {
        return vec![difference((left_name, left), (right_name, right))];
    }
    let width = left_name.len().max(right_name.len());
    vec![format!("{left_name:>width$}: {left}\n{right_name:>width$}: {right}")]
}

/// Returns the difference of two texts, line by line.
pub(super) fn difference((left_name, left): (&str, &str), (right_name, right): (&str, &str)) -> String {
    let ended = |text: &str| if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
    let (left, right) = (ended(left), ended(right));
    let lines = TextDiff::from_lines(&left, &right);
    let text = lines.unified_diff().context_radius(CONTEXT).to_string();
    format!("lines with `-` are in the {left_name} only, lines with `+` in the {right_name} only\n{}", text.trim_end())
}

#[cfg(test)]
mod tests {
    use rhai::Engine;

    use super::*;
    use crate::block::Block;
    use crate::cfn::TemplateString;

    struct NoBlocks;

    impl ReferenceTable for NoBlocks {
        fn refer(&self, _: &Block) -> TemplateString {
            unreachable!("the values have no blocks")
        }
    }

    fn value(text: &str) -> Dynamic {
        Engine::new().eval(text).expect("a value")
    }

    #[test]
    fn values_are_equal_by_their_content() {
        for (a, b, expected) in [
            ("1", "1.0", true),
            ("1", "\"1\"", false),
            ("[1, [2]]", "[1, [2]]", true),
            ("[1, 2]", "[2, 1]", false),
            ("#{ a: 1, b: () }", "#{ b: (), a: 1 }", true),
            ("#{ a: 1 }", "#{ a: 1, b: () }", false),
            ("()", "()", true),
            ("()", "0", false),
            ("\"a\"", "\"a\"", true),
            ("'a'", "'b'", false),
        ] {
            assert_eq!(equal(&value(a), &value(b), &NoBlocks), expected, "{a} and {b}");
        }
    }

    #[test]
    fn short_value_is_on_one_line_and_a_long_one_has_a_line_for_each_entry() {
        assert_eq!(shown(&value("#{ a: [1, 2], b: \"x\", c: #{}, d: () }")), "#{ a: [1, 2], b: \"x\", c: #{}, d: () }");
        let long = format!("#{{ a: \"{}\", b: [1] }}", "x".repeat(80));
        assert_eq!(
            shown(&value(&long)),
            format!("#{{\n    a: \"{}\",\n    b: [\n        1,\n    ],\n}}", "x".repeat(80))
        );
    }
}
