//! Folders of posts and feed files on this machine. Unchanged ones are recognised without being read; every file is
//! bounded in bytes; nothing outside the folder is ever read.

use super::{Body, Fetched, Page, PostFile, words};
use crate::model::{Answer, Failure, FailureKind, Validators};
use bytes::Bytes;
use std::{
    fs,
    hash::Hasher as _,
    io,
    io::Read as _,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};
use twox_hash::XxHash3_64;

/// Posts in one folder at most.
const MAX_POSTS: usize = 100_000;

/// Bytes of all posts of one folder at most: they are in memory together.
const MAX_FOLDER_BYTES: u64 = 1 << 30;

/// Reads a folder of posts, or says that it is as it was.
pub(super) async fn posts(path: &Path, kept: &Validators, max_bytes: usize) -> Result<Fetched, Failure> {
    let (path, kept) = (path.to_owned(), kept.clone());
    blocking(move || read_posts(&path, &kept, max_bytes)).await
}

/// Reads a feed file, or says that it is as it was.
pub(super) async fn document(
    path: &Path,
    base: Option<String>,
    kept: &Validators,
    max_bytes: usize,
) -> Result<Fetched, Failure> {
    let (path, kept) = (path.to_owned(), kept.clone());
    blocking(move || read_document(&path, base, &kept, max_bytes)).await
}

async fn blocking(read: impl FnOnce() -> Result<Fetched, Failure> + Send + 'static) -> Result<Fetched, Failure> {
    let read = tokio::task::spawn_blocking(read).await;
    read.unwrap_or_else(|error| Err(words::failure(FailureKind::File, format!("reading stopped: {error}"))))
}

/// A post as the folder lists it.
struct Listed {
    /// Below the source's folder.
    path: PathBuf,
    size: u64,
    modified: u128,
}

fn read_posts(folder: &Path, kept: &Validators, max_bytes: usize) -> Result<Fetched, Failure> {
    let trouble = |error: io::Error| {
        let advice = "correct path of this source in feeds.toml, or the folder's permissions";
        words::failure(FailureKind::File, format!("cannot read folder {}: {error}; {advice}", folder.display()))
    };
    let listed = list(folder).map_err(trouble)?;
    let total: u64 = listed.iter().map(|post| post.size.min(max_bytes as u64)).sum();
    if listed.len() > MAX_POSTS || total > MAX_FOLDER_BYTES {
        let limit = format!("more than {MAX_POSTS} posts or {MAX_FOLDER_BYTES} bytes");
        let message = format!("folder {} holds {limit}; divide it into several sources", folder.display());
        return Err(words::failure(FailureKind::TooLarge, message));
    }
    let mark = fingerprint("posts", listed.iter());
    if kept.etag.as_deref() == Some(&mark) {
        return Ok(Fetched::NotModified(kept.clone(), Answer::default()));
    }
    let mut posts = Vec::with_capacity(listed.len());
    let mut missed = false;
    for post in listed {
        match read_bounded(&folder.join(&post.path), max_bytes) {
            Ok(Some(bytes)) => posts.push(PostFile { path: post.path, bytes }),
            Ok(None) => {
                tracing::warn!(post = %post.path.display(), max_bytes, "post left out: larger than [fetch] max_bytes")
            }
            Err(error) => {
                tracing::warn!(post = %post.path.display(), %error, "post left out: cannot be read");
                missed = true;
            }
        }
    }
    // A post that could not be read may become readable without its time or size changing: look again next time.
    let validators = Validators { etag: (!missed).then_some(mark), ..Validators::default() };
    let body = Body::Posts(posts);
    Ok(Fetched::Modified(Page {
        body,
        content_type: None,
        base: None,
        address: None,
        validators,
        answer: Answer::default(),
    }))
}

fn read_document(path: &Path, base: Option<String>, kept: &Validators, max_bytes: usize) -> Result<Fetched, Failure> {
    let trouble = |error: io::Error| {
        let advice = "correct path of this source in feeds.toml, or the file's permissions";
        words::failure(FailureKind::File, format!("cannot read file {}: {error}; {advice}", path.display()))
    };
    let about = fs::metadata(path).map_err(trouble)?;
    if !about.is_file() {
        return Err(trouble(io::Error::other("not a regular file")));
    }
    let listed = Listed { path: path.to_owned(), size: about.len(), modified: modified(&about) };
    let mark = fingerprint("file", [&listed]);
    if kept.etag.as_deref() == Some(&mark) {
        return Ok(Fetched::NotModified(kept.clone(), Answer::default()));
    }
    let Some(bytes) = read_bounded(path, max_bytes).map_err(trouble)? else {
        let advice = "raise [fetch] max_bytes if that is right";
        let message = format!("file {} holds more than {max_bytes} bytes; {advice}", path.display());
        return Err(words::failure(FailureKind::TooLarge, message));
    };
    let bytes = super::uncompressed(bytes, max_bytes).map_err(trouble)?;
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    Ok(Fetched::Modified(Page {
        body: Body::Document(bytes),
        content_type: is_json.then(|| "application/feed+json".to_owned()),
        base,
        address: None,
        validators: Validators { etag: Some(mark), ..Validators::default() },
        answer: Answer::default(),
    }))
}

/// The posts of a folder, by path: those directly inside (of `_posts`, where there is one) and one folder deeper.
/// Stops just beyond [`MAX_POSTS`].
fn list(folder: &Path) -> io::Result<Vec<Listed>> {
    let inside = folder.join("_posts");
    let (root, below) =
        if inside.is_dir() { (inside, PathBuf::from("_posts")) } else { (folder.to_owned(), PathBuf::new()) };
    let wall = folder.canonicalize()?;
    let mut listed = Vec::new();
    let mut deeper = Vec::new();
    list_one(&root, &below, &wall, &mut listed, Some(&mut deeper))?;
    for name in deeper {
        // A sub-folder that cannot be opened costs its own posts only.
        if let Err(error) = list_one(&root.join(&name), &below.join(&name), &wall, &mut listed, None) {
            tracing::warn!(folder = %name.display(), %error, "folder of posts left out: cannot be read");
        }
    }
    listed.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(listed)
}

fn list_one(
    root: &Path,
    below: &Path,
    wall: &Path,
    listed: &mut Vec<Listed>,
    mut deeper: Option<&mut Vec<PathBuf>>,
) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        if listed.len() > MAX_POSTS {
            break;
        }
        let entry = entry?;
        let name = PathBuf::from(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            // Jekyll's own folders (`_drafts`, `_site`) hold no published posts.
            let hidden = name.to_str().is_none_or(|name| name.starts_with(['.', '_']));
            deeper.iter_mut().filter(|_| !hidden).for_each(|deeper| deeper.push(name.clone()));
        } else if is_post(&name)
            && let Some(about) = about(&entry.path(), kind.is_symlink(), wall)
        {
            listed.push(Listed { path: below.join(name), size: about.len(), modified: modified(&about) });
        }
    }
    Ok(())
}

fn is_post(name: &Path) -> bool {
    let hidden = name.to_str().is_some_and(|name| name.starts_with('.'));
    let extension = name.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    !hidden && ["md", "markdown", "html"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// What there is to know of a regular file; `None` for anything else, and for a link that leads out of the folder.
fn about(path: &Path, is_link: bool, wall: &Path) -> Option<fs::Metadata> {
    if is_link && !path.canonicalize().is_ok_and(|target| target.starts_with(wall)) {
        tracing::debug!(path = %path.display(), "link left out: it leads nowhere or out of the folder");
        return None;
    }
    fs::metadata(path).ok().filter(fs::Metadata::is_file)
}

/// The whole file, `None` if it is larger than allowed. It may grow while it is read.
fn read_bounded(path: &Path, max_bytes: usize) -> io::Result<Option<Bytes>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(max_bytes as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= max_bytes).then(|| bytes.into()))
}

/// Nanoseconds since 1970; 0 where the file system keeps no times.
fn modified(about: &fs::Metadata) -> u128 {
    let since = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| since.as_nanos())
}

/// Stands in for an ETag: changes when a name, a size or a time does.
fn fingerprint<'a>(kind: &str, listed: impl IntoIterator<Item = &'a Listed>) -> String {
    let mut hash = XxHash3_64::with_seed(0);
    for post in listed {
        let name = post.path.as_os_str().as_encoded_bytes();
        hash.write(&(name.len() as u64).to_be_bytes());
        hash.write(name);
        hash.write(&post.size.to_be_bytes());
        hash.write(&post.modified.to_be_bytes());
    }
    format!("{kind}-{:016x}", hash.finish())
}

#[cfg(test)]
mod tests;
