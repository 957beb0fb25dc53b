//! An unpacked blob: numbered strings, nodes and types, read in place.

/// The strings and records of one service.
pub(super) struct Blob {
    bytes: Vec<u8>,
    /// The start of each record, and after the last one its end: strings, then nodes, then types.
    starts: Vec<u32>,
    strings: usize,
    nodes: usize,
}

impl Blob {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        let mut cursor = Cursor::new(&bytes);
        let counts = [cursor.varint(), cursor.varint(), cursor.varint()];
        let records = counts.iter().sum::<usize>();
        let mut starts = Vec::with_capacity(records + 1);
        let mut at = 0;
        starts.push(0);
        for _ in 0..records {
            at += u32::try_from(cursor.varint()).expect("a blob is far below 4 GiB");
            starts.push(at);
        }
        let base = u32::try_from(bytes.len() - cursor.rest.len()).expect("a blob is far below 4 GiB");
        for start in &mut starts {
            *start += base;
        }
        Self { bytes, starts, strings: counts[0], nodes: counts[1] }
    }

    pub(super) fn text(&self, number: usize) -> &str {
        std::str::from_utf8(self.record(number)).expect("strings of the pack are UTF-8")
    }

    /// Compares without validating again.
    pub(super) fn is_text(&self, number: usize, text: &str) -> bool {
        self.record(number) == text.as_bytes()
    }

    pub(super) fn node(&self, number: usize) -> Cursor<'_> {
        Cursor::new(self.record(self.strings + number))
    }

    pub(super) fn kind(&self, number: usize) -> Cursor<'_> {
        Cursor::new(self.record(self.strings + self.nodes + number))
    }

    fn record(&self, number: usize) -> &[u8] {
        &self.bytes[self.starts[number] as usize..self.starts[number + 1] as usize]
    }

    /// Returns, in a blob of docs, the text of a type, or of the property at a dotted path. Steps into lists do not
    /// count.
    pub(super) fn doc(&self, kind: usize, path: &str) -> Option<&str> {
        let mut at = self.kind(kind).varint();
        for step in path.split('.').filter(|step| !step.is_empty() && step.parse::<usize>().is_err()) {
            at = self.doc_child(at, step)?;
        }
        let text = self.node(at).varint();
        text.checked_sub(1).map(|text| self.text(text))
    }

    fn doc_child(&self, node: usize, name: &str) -> Option<usize> {
        let mut record = self.node(node);
        record.varint();
        let continued = record.varint();
        let own = (0..record.varint()).map(|_| (record.varint(), record.varint()));
        own.into_iter()
            .find(|(text, _)| matches!(self.text(*text), child if child == name || child == "*"))
            .map(|(_, child)| child)
            .or_else(|| self.doc_child(continued.checked_sub(1)?, name))
    }
}

/// Reads numbers and slices one after the other.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        self.take(1)[0]
    }

    pub(super) fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    pub(super) fn word(&mut self) -> usize {
        self.take(4).iter().rev().fold(0, |word, byte| word << 8 | usize::from(*byte))
    }

    pub(super) fn varint(&mut self) -> usize {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            number |= usize::from(byte & 127) << shift;
            if byte < 128 {
                return number;
            }
            shift += 7;
        }
    }

    /// Returns a string with its length before it, as the index has them.
    pub(super) fn text(&mut self) -> &'a str {
        let length = self.varint();
        std::str::from_utf8(self.take(length)).expect("names of the pack are UTF-8")
    }
}
