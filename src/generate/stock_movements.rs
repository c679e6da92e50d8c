//! The warehouses' movements, in Avro.
//!
//! Its container is simple: a header with the schema, then blocks of rows. It is read and written here, since writers draw the
//! marker between blocks at random, and two runs would not agree.

use std::io::{self, Write};

use super::Retail;
use super::replica::{Replica, later};

/// The bytes of a block, about: no reader needs to hold more.
const BLOCK: usize = 64 * 1024;

/// The length of the marker after each block.
const MARKER: usize = 16;

/// The microseconds of a second.
const MICROSECONDS: i64 = 1_000_000;

/// A row: the fields that copies change, and the bytes of those between.
#[derive(Clone)]
struct Movement<'a> {
    movement_id: String,
    /// `product_id`, `warehouse`, `movement_type`, `quantity` and `unit_cost_cents`.
    between: &'a [u8],
    /// In microseconds.
    occurred_at: i64,
    /// The order or the purchase.
    reference: Option<String>,
}

/// Writes the movements of all copies.
pub(super) fn write(base: &[u8], retail: &Retail, out: &mut dyn Write) -> io::Result<()> {
    let (_, marker) = base.split_last_chunk::<MARKER>().ok_or_else(malformed)?;
    let header = base.windows(MARKER).position(|window| window == marker).ok_or_else(malformed)? + MARKER;
    out.write_all(&base[..header])?;
    let mut block = Block::default();
    let mut input = Input(&base[header..]);
    while !input.0.is_empty() {
        let (count, _size) = (input.long()?, input.long()?);
        for _ in 0..count {
            let movement = input.movement()?;
            block.push(&movement);
            for replica in retail.replicas() {
                block.push(&movement.of(&replica));
                if block.bytes.len() > BLOCK {
                    block.finish(marker, out)?;
                }
            }
        }
        input.take(MARKER)?;
    }
    block.finish(marker, out)
}

impl Movement<'_> {
    /// The same movement in another copy.
    fn of(&self, replica: &Replica) -> Self {
        let mut movement = self.clone();
        let delay = replica.delay(&movement.movement_id);
        let (seconds, rest) = (self.occurred_at.div_euclid(MICROSECONDS), self.occurred_at.rem_euclid(MICROSECONDS));
        movement.occurred_at = later(seconds, delay) * MICROSECONDS + rest;
        replica.rekey(&mut movement.movement_id);
        if let Some(reference) = &mut movement.reference {
            // `PO-1594`, a purchase, is nobody's key.
            replica.rekey_path(reference);
        }
        movement
    }
}

/// Rows that are not written yet.
#[derive(Default)]
struct Block {
    count: i64,
    bytes: Vec<u8>,
}

impl Block {
    fn push(&mut self, movement: &Movement<'_>) {
        self.count += 1;
        put_text(&mut self.bytes, &movement.movement_id);
        self.bytes.extend_from_slice(movement.between);
        put_long(&mut self.bytes, movement.occurred_at);
        match &movement.reference {
            None => put_long(&mut self.bytes, 0),
            Some(reference) => {
                put_long(&mut self.bytes, 1);
                put_text(&mut self.bytes, reference);
            }
        }
    }

    /// Writes the rows, if there are any, and forgets them.
    fn finish(&mut self, marker: &[u8; MARKER], out: &mut dyn Write) -> io::Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        let mut sizes = Vec::new();
        put_long(&mut sizes, self.count);
        put_long(&mut sizes, self.bytes.len() as i64);
        for part in [&sizes, &self.bytes, marker.as_slice()] {
            out.write_all(part)?;
        }
        self.count = 0;
        self.bytes.clear();
        Ok(())
    }
}

/// Numbers are of variable length, the small ones of either sign short.
fn put_long(bytes: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_long(bytes, text.len() as i64);
    bytes.extend_from_slice(text.as_bytes());
}

/// What is left to read.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn movement(&mut self) -> io::Result<Movement<'a>> {
        let movement_id = self.text()?;
        let start = self.0;
        for _ in ["product_id", "warehouse", "movement_type"] {
            self.text()?;
        }
        let _quantity = self.long()?;
        if self.long()? == 1 {
            let _unit_cost_cents = self.long()?;
        }
        let between = &start[..start.len() - self.0.len()];
        let occurred_at = self.long()?;
        let reference = match self.long()? {
            0 => None,
            _ => Some(self.text()?),
        };
        Ok(Movement { movement_id, between, occurred_at, reference })
    }

    fn long(&mut self) -> io::Result<i64> {
        let (mut value, mut shift) = (0u64, 0);
        loop {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f).checked_shl(shift).ok_or_else(malformed)?;
            if byte < 0x80 {
                return Ok((value >> 1) as i64 ^ -((value & 1) as i64));
            }
            shift += 7;
        }
    }

    fn text(&mut self) -> io::Result<String> {
        let length = usize::try_from(self.long()?).map_err(|_| malformed())?;
        String::from_utf8(self.take(length)?.to_vec()).map_err(|_| malformed())
    }

    fn take(&mut self, length: usize) -> io::Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(malformed)?;
        self.0 = rest;
        Ok(taken)
    }
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "these are not the stock movements of the example project")
}
