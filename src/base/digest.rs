//! Digests as lower-case hexadecimal, in the two kinds that dbt's formats name.

use md5::Md5;
use sha2::{Digest, Sha256};

/// MD5 of `bytes`: 32 hexadecimal digits. Used where dbt's naming rules ask for it, never for security.
#[must_use]
pub fn md5_hex(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

/// SHA-256 of `bytes`: 64 hexadecimal digits. The checksum of files in the manifest.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}
