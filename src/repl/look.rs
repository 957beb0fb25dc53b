//! A value and what it stands for.

use super::page::Page;
use crate::script::session::Shown;

/// A value as users look at it.
pub(super) fn value(value: &Shown) -> Page {
    Page::plain(value.expression())
}
