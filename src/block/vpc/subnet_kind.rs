/// The kind of a subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SubnetKind {
    /// Reached from the internet.
    Public,
    /// Reaching the internet through NAT gateways.
    Private,
    /// Without a route to the internet.
    Isolated,
}

impl SubnetKind {
    /// All kinds, in the order of their blocks of addresses.
    pub(crate) const ALL: [Self; 3] = [Self::Public, Self::Private, Self::Isolated];

    /// Returns the word of scripts.
    pub(crate) fn word(self) -> &'static str {
        match self {
            SubnetKind::Public => "public",
            SubnetKind::Private => "private",
            SubnetKind::Isolated => "isolated",
        }
    }

    /// Returns the kind of a word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            SubnetKind::Public => "PublicSubnet",
            SubnetKind::Private => "PrivateSubnet",
            SubnetKind::Isolated => "IsolatedSubnet",
        }
    }
}
