//! What needs nothing else: digests, maps, near names, the shape of time stamps, and the file that values are kept in.

mod digest;
mod fingerprint;
mod maps;
mod near;
mod python;
mod texts;
mod time;
mod value_file;

pub use digest::{md5_hex, sha1_hex, sha256_hex};
pub use fingerprint::Fingerprint;
pub use maps::{HashMap, HashSet, IndexMap, IndexSet};
pub use near::{counted, nearest, quoted_list};
pub use python::{push_python_repr, python_repr, python_str, python_value};
pub use texts::{innermost, plain_text};
pub use time::{Timestamp, seconds_between};
pub use value_file::{Kept, ValueFile, Written};
