//! The rows of a unit test, wherever they stand: in the property file, in a file of their own, in a seed.

use serde_json::{Map, Value as Json};

use super::{Builder, csv};
use crate::config::FixtureProperties;
use crate::diagnostic::{Diagnostic, codes};
use crate::manifest::{Fixture, FixtureRows};
use crate::parse::reference::{self, Speaker};
use crate::source::Span;

impl Builder<'_, '_> {
    /// The rows of a fixture, wherever they stand.
    pub(super) fn fixture(&mut self, properties: &FixtureProperties) -> Option<Fixture> {
        let text = match (&properties.fixture, &properties.rows) {
            (Some(name), _) => Some(self.file_of(name, properties.span)?),
            (None, Some(Json::String(text))) => Some(text.clone()),
            _ => None,
        };
        let rows = match (properties.format, text, &properties.rows) {
            ("sql", Some(text), _) => FixtureRows::Sql(text),
            ("csv", Some(text), _) => FixtureRows::Rows(complete_first(csv::rows(&text))),
            ("dict", _, Some(Json::Array(items))) => {
                let rows: Option<Vec<Map<String, Json>>> = items.iter().map(|item| item.as_object().cloned()).collect();
                let Some(rows) = rows else {
                    self.error("each row of `rows` is a mapping from columns to values".to_owned(), properties.span);
                    return None;
                };
                FixtureRows::Rows(complete_first(rows))
            }
            ("dict", None, None) if !properties.input.is_empty() => {
                FixtureRows::Rows(complete_first(self.rows_of_seed(properties)?))
            }
            (format, ..) => {
                let wanted = if format == "dict" { "a list of rows" } else { "a text, or a `fixture`" };
                self.error(format!("rows in the format `{format}` are {wanted}"), properties.span);
                return None;
            }
        };
        Some(Fixture {
            input: properties.input.clone(),
            target: None,
            rows,
            format: properties.format,
            fixture: properties.fixture.clone(),
            span: properties.span,
        })
    }

    fn file_of(&mut self, name: &str, at: Span) -> Option<String> {
        let package = self.cx.project.packages.iter().find(|known| known.config.name == self.placed.package)?;
        let Some(file) = package.files.fixtures.iter().find(|file| file.stem() == name) else {
            let message = format!("there is no fixture `{name}`");
            let names = package.files.fixtures.iter().map(crate::load::File::stem);
            self.diagnostics.push(
                Diagnostic::error(codes::UNIT_TEST, message)
                    .at(at)
                    .suggest(name, names)
                    .note("fixtures are `.csv` and `.sql` files below `fixtures/` of the test folders"),
            );
            return None;
        };
        Some(self.cx.session.sources.get(file.id).text().trim().to_owned())
    }

    /// An input without rows is a seed, with the rows of its file.
    fn rows_of_seed(&mut self, properties: &FixtureProperties) -> Option<Vec<Map<String, Json>>> {
        let speaker = Speaker { package: &self.placed.package, kind: "unit_test", name: "" };
        let captured = reference::named_by(self.cx, &speaker, (&properties.input, properties.span), self.diagnostics);
        let call = captured.refs.first();
        let package = call.and_then(|call| call.package.as_deref()).unwrap_or(&self.placed.package);
        let seeds = self.cx.project.packages.iter().filter(|known| known.config.name == package);
        let file =
            call.and_then(|call| seeds.flat_map(|known| &known.files.seeds).find(|file| file.stem() == call.name));
        let bytes = file.and_then(|file| self.cx.session.world.read(&file.absolute).ok());
        let Some(bytes) = bytes else {
            let message = format!("`{}` has no `rows`, and is no seed of package `{package}`", properties.input);
            self.error(message, properties.span);
            return None;
        };
        Some(csv::rows(&String::from_utf8_lossy(&bytes)))
    }
}

/// The rows with the first one that has no missing value put in front: the types of the columns are read off the first.
fn complete_first(mut rows: Vec<Map<String, Json>>) -> Vec<Map<String, Json>> {
    if let Some(complete) = rows.iter().position(|row| row.values().all(|value| !value.is_null())) {
        rows.swap(0, complete);
    }
    rows
}
