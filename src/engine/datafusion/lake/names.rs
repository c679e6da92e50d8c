//! Names of relations as names of files.

/// A name as one part of a path: every byte that is not a letter, a digit, `_` or `-` becomes `~` and two hexadecimal digits.
/// (Not `%`: these paths travel through URLs, which would encode it again.)
pub(in crate::engine::datafusion) fn encode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("~{byte:02X}"));
        }
    }
    out
}

/// The name that [`encode`] made this of; text that it never makes is taken as it is.
pub(in crate::engine::datafusion) fn decode(encoded: &str) -> String {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((before, after)) = rest.split_once('~') {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => return encoded.to_owned(),
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| encoded.to_owned())
}
