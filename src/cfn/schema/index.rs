//! The index of the pack: services, the names of their types, and the places of their blobs.

use std::sync::OnceLock;

use zstd::dict::DecoderDictionary;

use super::Schema;
use super::blob::{Blob, Cursor};

/// A service with its two blobs, unpacked when they are first wanted.
pub(super) struct Service {
    pub(super) name: &'static str,
    types: Vec<&'static str>,
    packed: [Packed; 2],
    unpacked: [OnceLock<Blob>; 2],
}

#[derive(Clone, Copy, Default)]
struct Packed {
    bytes: &'static [u8],
    size: usize,
}

pub(super) fn open(pack: &'static [u8]) -> Schema {
    let mut header = Cursor::new(pack);
    assert_eq!(header.take(4), b"RTS1", "the embedded schema is a pack of this format");
    let lengths = [header.word(), header.word(), header.word()];
    let mut index = Cursor::new(header.take(lengths[0]));
    let dictionaries = [header.take(lengths[1]), header.take(lengths[2])];
    let date = index.text();
    let services = (0..index.varint()).map(|_| service(&mut index, &mut header)).collect();
    Schema { date, services, dictionaries, prepared: Default::default() }
}

fn service(index: &mut Cursor<'static>, blobs: &mut Cursor<'static>) -> Service {
    let name = index.text();
    let types = (0..index.varint()).map(|_| index.text()).collect();
    let packed = [(); 2].map(|()| {
        let (length, size) = (index.varint(), index.varint());
        Packed { bytes: blobs.take(length), size }
    });
    Service { name, types, packed, unpacked: Default::default() }
}

impl Service {
    pub(super) fn position(&self, kind: &str) -> Option<usize> {
        self.types.binary_search(&kind).ok()
    }

    pub(super) fn full_names(&self) -> impl Iterator<Item = String> {
        let vendor = if self.name.contains("::") { "" } else { "AWS::" };
        self.types.iter().map(move |kind| format!("{vendor}{}::{kind}", self.name))
    }

    pub(super) fn schema<'d>(&self, dictionary: impl FnOnce() -> &'d DecoderDictionary<'static>) -> &Blob {
        self.blob(0, dictionary)
    }

    pub(super) fn docs<'d>(&self, dictionary: impl FnOnce() -> &'d DecoderDictionary<'static>) -> &Blob {
        self.blob(1, dictionary)
    }

    fn blob<'d>(&self, which: usize, dictionary: impl FnOnce() -> &'d DecoderDictionary<'static>) -> &Blob {
        self.unpacked[which].get_or_init(|| {
            let Packed { bytes, size } = self.packed[which];
            let bytes = zstd::bulk::Decompressor::with_prepared_dictionary(dictionary())
                .and_then(|mut zstd| zstd.decompress(bytes, size))
                .expect("the embedded schema was compressed with its dictionary");
            Blob::new(bytes)
        })
    }
}
