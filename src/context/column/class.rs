//! `api.Column`: how templates make columns, and what an engine calls types.

use std::fmt;
use std::sync::Arc;

use super::{ColumnValue, unknown_method};
use crate::context::function::Arguments;
use crate::jinja::{Error, Object, ObjectRepr, State, Value};
use crate::session::Session;
use crate::sql::Dialect;

/// `api.Column`.
#[derive(Clone, Debug)]
pub(in crate::context) struct ColumnClass {
    dialect: Dialect,
    types: &'static Types,
}

/// What an engine calls types.
#[derive(Debug)]
struct Types {
    /// dbt's names of types, and the engine's.
    labels: &'static [(&'static str, &'static str)],
    /// Whether names of types are written in lower case.
    lower: bool,
    /// The type of texts without a size; `character varying(n)` where there is none.
    string: Option<&'static str>,
    /// Whether numeric types have a precision and a scale.
    sized_numbers: bool,
    strings: &'static [&'static str],
    numerics: &'static [&'static str],
    integers: &'static [&'static str],
    floats: &'static [&'static str],
}

const STRINGS: &[&str] = &["text", "character varying", "character", "varchar"];
const NUMERICS: &[&str] = &["numeric", "decimal"];
const FLOATS: &[&str] = &["real", "float4", "float", "double precision", "float8", "double"];
const INTEGERS: &[&str] = &[
    "smallint",
    "integer",
    "bigint",
    "smallserial",
    "serial",
    "bigserial",
    "int2",
    "int4",
    "int8",
    "serial2",
    "serial4",
    "serial8",
];

/// As ANSI engines have it.
const ANSI: Types = Types {
    labels: &[("STRING", "TEXT")],
    lower: false,
    string: None,
    sized_numbers: true,
    strings: STRINGS,
    numerics: NUMERICS,
    integers: INTEGERS,
    floats: FLOATS,
};

/// The embedded engine: floats of 64 bits and integers of 64 bits, as its CSV files have them.
const DATAFUSION: Types = Types {
    labels: &[
        ("STRING", "varchar"),
        ("TEXT", "varchar"),
        ("FLOAT", "double"),
        ("INTEGER", "bigint"),
        ("INT", "bigint"),
    ],
    string: Some("varchar"),
    integers: &[
        "tinyint",
        "smallint",
        "int",
        "integer",
        "bigint",
        "tinyint unsigned",
        "smallint unsigned",
        "int unsigned",
        "integer unsigned",
        "bigint unsigned",
    ],
    ..ANSI
};

const BIGQUERY: Types = Types {
    labels: &[
        ("TEXT", "STRING"),
        ("FLOAT", "FLOAT64"),
        ("INTEGER", "INT64"),
        ("BOOLEAN", "BOOLEAN"),
        ("RECORD", "RECORD"),
    ],
    string: Some("string"),
    sized_numbers: false,
    strings: &["string", "text"],
    numerics: &["numeric", "bignumeric"],
    integers: &["int64"],
    floats: &["float64"],
    ..ANSI
};

const SNOWFLAKE: Types = Types {
    strings: &["text", "character varying", "character", "varchar", "string", "char"],
    numerics: &["int", "integer", "bigint", "smallint", "tinyint", "byteint", "numeric", "decimal", "number"],
    integers: &[],
    floats: &["float", "float4", "float8", "double", "double precision", "real"],
    ..ANSI
};

const SPARK: Types = Types {
    labels: &[("LONG", "BIGINT")],
    lower: true,
    string: Some("string"),
    strings: &["string", "text", "varchar", "char"],
    integers: &["tinyint", "smallint", "int", "integer", "bigint", "long"],
    ..ANSI
};

const TRINO: Types = Types {
    labels: &[("STRING", "VARCHAR"), ("FLOAT", "DOUBLE")],
    string: Some("varchar"),
    strings: &["varchar", "char", "varbinary", "json"],
    integers: &["tinyint", "smallint", "integer", "int", "bigint"],
    ..ANSI
};

const DUCKDB: Types = Types {
    string: Some("varchar"),
    integers: &["tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint"],
    ..ANSI
};

impl ColumnClass {
    /// The class for the session's engine.
    pub(in crate::context) fn new(session: &Session) -> Arc<Self> {
        let types = match session.target.kind.as_str() {
            "datafusion" => &DATAFUSION,
            "bigquery" => &BIGQUERY,
            "snowflake" => &SNOWFLAKE,
            "spark" | "databricks" => &SPARK,
            "trino" | "athena" => &TRINO,
            "duckdb" => &DUCKDB,
            _ => &ANSI,
        };
        Arc::new(ColumnClass { dialect: session.dialect, types })
    }

    pub(super) fn quote(&self, name: &str) -> String {
        self.dialect.quote(name)
    }

    pub(super) fn is_string(&self, dtype: &str) -> bool {
        is_one_of(dtype, self.types.strings)
    }

    pub(super) fn is_numeric(&self, dtype: &str) -> bool {
        is_one_of(dtype, self.types.numerics)
    }

    pub(super) fn is_integer(&self, dtype: &str) -> bool {
        is_one_of(dtype, self.types.integers)
    }

    pub(super) fn is_float(&self, dtype: &str) -> bool {
        is_one_of(dtype, self.types.floats)
    }

    /// The type of texts of a size; of those without one, the engine's own.
    pub(super) fn sized_string(&self, dtype: &str, size: Option<u64>) -> String {
        match (size, self.types.string) {
            (None, Some(_)) => dtype.to_owned(),
            (size, _) => self.string_type(size.unwrap_or(256)),
        }
    }

    pub(super) fn numeric_type(&self, dtype: &str, precision: Option<i64>, scale: Option<i64>) -> String {
        match (precision, scale) {
            (Some(precision), Some(scale)) if self.types.sized_numbers => format!("{dtype}({precision},{scale})"),
            _ => dtype.to_owned(),
        }
    }

    fn string_type(&self, size: u64) -> String {
        match self.types.string {
            Some("string") => "string".to_owned(),
            Some(name) => format!("{name}({size})"),
            None => format!("character varying({size})"),
        }
    }

    fn translate_type(&self, dtype: &str) -> String {
        let label = self.types.labels.iter().find(|(label, _)| label.eq_ignore_ascii_case(dtype));
        let name = label.map_or(dtype, |(_, name)| name);
        if self.types.lower { name.to_lowercase() } else { name.to_owned() }
    }

    fn make(self: &Arc<Self>, arguments: &Arguments) -> Result<Value, Error> {
        let number = |position, name| {
            let value = arguments.get(position, name);
            value.filter(|value| !value.is_none()).and_then(|value| i64::try_from(value).ok())
        };
        let column = ColumnValue {
            class: Arc::clone(self),
            name: arguments.required_text(0, "column")?,
            dtype: arguments.required_text(1, "dtype")?,
            char_size: number(2, "char_size").and_then(|size| u64::try_from(size).ok()),
            precision: number(3, "numeric_precision"),
            scale: number(4, "numeric_scale"),
        };
        Ok(column.into_value())
    }

    /// What the class itself can do, which its columns can too.
    pub(super) fn method(self: &Arc<Self>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let arguments = |function| Arguments::of(function, args);
        Ok(match method {
            "create" => {
                let arguments = arguments("Column.create")?;
                let dtype = self.translate_type(&arguments.required_text(1, "label_or_dtype")?);
                ColumnValue {
                    class: Arc::clone(self),
                    name: arguments.required_text(0, "name")?,
                    dtype,
                    char_size: None,
                    precision: None,
                    scale: None,
                }
                .into_value()
            }
            "from_description" => {
                let arguments = arguments("Column.from_description")?;
                let sql_type = arguments.required_text(1, "raw_data_type")?;
                ColumnValue::described(self, &arguments.required_text(0, "name")?, &sql_type).into_value()
            }
            "translate_type" => {
                Value::from(self.translate_type(&arguments("Column.translate_type")?.required_text(0, "dtype")?))
            }
            "string_type" => {
                let size = arguments("Column.string_type")?.get(0, "size").and_then(|size| u64::try_from(size).ok());
                Value::from(self.string_type(size.unwrap_or(256)))
            }
            "numeric_type" => {
                let arguments = arguments("Column.numeric_type")?;
                let number = |position, name| {
                    let value = arguments.get(position, name);
                    value.filter(|value| !value.is_none()).and_then(|value| i64::try_from(value).ok())
                };
                let dtype = arguments.required_text(0, "dtype")?;
                Value::from(self.numeric_type(&dtype, number(1, "precision"), number(2, "scale")))
            }
            _ => return Err(unknown_method()),
        })
    }
}

fn is_one_of(dtype: &str, names: &[&str]) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case(dtype))
}

impl Object for ColumnClass {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        self.make(&Arguments::of("Column", args)?)
    }

    fn call_method(self: &Arc<Self>, _state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        self.method(method, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<class Column>")
    }
}
