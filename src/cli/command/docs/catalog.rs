//! What exists in the database, for `catalog.json`.

use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use crate::artifact::{Catalog, CatalogColumn, CatalogTable, CatalogTableMetadata, Metadata, no_stats};
use crate::base::{IndexMap, IndexSet};
use crate::cli::exit::Failure;
use crate::cli::workspace::{Workspace, runtime};
use crate::engine::{Comments, Engine, EngineError, RelationInfo, RelationKind};
use crate::manifest::UniqueId;
use crate::sql::Relation;

/// How many relations are looked up at once.
const AT_ONCE: usize = 16;

/// A catalog without relations.
pub(super) fn empty(workspace: &Workspace) -> Catalog {
    Catalog {
        metadata: Metadata::new("catalog", 1, &workspace.project.session),
        nodes: IndexMap::default(),
        sources: IndexMap::default(),
        errors: None,
    }
}

/// Looks up every relation that the chosen nodes and sources stand for.
pub(super) fn fill(workspace: &Workspace, chosen: &IndexSet<UniqueId>, catalog: &mut Catalog) -> Result<(), Failure> {
    let manifest = workspace.manifest();
    let engine = workspace.engine()?;
    let nodes = manifest.nodes.values().filter(|node| chosen.contains(&node.id));
    let nodes = nodes.filter_map(|node| Some((node.id.clone(), node.relation.clone()?)));
    let sources = manifest.sources.values().filter(|source| chosen.contains(&source.id));
    let sources = sources.map(|source| (source.id.clone(), source.relation.clone()));
    let wanted: Vec<(UniqueId, Relation)> = nodes.chain(sources).collect();
    let found: Vec<_> = runtime()?.block_on(async {
        let lookups = futures::stream::iter(wanted).map(|(id, relation)| {
            let engine = &engine;
            async move { (table(engine.as_ref(), &id, &relation).await, relation) }
        });
        lookups.buffered(AT_ONCE).collect().await
    });
    let mut errors = Vec::new();
    for (result, relation) in found {
        match result {
            Ok(None) => {}
            Ok(Some(table)) if table.unique_id.as_str().starts_with("source.") => {
                catalog.sources.insert(table.unique_id.clone(), table);
            }
            Ok(Some(table)) => _ = catalog.nodes.insert(table.unique_id.clone(), table),
            Err(error) => errors.push(workspace.project.session.scrub(&format!("{relation}: {error}"))),
        }
    }
    catalog.errors = Some(errors).filter(|errors| !errors.is_empty());
    Ok(())
}

/// What exists under a name, if anything.
async fn table(engine: &dyn Engine, id: &UniqueId, relation: &Relation) -> Result<Option<CatalogTable>, EngineError> {
    let Some(RelationInfo { kind, comments, schema, .. }) = engine.relation(relation).await? else { return Ok(None) };
    let schema = match schema {
        Some(schema) => schema,
        None => {
            let sql = format!("select * from {}", relation.render(engine.dialect()));
            engine.columns(&sql, &CancellationToken::new()).await?
        }
    };
    let Comments { relation: comment, columns: remarks } = comments;
    let remark = |name: &str| remarks.iter().find(|(column, _)| column == name).map(|(_, remark)| remark.clone());
    let columns = schema.fields().iter().enumerate().map(|(position, field)| {
        let name = field.name().clone();
        let column = CatalogColumn {
            data_type: engine.type_name(field.data_type()),
            index: position + 1,
            comment: remark(&name),
            name: name.clone(),
        };
        (name, column)
    });
    let kind = match kind {
        RelationKind::View => "VIEW",
        RelationKind::Table => "BASE TABLE",
        RelationKind::External => "EXTERNAL TABLE",
    };
    let metadata = CatalogTableMetadata {
        kind: kind.to_owned(),
        schema: relation.schema.clone(),
        name: relation.identifier.clone(),
        database: Some(relation.database.clone()),
        comment,
        owner: None,
    };
    Ok(Some(CatalogTable { metadata, columns: columns.collect(), stats: no_stats(), unique_id: id.clone() }))
}
