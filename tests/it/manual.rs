//! Manual pages that man and mandoc take, completions that shells take.

use crate::support::syndic;
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn pages() -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let made = syndic().arg("man").arg(folder.path()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let of = |section: &str| std::fs::read_dir(folder.path().join(section)).unwrap().map(|page| page.unwrap().path());
    let mut pages: Vec<PathBuf> = of("man1").chain(of("man5")).collect();
    pages.sort();
    (folder, pages)
}

fn run(program: &str, arguments: &[&str]) -> Output {
    let missing = format!("no {program} here: run scripts/test, or apt-get install man-db mandoc zsh fish");
    Command::new(program).args(arguments).env("LC_ALL", "C.UTF-8").env("MANWIDTH", "80").output().expect(&missing)
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn man_and_mandoc_find_nothing_wrong_with_any_page() {
    let (_folder, pages) = pages();
    assert!(pages.len() > 25, "{pages:?}");
    for page in &pages {
        let page = page.to_str().unwrap();
        let shown = run("man", &["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page]);
        assert!(
            shown.status.success() && shown.stderr.is_empty(),
            "{page}: {}",
            String::from_utf8_lossy(&shown.stderr)
        );
        let judged = text(&run("mandoc", &["-Tlint", "-Wwarning", page]));
        // The same program writes the same page on any day.
        let wrong: Vec<&str> = judged.lines().filter(|line| !line.contains("missing date")).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

#[test]
fn pages_are_the_same_each_time_and_say_what_they_should() {
    let ((_one, first), (_two, second)) = (pages(), pages());
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    for (one, two) in first.iter().zip(&second) {
        let page = read(one);
        assert!(page == read(two), "{}", one.display());
        let wanted: &[&str] = match one.ends_with("feeds.toml.5") {
            true => &["[[source]]", "\\fBfull_text\\fR", "\\fBconcurrency\\fR", ".SH EXAMPLES"],
            false => &[
                ".SH NAME",
                ".SH SYNOPSIS",
                ".SH EXAMPLES",
                ".SH \"EXIT STATUS\"",
                "SYNDIC_CONFIG",
                ".SH \"SEE ALSO\"",
            ],
        };
        for wanted in wanted {
            assert!(page.contains(wanted), "{}: {wanted}", one.display());
        }
    }
    let printed = syndic().arg("man").output().unwrap();
    let whole = first.iter().find(|path| path.ends_with("syndic.1")).unwrap();
    assert_eq!(String::from_utf8(printed.stdout).unwrap().trim_end(), read(whole).trim_end());
}

#[test]
fn what_shells_complete() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let script = syndic().args(["completions", shell]).output().unwrap();
        assert!(script.status.success());
        // zsh loads a function from a file of its name.
        std::fs::write(folder.path().join(if shell == "zsh" { "_syndic" } else { shell }), script.stdout).unwrap();
    }
    let at = |name: &str| folder.path().join(name).display().to_string();
    let bash = format!(
        "set -e; source {}; COMP_WORDS=(syndic export ''); COMP_CWORD=2; _syndic syndic '' export || true; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        at("bash")
    );
    let completed = run("bash", &["--norc", "-c", &bash]);
    for wanted in ["entries", "jekyll", "site", "opml", "--config"] {
        assert!(text(&completed).lines().any(|line| line == wanted), "bash: {wanted}: {}", text(&completed));
    }
    let completed =
        run("fish", &["--no-config", "-c", &format!("source {}; complete -C 'syndic import op'", at("fish"))]);
    assert!(text(&completed).starts_with("opml"), "fish: {}", text(&completed));
    // Loaded by the system that completes, without a complaint, and for this program.
    let zsh = format!(
        "fpath=({} $fpath); autoload -Uz compinit; compinit -u -D; print ${{_comps[syndic]}}; autoload +X _syndic && print loaded",
        folder.path().display()
    );
    let completed = run("zsh", &["-f", "-c", &zsh]);
    assert_eq!(text(&completed), "_syndic\nloaded\n");
}
