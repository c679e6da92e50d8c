//! `var()`: variables and where they come from.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json};

/// Variables by precedence: `--vars`, the root project's for a package, the root project's, the package's own.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Vars {
    cli: Map<String, Json>,
    root: Map<String, Json>,
    packages: BTreeMap<String, Map<String, Json>>,
}

impl Vars {
    /// The variables of the command line.
    #[must_use]
    pub fn new(cli: Map<String, Json>) -> Self {
        Vars { cli, ..Vars::default() }
    }

    /// Adds `vars:` of the root project.
    #[must_use]
    pub fn with_root(mut self, vars: Map<String, Json>) -> Self {
        self.root = vars;
        self
    }

    /// Adds `vars:` of a package's own project file.
    pub fn add_package(&mut self, package: &str, vars: Map<String, Json>) {
        self.packages.insert(package.to_owned(), vars);
    }

    /// The variables of the command line.
    #[must_use]
    pub fn cli(&self) -> &Map<String, Json> {
        &self.cli
    }

    /// `vars:` of the root project as written.
    #[must_use]
    pub fn root(&self) -> &Map<String, Json> {
        &self.root
    }

    /// The value of a variable as a node of `package` sees it.
    #[must_use]
    pub fn get(&self, package: &str, name: &str) -> Option<&Json> {
        self.cli
            .get(name)
            .or_else(|| self.root.get(package).and_then(|vars| vars.get(name)))
            .or_else(|| self.root.get(name))
            .or_else(|| {
                let own = self.packages.get(package)?;
                own.get(package).and_then(|vars| vars.get(name)).or_else(|| own.get(name))
            })
    }

    /// The names that a node of `package` can ask for.
    pub fn names<'v>(&'v self, package: &str) -> Vec<&'v str> {
        let own = self.packages.get(package);
        let scoped = [self.root.get(package), own.and_then(|vars| vars.get(package))];
        let scoped = scoped.into_iter().flatten().filter_map(Json::as_object);
        let all = [Some(&self.cli), Some(&self.root), own].into_iter().flatten().chain(scoped);
        all.flat_map(|vars| vars.keys().map(String::as_str)).collect()
    }
}
