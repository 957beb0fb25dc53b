//! The columns of the lines about resources: names and types have one width in all lines, or no line has a type.

use super::style::faint;
use crate::cli::text_width::{cut, pad, width as columns};

/// The widths of names and types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct EventColumns {
    name: usize,
    /// The width of types; 0 if they are not shown.
    kind: usize,
}

impl EventColumns {
    /// Returns the columns of resources with these names and types.
    pub(super) fn of<'r>(resources: impl IntoIterator<Item = (&'r str, &'r str)>) -> Self {
        let mut widest = Self::default();
        for (name, kind) in resources {
            widest = widest.with(Self { name: columns(name), kind: columns(kind) });
        }
        widest
    }

    /// Returns the columns of both.
    pub(super) fn with(self, other: Self) -> Self {
        Self { name: self.name.max(other.name), kind: self.kind.max(other.kind) }
    }

    /// Returns the columns within a room that also has a column of another width: without types if they do not fit.
    pub(super) fn within(self, room: usize, other: usize) -> Self {
        let room = room.saturating_sub(other + 2);
        if self.name + 2 + self.kind <= room {
            return self;
        }
        Self { name: self.name.min(room.max(12)), kind: 0 }
    }

    /// Returns the width of the names.
    pub(super) fn name(self) -> usize {
        self.name
    }

    /// Returns the cells of a resource; the name is whole, because names with equal ends would be one name otherwise.
    pub(super) fn cells(self, name: &str, kind: &str) -> String {
        let name = pad(name, self.name);
        if self.kind == 0 { name } else { format!("{name}  {}", faint(&pad(kind, self.kind))) }
    }

    /// Returns the cells of a resource in a line that cannot be wrapped.
    pub(super) fn cut_cells(self, name: &str, kind: &str) -> String {
        self.cells(&cut(name, self.name.max(12)), kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_in_every_line_or_in_none() {
        let resources = [("Net", "AWS::EC2::VPC"), ("WebAlb", "AWS::ElasticLoadBalancingV2::LoadBalancer")];
        let cells = |room: usize| {
            let columns = EventColumns::of(resources).within(room, 8);
            resources.map(|(name, kind)| crate::printable::plain(&columns.cells(name, kind)))
        };
        let [vpc, alb] = cells(60);
        assert_eq!(vpc.trim_end(), "Net     AWS::EC2::VPC");
        assert_eq!((vpc.len(), alb.len()), (49, 49));
        assert_eq!(cells(50), ["Net   ", "WebAlb"]);
    }
}
