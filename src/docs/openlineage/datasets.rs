//! What a node reads and makes, as datasets with what is known of them.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use serde_json::{Map, Value as Json, json};

use super::event::{Facets, facet, foreign_facet, ownership, tag};
use crate::analyze::{AllFacts, Analyses, Analyzed, ColumnId};
use crate::base::{HashMap, IndexMap, IndexSet, plain_text};
use crate::engine::analysis::{Analysis, ColumnRef, Flow, Influence};
use crate::engine::{DatasetName, Engine};
use crate::manifest::{Manifest, Node, ResourceType, TestKind, TestSeverity, UniqueId};
use crate::run::{NodeResult, Status};
use crate::session::Session;
use crate::sql::Relation;

/// The schema of the facet by which the integration with dbt tells of exposures.
const EXPOSURES: &str = "https://github.com/OpenLineage/OpenLineage/tree/main/integration/common/openlineage/schema/dbt-exposures-dataset-facet.json";

/// What is known of a project when it runs.
#[derive(Debug)]
pub struct Project<'a> {
    /// The project.
    pub manifest: &'a Manifest,
    /// Its session.
    pub session: &'a Session,
    /// Where it runs.
    pub engine: &'a dyn Engine,
    /// What the SQL of the nodes that run means, and what they read is now.
    pub running: Analyses,
    /// What that of all that is behind them means.
    pub behind: Analyses,
    /// The relations that are read in the place of a node's own, as `--defer` has it.
    pub deferred: HashMap<UniqueId, Relation>,
    /// What is said of columns.
    pub facts: AllFacts,
}

impl Project<'_> {
    /// What SQL calls a node or a source that is read.
    fn relation(&self, id: &UniqueId) -> Option<&Relation> {
        self.deferred.get(id).or_else(|| self.manifest.relation(id))
    }

    /// What a node reads. Of a test that ended there is also what it found.
    pub(super) fn inputs(&self, node: &Node, result: Option<&NodeResult>) -> Vec<Json> {
        let mut read = IndexSet::default();
        // A unit test reads rows of its own.
        if node.resource == ResourceType::UnitTest {
            return Vec::new();
        }
        if let Some(TestKind::Generic(test)) = &node.test {
            read.extend(test.attached.clone());
        }
        self.collect(&node.depends_on, &mut read);
        let asserted = result.and_then(|result| self.assertion(node, result));
        let of = |id: &UniqueId| {
            let relation = self.relation(id)?;
            let mut facets = self.facets(id);
            if self.manifest.sources.contains_key(id) {
                facets.extend(self.exposures(id));
            }
            let mut written = self.dataset(relation, facets);
            // A test is about the first of what it reads.
            if let Some(asserted) = asserted.as_ref().filter(|_| read.first() == Some(id)) {
                written["inputFacets"] = json!({ "dataQualityAssertions": asserted });
            }
            Some(written)
        };
        read.iter().filter_map(of).collect()
    }

    /// The relations behind these ids: of an ephemeral model those that it reads.
    fn collect(&self, ids: &[UniqueId], read: &mut IndexSet<UniqueId>) {
        for id in ids {
            match self.manifest.node(id) {
                Some(node) if node.is_ephemeral() => self.collect(&node.depends_on, read),
                _ => _ = read.insert(id.clone()),
            }
        }
    }

    /// What a node makes; of a run that ended well with where it comes from and how much it is.
    pub(super) fn outputs(&self, node: &Node, result: Option<&NodeResult>) -> Vec<Json> {
        let Some(relation) = node.relation.as_ref().filter(|_| node.test.is_none()) else { return Vec::new() };
        let mut facets = self.facets(&node.id);
        let Some(result) = result.filter(|result| result.status == Status::Success) else {
            return vec![self.dataset(relation, facets)];
        };
        if let Some(Analyzed::Query(analysis)) = self.running.get(&node.id) {
            facets.insert("columnLineage".to_owned(), self.column_lineage(relation, analysis));
        }
        facets.extend(self.exposures(&node.id));
        let mut written = self.dataset(relation, facets);
        if let Some(rows) = result.rows {
            let statistics = facet(("OutputStatisticsOutputDatasetFacet", "1-0-2"), json!({ "rowCount": rows }));
            written["outputFacets"] = json!({ "outputStatistics": statistics });
        }
        vec![written]
    }

    fn dataset(&self, relation: &Relation, mut facets: Facets) -> Json {
        let DatasetName { namespace, name } = self.engine.dataset(relation);
        if namespace.contains("://") {
            let source = json!({ "name": namespace, "uri": namespace });
            facets.insert("dataSource".to_owned(), facet(("DatasourceDatasetFacet", "1-0-1"), source));
        }
        // By its place other tools know it, by its name those who write SQL: in the lake two folders above.
        let lake = name.rsplitn(3, '/').nth(2).filter(|_| self.makes(relation));
        if let Some(lake) = lake {
            let scheme = if namespace == "file" { "file://" } else { &namespace };
            let separator = if lake.starts_with('/') { "" } else { "/" };
            let named = json!({
                "namespace": format!("{scheme}{separator}{lake}"),
                "name": format!("{}.{}", relation.schema, relation.identifier),
                "type": "TABLE",
            });
            let symlinks = json!({ "identifiers": [named] });
            facets.insert("symlinks".to_owned(), facet(("SymlinksDatasetFacet", "1-0-1"), symlinks));
        }
        json!({ "namespace": namespace, "name": name, "facets": facets })
    }

    /// Whether a relation is one that a node of the project makes.
    fn makes(&self, relation: &Relation) -> bool {
        let own = |id: &UniqueId| self.manifest.nodes.contains_key(id);
        let maker = self.running.maker(relation).or_else(|| self.behind.maker(relation));
        maker.is_some_and(own)
    }

    /// What the project says of a relation, and its columns as far as they are known.
    fn facets(&self, id: &UniqueId) -> Facets {
        let mut facets = Facets::new();
        let fields = self.fields(id);
        if !fields.is_empty() {
            facets.insert("schema".to_owned(), facet(("SchemaDatasetFacet", "1-2-0"), json!({ "fields": fields })));
        }
        let source = self.manifest.sources.get(id);
        let node = self.manifest.nodes.get(id);
        let description = source.map(|source| &source.description).or(node.map(|node| &node.description));
        if let Some(description) = description.filter(|description| !description.trim().is_empty()) {
            let said = json!({ "description": description, "contentType": "text/markdown" });
            facets.insert("documentation".to_owned(), facet(("DocumentationDatasetFacet", "1-1-0"), said));
        }
        if let Some(owner) = node.and_then(|node| self.owner(node)) {
            facets.insert("ownership".to_owned(), ownership("OwnershipDatasetFacet", &owner));
        }
        let tags = self.tags(id, node.map(|node| node.as_ref()));
        if !tags.is_empty() {
            facets.insert("tags".to_owned(), facet(("TagsDatasetFacet", "1-0-0"), json!({ "tags": tags })));
        }
        facets
    }

    /// The columns with their types and what is said of them, inherited or not.
    fn fields(&self, id: &UniqueId) -> Vec<Json> {
        let fields =
            self.columns(id).into_iter().flat_map(|columns| columns.fields()).enumerate().map(|(at, field)| {
                let facts = self.facts.get(&ColumnId { node: id.clone(), column: field.name().clone() });
                let mut written = Map::new();
                written.insert("name".to_owned(), field.name().as_str().into());
                written.insert("type".to_owned(), self.engine.type_name(field.data_type()).into());
                let description = facts.and_then(|facts| facts.description.as_ref());
                written.extend(description.map(|said| ("description".to_owned(), said.value.as_str().into())));
                written.insert("ordinal_position".to_owned(), (at + 1).into());
                Json::Object(written)
            });
        fields.collect()
    }

    /// The columns of a node or source: as they are when it runs, else as they will be.
    fn columns(&self, id: &UniqueId) -> Option<&SchemaRef> {
        let running = self.running.get(id).and_then(Analyzed::columns);
        running.or_else(|| self.behind.get(id).and_then(Analyzed::columns))
    }

    /// The tags of the node, and the tags and `meta` of its columns; each key once.
    fn tags(&self, id: &UniqueId, node: Option<&Node>) -> Vec<Json> {
        let own = node.into_iter().flat_map(|node| &node.config.tags);
        let mut tags: Vec<Json> = own.filter(|key| !key.is_empty()).map(|key| tag(key, "true", None)).collect();
        for field in self.columns(id).into_iter().flat_map(|columns| columns.fields()) {
            let column = ColumnId { node: id.clone(), column: field.name().clone() };
            let Some(facts) = self.facts.get(&column) else { continue };
            let meta = facts.meta.iter().filter(|(_, fact)| !fact.value.is_null());
            let meta = meta.map(|(key, fact)| (key, plain_text(&fact.value)));
            let plain = facts.tags.keys().filter(|key| !facts.meta.contains_key(*key));
            let all = meta.chain(plain.map(|key| (key, "true".to_owned())));
            tags.extend(
                all.filter(|(key, _)| !key.is_empty()).map(|(key, value)| tag(key, &value, Some(field.name()))),
            );
        }
        tags
    }

    /// Who answers for a node: `meta.owner`, or the owner of its group.
    pub(super) fn owner(&self, node: &Node) -> Option<String> {
        let said = node.config.meta().get("owner").and_then(Json::as_str).map(str::to_owned);
        said.or_else(|| {
            let group = self.manifest.groups.values().find(|group| Some(&group.name) == node.group.as_ref())?;
            ["name", "email"].iter().find_map(|key| group.owner.get(*key)?.as_str().map(str::to_owned))
        })
    }

    /// The exposures that read a node or source.
    fn exposures(&self, id: &UniqueId) -> Option<(String, Json)> {
        let readers = self.manifest.exposures.values().filter(|exposure| exposure.depends_on.contains(id));
        let written: Vec<Json> = readers
            .map(|exposure| {
                let properties = &exposure.properties;
                let mut written = Map::new();
                written.insert("unique_id".to_owned(), exposure.id.as_str().into());
                written.insert("name".to_owned(), properties.name.as_str().into());
                written.insert("type".to_owned(), properties.kind.as_str().into());
                written.extend(properties.url.as_ref().map(|url| ("url".to_owned(), url.as_str().into())));
                Json::Object(written)
            })
            .collect();
        (!written.is_empty())
            .then(|| ("dbt_exposures".to_owned(), foreign_facet(EXPOSURES, json!({ "exposures": written }))))
    }

    /// For each column those that its values come from, and once for all those that decide about the rows.
    fn column_lineage(&self, relation: &Relation, analysis: &Analysis) -> Json {
        let mut fields = Map::new();
        for (field, origins) in analysis.schema.fields().iter().zip(&analysis.columns) {
            let values = origins.values.iter().map(|(column, flow)| (column, direct(*flow)));
            let deciding = origins.influences.iter().map(|(column, how)| (column, indirect(*how)));
            let read = self.read(relation, values.chain(deciding));
            if !read.is_empty() {
                fields.insert(field.name().clone(), json!({ "inputFields": read }));
            }
        }
        let deciding = analysis.influences.iter().map(|(column, how)| (column, indirect(*how)));
        let dataset = self.read(relation, deciding);
        let dataset = if dataset.is_empty() { Json::Null } else { dataset.into() };
        facet(("ColumnLineageDatasetFacet", "1-2-0"), json!({ "fields": fields, "dataset": dataset }))
    }

    /// The columns that are read, each with all that is done with it. What a relation reads of its own earlier rows is no lineage.
    fn read<'c>(
        &self,
        relation: &Relation,
        columns: impl Iterator<Item = (&'c Arc<ColumnRef>, (&'static str, &'static str))>,
    ) -> Vec<Json> {
        let mut all: IndexMap<&Arc<ColumnRef>, Vec<Json>> = IndexMap::default();
        for (column, (kind, subtype)) in columns.filter(|(column, _)| column.relation != *relation) {
            all.entry(column).or_default().push(json!({ "type": kind, "subtype": subtype }));
        }
        let written = all.into_iter().map(|(column, transformations)| {
            let DatasetName { namespace, name } = self.engine.dataset(&column.relation);
            json!({
                "namespace": namespace,
                "name": name,
                "field": column.column,
                "transformations": transformations,
            })
        });
        written.collect()
    }

    /// What a data test says of what it reads.
    fn assertion(&self, node: &Node, result: &NodeResult) -> Option<Json> {
        let config = node.config.test.as_ref()?;
        let (kind, column) = match &node.test {
            Some(TestKind::Generic(test)) => (test.name.as_str(), test.column.as_deref()),
            _ => (node.name.as_str(), None),
        };
        if result.failures.is_none() && result.status != Status::Pass {
            return None;
        }
        let is_error = config.severity == TestSeverity::Error;
        let mut said = Map::new();
        said.insert("assertion".to_owned(), kind.into());
        said.insert("success".to_owned(), (result.status == Status::Pass).into());
        said.extend(column.map(|column| ("column".to_owned(), column.into())));
        let severity = if is_error { "error" } else { "warn" };
        said.insert("severity".to_owned(), severity.into());
        said.insert("name".to_owned(), node.name.as_str().into());
        let condition = if is_error { &config.error_if } else { &config.warn_if };
        let expected = if condition == "!= 0" { "0" } else { condition.as_str() };
        said.insert("expected".to_owned(), expected.into());
        said.extend(result.failures.map(|failures| ("actual".to_owned(), failures.to_string().into())));
        let description = Some(node.description.trim()).filter(|text| !text.is_empty());
        said.extend(description.map(|text| ("description".to_owned(), text.into())));
        Some(facet(("DataQualityAssertionsDatasetFacet", "1-1-0"), json!({ "assertions": [said] })))
    }
}

fn direct(flow: Flow) -> (&'static str, &'static str) {
    let subtype = match flow {
        Flow::Identity => "IDENTITY",
        Flow::Transform => "TRANSFORMATION",
        Flow::Aggregate => "AGGREGATION",
    };
    ("DIRECT", subtype)
}

fn indirect(influence: Influence) -> (&'static str, &'static str) {
    let subtype = match influence {
        Influence::Filter => "FILTER",
        Influence::Join => "JOIN",
        Influence::Group => "GROUP_BY",
        Influence::Sort => "SORT",
        Influence::Window => "WINDOW",
    };
    ("INDIRECT", subtype)
}
