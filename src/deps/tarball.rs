//! Packages in archives: a tar file with one folder in it, compressed with gzip.

use std::io::Read;
use std::path::{Component, Path, PathBuf};

use flate2::read::GzDecoder;

use super::{Context, unavailable};
use crate::base::md5_hex;
use crate::diagnostic::Diagnostic;

/// The most bytes that an archive may unfold to.
const LARGEST: u64 = 1 << 30;

/// Fetches an archive and unpacks what is in its one folder.
pub(super) fn unpack(cx: &Context<'_>, url: &str) -> Result<PathBuf, Diagnostic> {
    let folder = cx.downloads().join("tarball").join(md5_hex(url.as_bytes()));
    if cx.world.kind(&folder).is_some() {
        return Ok(folder);
    }
    let shown = cx.scrub(url);
    let bytes = cx.web.get(url).map_err(|error| unavailable(format!("the archive {shown} cannot be had: {error}")))?;
    let files = files(&bytes).map_err(|why| unavailable(format!("{shown} is no archive of a package: {why}")))?;
    for (path, content) in files {
        cx.world
            .write(&folder.join(&path), &content)
            .map_err(|error| unavailable(format!("`{}` of {shown} cannot be written: {error}", path.display())))?;
    }
    Ok(folder)
}

/// The files of an archive, their paths without the one folder that all are in. Links are left out: they could lead anywhere.
pub(super) fn files(bytes: &[u8]) -> Result<Vec<(PathBuf, Vec<u8>)>, String> {
    let mut archive = tar::Archive::new(GzDecoder::new(bytes));
    let (mut found, mut top, mut room) = (Vec::new(), None::<PathBuf>, LARGEST);
    for entry in archive.entries().map_err(|error| error.to_string())? {
        let mut entry = entry.map_err(|error| error.to_string())?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry.path().map_err(|error| error.to_string())?.into_owned();
        let (first, rest) = inside(&path)?;
        if top.get_or_insert_with(|| first.clone()) != &first {
            return Err("it has more than one folder at its top".to_owned());
        }
        let mut content = Vec::new();
        let read = entry.by_ref().take(room.saturating_add(1)).read_to_end(&mut content);
        let read = read.map_err(|error| error.to_string())?;
        room = room.checked_sub(read as u64).ok_or("it unfolds to more than a gigabyte")?;
        found.push((rest, content));
    }
    if found.is_empty() { Err("it has no files".to_owned()) } else { Ok(found) }
}

/// The top folder of a path and what is behind it. A path that leads out of the archive is refused.
fn inside(path: &Path) -> Result<(PathBuf, PathBuf), String> {
    let mut parts = path.components().filter(|part| *part != Component::CurDir);
    let normal = |part: Component<'_>| match part {
        Component::Normal(name) => Ok(PathBuf::from(name)),
        _ => Err(format!("`{}` leads out of it", path.display())),
    };
    let first = parts.next().map_or_else(|| Err("it has a file without a name".to_owned()), normal)?;
    let rest: PathBuf = parts.map(normal).collect::<Result<_, _>>()?;
    if rest.as_os_str().is_empty() {
        return Err(format!("`{}` is in no folder", path.display()));
    }
    Ok((first, rest))
}
