//! What a relation is called outside of its engine.
//!
//! The names are those of OpenLineage's naming of datasets, by which tools tell that they speak of the same thing: where the data lies,
//! and which of what lies there it is.

/// A relation as other tools name it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DatasetName {
    /// Where it lies: `file`, `s3://bucket`.
    pub namespace: String,
    /// Which it is there: an absolute path, a key of the bucket.
    pub name: String,
}

impl DatasetName {
    /// What lies at an absolute path of this machine, or at a URL.
    #[must_use]
    pub fn at(location: &str) -> Self {
        let (namespace, path) = match location.split_once("://") {
            None => ("file".to_owned(), location),
            Some(("file", path)) => ("file".to_owned(), path),
            Some((scheme, rest)) => {
                let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
                // S3 is one store, whatever the library is called that reads it.
                let scheme = if matches!(scheme, "s3a" | "s3n") { "s3" } else { scheme };
                (format!("{scheme}://{bucket}"), key)
            }
        };
        let root = if path.starts_with('/') && namespace == "file" { "/" } else { "" };
        let name = format!("{root}{}", clean(path));
        DatasetName { namespace, name: if name.is_empty() { "/".to_owned() } else { name } }
    }

    /// Files, as a pattern names them: the folder that it takes whole, else what the pattern says, for others may take the rest.
    #[must_use]
    pub fn of_files(pattern: &str) -> Self {
        let parts: Vec<&str> = pattern.split('/').collect();
        let is_pattern = |part: &&str| part.contains(['*', '?', '[', '{']);
        match parts.iter().position(is_pattern) {
            Some(first) if parts[first..].iter().all(|part| takes_all(part)) => Self::at(&parts[..first].join("/")),
            _ => Self::at(pattern),
        }
    }
}

/// Whether a part of a pattern leaves nothing for others: `*`, `**`, `*.csv`, `part-*.parquet`, `day=*`.
fn takes_all(part: &str) -> bool {
    let stem = part.split_once('.').map_or(part, |(stem, _)| stem);
    let stem = stem.strip_prefix("part-").or_else(|| Some(stem.split_once('=')?.1)).unwrap_or(stem);
    !stem.is_empty() && stem.chars().all(|letter| letter == '*')
}

/// A path without `.`, `..` and slashes that say nothing.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::DatasetName;

    #[test]
    fn files_are_named_by_their_place() {
        for (location, namespace, name) in [
            ("/data/orders.csv", "file", "/data/orders.csv"),
            ("file:///data/orders/", "file", "/data/orders"),
            ("/data/./shop/../orders//new.csv", "file", "/data/orders/new.csv"),
            ("/data/orders/*/part-*.csv", "file", "/data/orders"),
            ("/data/orders/day=*/*.parquet", "file", "/data/orders"),
            ("/data/**", "file", "/data"),
            ("/data/orders_*.csv", "file", "/data/orders_*.csv"),
            ("/data/*/orders.csv", "file", "/data/*/orders.csv"),
            ("s3a://shop/raw/{a,b}.parquet", "s3://shop", "raw/{a,b}.parquet"),
            ("gs://shop/raw/orders.parquet", "gs://shop", "raw/orders.parquet"),
            ("gs://shop", "gs://shop", "/"),
            ("/*.csv", "file", "/"),
        ] {
            let found = DatasetName::of_files(location);
            assert_eq!((found.namespace.as_str(), found.name.as_str()), (namespace, name), "{location}");
        }
    }
}
