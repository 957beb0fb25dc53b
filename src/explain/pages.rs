//! The pages by code, in alphabetical order.

pub(super) const PAGES: &[(&str, &str)] = &[];
