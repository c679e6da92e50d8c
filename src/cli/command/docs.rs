//! `transform docs generate`: what the project says and what exists in the database, for documentation sites.

use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use crate::artifact::{Catalog, CatalogColumn, CatalogTable, CatalogTableMetadata, Metadata, no_stats};
use crate::base::{IndexMap, IndexSet, counted};
use crate::cli::arguments::{CompileArgs, DocsCommand, DocsGenerateArgs};
use crate::cli::command::compile;
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::{Workspace, runtime};
use crate::engine::{Comments, Engine, EngineError, RelationInfo, RelationKind};
use crate::manifest::UniqueId;
use crate::session::Flags;
use crate::sql::Relation;

/// How many relations are looked up at once.
const AT_ONCE: usize = 16;

/// Runs the command.
pub(in crate::cli) fn run(flags: &Flags, command: &DocsCommand, printer: &Printer) -> Result<Exit, Failure> {
    match command {
        DocsCommand::Generate(args) => generate(flags, args, printer),
    }
}

fn generate(flags: &Flags, args: &DocsGenerateArgs, printer: &Printer) -> Result<Exit, Failure> {
    if !args.no_compile {
        let compiled = CompileArgs { select: args.select.clone(), ..CompileArgs::default() };
        let compilation = compile::Compilation::of(flags, &compiled, printer)?;
        compilation.write(&compiled)?;
        compilation.must_be_whole()?;
    }
    let workspace = Workspace::open(flags, &printer.silent())?;
    if args.no_compile {
        workspace.write_manifest()?;
    }
    let mut catalog = Catalog {
        metadata: Metadata::new("catalog", 1, &workspace.project.session),
        nodes: IndexMap::default(),
        sources: IndexMap::default(),
        errors: None,
    };
    if !args.empty_catalog {
        let chosen = workspace.choose(&args.select, printer)?;
        fill(&workspace, &chosen, &mut catalog)?;
    }
    workspace.write_artifact("catalog.json", &catalog)?;
    let (nodes, sources) = (counted(catalog.nodes.len(), "node"), counted(catalog.sources.len(), "source"));
    let path = workspace.project.target_dir.join("catalog.json");
    printer.line(&format!("wrote {nodes} and {sources} to {}", path.display()));
    Ok(if catalog.errors.is_some() { Exit::Failed } else { Exit::Success })
}

/// Looks up every relation that the chosen nodes and sources stand for.
fn fill(workspace: &Workspace, chosen: &IndexSet<UniqueId>, catalog: &mut Catalog) -> Result<(), Failure> {
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
            let sql = format!("select * from {} where false", relation.render(engine.dialect()));
            engine.query(&sql, &CancellationToken::new()).await?.schema
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
