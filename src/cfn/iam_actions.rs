//! The actions of IAM, and the ARNs that they are about: `stdlib/actions.bin`, made by `tools/checks/actions.py`.
//!
//! A service is unpacked when one of its actions is first read.

use std::sync::OnceLock;

use zstd::dict::DecoderDictionary;

static PACK: &[u8] = include_bytes!("../../stdlib/actions.bin");

/// Every service with its actions.
pub(crate) struct ActionList {
    services: Vec<Service>,
    dictionary: DecoderDictionary<'static>,
}

struct Service {
    prefix: &'static str,
    packed: &'static [u8],
    size: usize,
    text: OnceLock<String>,
}

/// An action of a service.
#[derive(Clone, Copy)]
pub(crate) struct Action<'a> {
    /// The name without the service: `GetObject`.
    pub(crate) name: &'a str,
    formats: &'a str,
    text: &'a str,
}

impl ActionList {
    /// Returns the list inside the binary.
    pub(crate) fn embedded() -> &'static Self {
        static LIST: OnceLock<ActionList> = OnceLock::new();
        LIST.get_or_init(|| Self::open(PACK))
    }

    fn open(pack: &'static [u8]) -> Self {
        assert!(pack.starts_with(b"RTA1"), "the embedded actions are a pack of this format");
        let mut rest = &pack[4..];
        let (index, dictionary) = (word(&mut rest), word(&mut rest));
        let (mut index, rest) = rest.split_at(index);
        let (dictionary, mut frames) = rest.split_at(dictionary);
        let mut services = Vec::new();
        while !index.is_empty() {
            let length = varint(&mut index);
            let prefix = std::str::from_utf8(take(&mut index, length)).expect("prefixes of the pack are UTF-8");
            let (packed, size) = (varint(&mut index), varint(&mut index));
            services.push(Service { prefix, packed: take(&mut frames, packed), size, text: OnceLock::new() });
        }
        Self { services, dictionary: DecoderDictionary::copy(dictionary) }
    }

    /// Returns the prefixes of the services, sorted.
    pub(crate) fn prefixes(&self) -> impl Iterator<Item = &'static str> {
        self.services.iter().map(|service| service.prefix)
    }

    /// Returns the actions of a service, sorted by their names in lower case; `None` for an unknown service.
    pub(crate) fn actions(&self, prefix: &str) -> Option<impl Iterator<Item = Action<'_>>> {
        let prefix = prefix.to_ascii_lowercase();
        let at = self.services.binary_search_by(|service| service.prefix.cmp(&prefix)).ok()?;
        let text = self.text(&self.services[at]);
        let lines = text.split_once("\n\n").map_or(text.trim_start(), |(_, lines)| lines).lines();
        Some(lines.map(move |line| {
            let (name, formats) = line.split_once(' ').unwrap_or((line, ""));
            Action { name, formats, text }
        }))
    }

    /// Returns the action of a whole name: `s3:GetObject`, in any case.
    pub(crate) fn find(&self, name: &str) -> Option<Action<'_>> {
        let (prefix, action) = name.split_once(':')?;
        self.actions(prefix)?.find(|known| known.name.eq_ignore_ascii_case(action))
    }

    fn text<'s>(&self, service: &'s Service) -> &'s str {
        service.text.get_or_init(|| {
            let mut unpacker =
                zstd::bulk::Decompressor::with_prepared_dictionary(&self.dictionary).expect("a decompressor");
            let bytes = unpacker.decompress(service.packed, service.size).expect("the pack is intact");
            String::from_utf8(bytes).expect("the pack is UTF-8")
        })
    }
}

impl<'a> Action<'a> {
    /// Returns the ARNs that the action is about, from the service on, with `*` for what varies: `s3:::*/*`. None for an
    /// action that is about no resource; `None` if they are not known.
    pub(crate) fn resources(self) -> Option<Vec<&'a str>> {
        let numbers = self.formats.split(' ').filter(|number| !number.is_empty());
        numbers.map(|number| self.text.lines().nth(number.parse().ok()?)).collect()
    }
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(length);
    *bytes = rest;
    taken
}

fn word(bytes: &mut &[u8]) -> usize {
    let number = take(bytes, 4).iter().rev().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    number as usize
}

fn varint(bytes: &mut &[u8]) -> usize {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = take(bytes, 1)[0];
        number |= usize::from(byte & 127) << shift;
        if byte < 128 {
            return number;
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_has_actions_in_order() {
        let list = ActionList::embedded();
        assert!(list.services.len() > 400 && list.services.is_sorted_by_key(|service| service.prefix));
        let mut count = 0;
        for prefix in list.prefixes() {
            let names: Vec<String> =
                list.actions(prefix).expect("a service").map(|action| action.name.to_lowercase()).collect();
            assert!(names.is_sorted(), "{prefix}: {names:?}");
            count += names.len();
        }
        assert!(count > 20_000, "{count}");
    }

    #[test]
    fn action_has_the_arns_of_its_resources() {
        let mut actions = ActionList::embedded().actions("s3").expect("S3");
        let get = actions.find(|action| action.name == "GetObject").expect("an action");
        assert!(get.resources().expect("its resources").contains(&"s3:::*/*"));
        let list = actions.find(|action| action.name == "ListAllMyBuckets").expect("an action");
        assert_eq!(list.resources(), Some(Vec::new()));
    }
}
