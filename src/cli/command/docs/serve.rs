//! `transform docs serve`: the site on this machine alone, anew whenever the project changes.
//!
//! The site is held in memory: a request names a file of it or nothing, so that no path leads out of it. Only this machine is listened to,
//! and only requests that are meant for it are answered: a page from elsewhere cannot read the site through a name that leads here.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::Stream;
use notify::{RecursiveMode, Watcher};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::site::Content;
use crate::base::HashMap;
use crate::cli::arguments::{CompileArgs, DocsServeArgs};
use crate::cli::command::compile::Compilation;
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::{Workspace, runtime};
use crate::diagnostic::{Diagnostic, codes};
use crate::docs::site::{self, CHANGES};
use crate::session::Flags;

/// How long nothing may have changed before the site is made anew: editors write a file in several steps.
const QUIET: Duration = Duration::from_millis(300);

/// The names by which this machine calls itself.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The files of the site by their paths.
type Files = HashMap<String, axum::body::Bytes>;

/// The site as it is served.
#[derive(Clone)]
struct Served {
    files: Arc<RwLock<Files>>,
    /// How many times it was made.
    made: watch::Sender<u64>,
}

/// Why the command that waits goes on.
enum Waking {
    /// A file of the project has changed.
    Changed,
    /// It is to end.
    Ended,
}

/// Runs the command.
pub(super) fn run(flags: &Flags, args: &DocsServeArgs, printer: &Printer) -> Result<Exit, Failure> {
    let runtime = runtime()?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let listener = runtime.block_on(TcpListener::bind(address)).map_err(|error| {
        let message = format!("port {} cannot be used: {error}", args.port);
        Diagnostic::error(codes::ARGUMENT, message).help("`--port` names another one; with 0 one that is free is taken")
    })?;
    let (files, watched) = made(flags, args, printer)?;
    let served = Served { files: Arc::new(RwLock::new(files)), made: watch::channel(0).0 };
    let port = listener.local_addr().map_or(args.port, |address| address.port());
    let (waking, woken) = mpsc::channel();
    runtime.spawn(serve(listener, served.clone(), waking.clone()));
    printer.line(&format!("serving the documentation at http://localhost:{port} until Ctrl-C"));
    let _watcher = match args.no_watch {
        true => None,
        false => Some(watched.watch(waking).map_err(|error| {
            let message = format!("changes of the project cannot be watched: {error}");
            Diagnostic::error(codes::FILE_UNWRITABLE, message).help("`--no-watch` serves the site as it is")
        })?),
    };
    while has_changed(&woken) {
        // What is wrong is told; until it is mended the site stays what it was.
        match made(flags, args, printer) {
            Ok((files, _)) => {
                *served.files.write().unwrap_or_else(PoisonError::into_inner) = files;
                served.made.send_modify(|made| *made += 1);
                printer.line("the project has changed: the documentation is made anew");
            }
            Err(failure) => printer.diagnostics(&failure.diagnostics, &failure.sources),
        }
    }
    Ok(Exit::Success)
}

/// Waits for changes, and then until there are none for a while; says whether there are any.
fn has_changed(woken: &Receiver<Waking>) -> bool {
    if !matches!(woken.recv(), Ok(Waking::Changed)) {
        return false;
    }
    loop {
        match woken.recv_timeout(QUIET) {
            Ok(Waking::Changed) => {}
            Ok(Waking::Ended) => return false,
            Err(_) => return true,
        }
    }
}

/// The site as the project is now, and what it is made of.
fn made(flags: &Flags, args: &DocsServeArgs, printer: &Printer) -> Result<(Files, Watched), Failure> {
    let compilation = Compilation::of(flags, &CompileArgs::default(), printer)?;
    let Compilation { workspace, results, .. } = compilation.whole()?;
    let content = Content::of(&workspace, results, printer)?;
    let files = site::served(&content.site(&workspace, &args.site))
        .map_err(|error| Diagnostic::error(codes::INTERNAL, format!("the page cannot be rendered: {error}")))?;
    let files = files.into_iter().map(|file| (file.path, file.bytes.into())).collect();
    Ok((files, Watched::of(&workspace)))
}

/// The files that a site is made of.
struct Watched {
    root: PathBuf,
    /// What tells that nodes were run.
    ran: PathBuf,
    /// What commands write.
    written: Vec<PathBuf>,
}

impl Watched {
    fn of(workspace: &Workspace) -> Self {
        let project = &workspace.project;
        let world = project.session.world.as_ref();
        let lake = workspace.engine().ok().and_then(|engine| engine.local_storage());
        let logs = project.session.flags.text("log_path").unwrap_or_else(|| "logs".to_owned());
        let written = [Some(project.target_dir.clone()), lake, Some(project.root.join(logs))];
        let written = written.into_iter().flatten().map(|path| world.absolute(&path));
        Watched {
            root: world.absolute(&project.root),
            ran: world.absolute(&project.target_dir.join("run_results.json")),
            written: written.collect(),
        }
    }

    /// Tells of changes until what is given back goes.
    fn watch(self, waking: Sender<Waking>) -> notify::Result<notify::RecommendedWatcher> {
        let Watched { root, ran, written } = self;
        let folder = root.clone();
        let is_source = move |path: &Path| {
            let inside = path.strip_prefix(&folder).unwrap_or(path);
            let is_hidden = inside.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.'));
            path == ran || !is_hidden && !written.iter().any(|written| path.starts_with(written))
        };
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let is_change =
                |event: &notify::Event| !event.kind.is_access() && event.paths.iter().any(|path| is_source(path));
            if event.is_ok_and(|event| is_change(&event)) {
                // Nobody listens any more when the command ends.
                let _ = waking.send(Waking::Changed);
            }
        })?;
        watcher.watch(&root, RecursiveMode::Recursive)?;
        Ok(watcher)
    }
}

/// Answers requests until Ctrl-C.
async fn serve(listener: TcpListener, served: Served, waking: Sender<Waking>) {
    let router = Router::new().route(CHANGES, get(changes)).fallback(file).with_state(served);
    tokio::select! {
        ended = async { axum::serve(listener, router).await } => if let Err(error) = ended {
            tracing::error!(%error, "the documentation is served no more");
        },
        _ = tokio::signal::ctrl_c() => {}
    }
    let _ = waking.send(Waking::Ended);
}

/// A file of the site.
async fn file(State(served): State<Served>, headers: HeaderMap, request: Request) -> Response {
    if !is_for_us(&headers) {
        return (StatusCode::FORBIDDEN, "this is not the name of this machine").into_response();
    }
    let path = match request.uri().path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    let files = served.files.read().unwrap_or_else(PoisonError::into_inner);
    let Some(bytes) = files.get(path) else { return (StatusCode::NOT_FOUND, "there is no such file").into_response() };
    let headers = [
        (header::CONTENT_TYPE, content_type(path)),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, bytes.clone()).into_response()
}

/// An event whenever the site was made anew.
async fn changes(State(served): State<Served>, headers: HeaderMap) -> Response {
    if !is_for_us(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    Sse::new(events(served.made.subscribe())).keep_alive(KeepAlive::default()).into_response()
}

fn events(made: watch::Receiver<u64>) -> impl Stream<Item = Result<Event, Infallible>> {
    futures::stream::unfold(made, |mut made| async move {
        made.changed().await.ok()?;
        let times = made.borrow_and_update().to_string();
        Some((Ok(Event::default().event("changed").data(times)), made))
    })
}

/// Whether a request names this machine, as a browser does that was told to come here.
fn is_for_us(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    OWN_NAMES.contains(&name.map_or(host, |(name, _)| name))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        _ => "text/plain; charset=utf-8",
    }
}
