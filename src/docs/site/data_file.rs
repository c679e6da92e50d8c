//! A piece of JSON that the page loads when it needs it.

use std::io::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

/// A piece of JSON with its name.
#[derive(Clone, Debug)]
pub(super) struct DataFile {
    /// What the page calls it.
    pub(super) key: String,
    /// The JSON.
    pub(super) json: String,
}

impl DataFile {
    /// As a script of its own: pages that are opened from disk may load nothing else.
    pub(super) fn script(&self) -> String {
        let mut script = String::with_capacity(self.json.len() + self.json.len() / 16 + 32);
        script.push_str("T.put('");
        push_escaped(&mut script, &self.key);
        script.push_str("','");
        push_escaped(&mut script, &self.json);
        script.push_str("')\n");
        script
    }

    /// As an inert element of the page.
    pub(super) fn block(&self) -> String {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        let packed = packed.write_all(self.json.as_bytes()).and_then(|()| packed.finish()).unwrap_or_default();
        let data = BASE64_STANDARD.encode(packed);
        format!("<script type=\"application/octet-stream\" data-key=\"{}\">{data}</script>\n", self.key)
    }
}

/// The text as it stands between single quotes in a script, which may itself stand in a page: JSON has many double quotes and few single
/// ones. U+2028 and U+2029 end lines to some readers of scripts.
fn push_escaped(script: &mut String, text: &str) {
    let mut from = 0;
    for (at, found) in text.match_indices(['\\', '\'', '<', '\u{2028}', '\u{2029}', '\n', '\r']) {
        script.push_str(&text[from..at]);
        script.push_str(match found {
            "\\" => "\\\\",
            "'" => "\\'",
            "<" => "\\x3c",
            "\u{2028}" => "\\u2028",
            "\u{2029}" => "\\u2029",
            "\n" => "\\n",
            _ => "\\r",
        });
        from = at + found.len();
    }
    script.push_str(&text[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_text_or_the_script() {
        let file = DataFile { key: "n/000".to_owned(), json: "\"</script>'\\n\u{2028}é\"".to_owned() };
        assert_eq!(file.script(), "T.put('n/000','\"\\x3c/script>\\'\\\\n\\u2028é\"')\n");
        assert!(!file.block().contains("</script>'"));
    }
}
