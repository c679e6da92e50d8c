//! What a relation is called outside of its engine.
//!
//! The names are those of OpenLineage's naming of datasets, by which tools tell that they speak of the same thing: where the data lies,
//! and which of what lies there it is.

/// A relation as other tools name it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DatasetName {
    /// Where it lies: `file`, `s3://bucket`, `bigquery`, `snowflake://organization-account`.
    pub namespace: String,
    /// Which it is there: an absolute path, a key of the bucket, `project.dataset.table`.
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
                (format!("{scheme}://{bucket}"), key.trim_start_matches('/'))
            }
        };
        let name = path.trim_end_matches('/');
        DatasetName { namespace, name: if name.is_empty() { "/".to_owned() } else { name.to_owned() } }
    }

    /// Files, as a pattern names them: what lies in the folder before its first wildcard.
    #[must_use]
    pub fn of_files(pattern: &str) -> Self {
        match pattern.find(['*', '?', '[', '{']) {
            Some(wildcard) => Self::at(pattern[..wildcard].rfind('/').map_or("", |slash| &pattern[..=slash])),
            None => Self::at(pattern),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DatasetName;

    #[test]
    fn files_are_named_by_their_place() {
        for (location, namespace, name) in [
            ("/data/orders.csv", "file", "/data/orders.csv"),
            ("file:///data/orders/", "file", "/data/orders"),
            ("/data/orders/*/part-*.csv", "file", "/data/orders"),
            ("s3a://shop/raw/{a,b}.parquet", "s3://shop", "raw"),
            ("gs://shop/raw/orders.parquet", "gs://shop", "raw/orders.parquet"),
            ("gs://shop", "gs://shop", "/"),
            ("/*.csv", "file", "/"),
        ] {
            let found = DatasetName::of_files(location);
            assert_eq!((found.namespace.as_str(), found.name.as_str()), (namespace, name), "{location}");
        }
    }
}
