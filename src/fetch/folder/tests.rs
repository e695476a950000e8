use super::*;
use std::{os::unix::fs::symlink, time::SystemTime};

const MAX: usize = 1_000;

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn page(fetched: Fetched) -> Page {
    match fetched {
        Fetched::Modified(page) => page,
        Fetched::NotModified(..) => panic!("not modified"),
    }
}

fn names(page: &Page) -> Vec<&str> {
    match &page.body {
        Body::Posts(posts) => posts.iter().map(|post| post.path.to_str().unwrap()).collect(),
        Body::Document(_) => panic!("a document"),
    }
}

#[test]
fn posts_come_sorted_by_path_from_the_folder_and_one_below() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "b.md",
        "a.markdown",
        "c.HTML",
        "notes.txt",
        ".hidden.md",
        "sub/a.md",
        "sub/deep/x.md",
        "_drafts/d.md",
        ".git/e.md",
    ] {
        write(folder.path(), name, name);
    }
    let page = page(read_posts(folder.path(), &Validators::default(), MAX).unwrap());
    assert_eq!(names(&page), ["a.markdown", "b.md", "c.HTML", "sub/a.md"]);
}

#[test]
fn a_site_is_read_from_its_posts_folder() {
    let site = tempfile::tempdir().unwrap();
    write(site.path(), "about.md", "not a post");
    write(site.path(), "_posts/2022-04-22-NW202204222352631195.md", "一");
    let page = page(read_posts(site.path(), &Validators::default(), MAX).unwrap());
    assert_eq!(names(&page), ["_posts/2022-04-22-NW202204222352631195.md"]);
}

#[test]
fn an_unchanged_folder_is_not_modified_and_a_changed_one_is() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.md", "one");
    let first = page(read_posts(folder.path(), &Validators::default(), MAX).unwrap()).validators;
    assert!(matches!(read_posts(folder.path(), &first, MAX).unwrap(), Fetched::NotModified(kept, _) if kept == first));
    // Same size, other time.
    let file = fs::File::options()
        .write(true)
        .open(folder.path().join("a.md"))
        .unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    let second = page(read_posts(folder.path(), &first, MAX).unwrap()).validators;
    assert_ne!(first, second);
    write(folder.path(), "b.md", "two");
    page(read_posts(folder.path(), &second, MAX).unwrap());
}

#[test]
fn links_out_of_the_folder_are_not_followed() {
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "secret.md", "secret");
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.md", "one");
    symlink(outside.path().join("secret.md"), folder.path().join("out.md")).unwrap();
    symlink(outside.path(), folder.path().join("dir")).unwrap();
    symlink(folder.path().join("a.md"), folder.path().join("in.md")).unwrap();
    symlink("nowhere", folder.path().join("broken.md")).unwrap();
    let page = page(read_posts(folder.path(), &Validators::default(), MAX).unwrap());
    assert_eq!(names(&page), ["a.md", "in.md"]);
}

#[test]
fn a_post_over_the_limit_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "big.md", &"x".repeat(MAX + 1));
    write(folder.path(), "fits.md", &"x".repeat(MAX));
    let page = page(read_posts(folder.path(), &Validators::default(), MAX).unwrap());
    assert_eq!(names(&page), ["fits.md"]);
}

#[test]
fn a_feed_file_has_a_fingerprint_and_a_limit() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "feed.json", "{}");
    let path = folder.path().join("feed.json");
    let home = Some("https://news.example/".to_owned());
    let first = page(read_document(&path, home.clone(), &Validators::default(), MAX).unwrap());
    assert_eq!(
        (first.content_type.as_deref(), &first.base),
        (Some("application/feed+json"), &home)
    );
    let again = read_document(&path, home.clone(), &first.validators, MAX).unwrap();
    assert!(matches!(again, Fetched::NotModified(..)));
    let large = read_document(&path, home, &Validators::default(), 1).unwrap_err();
    assert_eq!(large.kind, FailureKind::TooLarge);
}

#[test]
fn what_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone\nline");
    for failure in [
        read_posts(&gone, &Validators::default(), MAX).unwrap_err(),
        read_document(&gone, None, &Validators::default(), MAX).unwrap_err(),
        read_document(folder.path(), None, &Validators::default(), MAX).unwrap_err(),
    ] {
        assert_eq!(failure.kind, FailureKind::File);
        assert!(
            failure.message.contains("feeds.toml") && !failure.message.contains('\n'),
            "{}",
            failure.message
        );
    }
}
