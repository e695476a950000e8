//! `[site] theme`: a folder with the operator's own style sheet and parts of pages. Read with feeds.toml, so that a bad one is told
//! by `check` and never replaces a good one; what stands in it is the operator's own and goes into pages as it is.

use super::{
    nearest::nearest,
    problems::{Place, Problems},
    surroundings::Surroundings,
};
use std::{borrow::Cow, collections::BTreeMap, fs, io::Read, path::Path, sync::Arc};

/// Longest file of a theme.
const LONGEST: u64 = 256 << 10;

/// A part of every page that a theme may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// `head.html`, at the end of `<head>`.
    Head,
    /// `header.html`, in place of the site's name and links.
    Header,
    /// `footer.html`, in place of the rights statement.
    Footer,
    /// `about.html`, in place of the site's description on the page about it.
    About,
}

impl Part {
    const ALL: [Part; 4] = [Part::Head, Part::Header, Part::Footer, Part::About];

    /// The part of that name.
    pub fn named(name: &str) -> Option<Part> {
        Part::ALL.into_iter().find(|part| part.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Part::Head => "head",
            Part::Header => "header",
            Part::Footer => "footer",
            Part::About => "about",
        }
    }
}

/// What a theme brings; nothing by default. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Theme(Arc<Files>);

#[derive(Debug, Default, PartialEq, Eq)]
struct Files {
    /// `style.css`: instead of ours.
    style: Option<String>,
    /// `more.css`: after it.
    more: Option<String>,
    parts: BTreeMap<Part, String>,
}

impl Theme {
    /// What stands in the place of a part.
    pub fn part(&self, part: Part) -> Option<&str> {
        self.0.parts.get(&part).map(String::as_str)
    }

    /// The style sheet, where `ours` is that of a site without a theme.
    pub fn style<'s>(&'s self, ours: &'s str) -> Cow<'s, str> {
        let style = self.0.style.as_deref().unwrap_or(ours);
        self.0.more.as_ref().map_or(Cow::Borrowed(style), |more| Cow::Owned(format!("{style}\n{more}")))
    }
}

/// What may stand between `{{` and `}}` in a part, and what it becomes.
pub(super) type Names<'n> = [(&'static str, &'n str)];

/// Reads the folder; what is wrong with it is told at `place`, where feeds.toml names it.
pub(super) fn read(
    folder: &Path,
    place: &Place,
    names: &Names<'_>,
    around: &Surroundings<'_>,
    problems: &mut Problems,
) -> Theme {
    around.depends_on(folder);
    let mut files = Files::default();
    let listed = match fs::read_dir(folder).and_then(|listed| listed.collect::<Result<Vec<_>, _>>()) {
        Ok(listed) => listed,
        Err(error) => {
            let problem =
                problems.error(place, format!("cannot read the theme's folder {}: {error}", folder.display()));
            problem.expected("a folder with style.css, more.css, head.html, header.html, footer.html or about.html");
            return Theme::default();
        }
    };
    let mut listed: Vec<String> = listed.iter().map(|file| file.file_name().to_string_lossy().into_owned()).collect();
    listed.sort();
    for name in listed.into_iter().filter(|name| !name.starts_with('.') && !name.ends_with('~')) {
        let path = folder.join(&name);
        around.depends_on(&path);
        let part = name.strip_suffix(".html").and_then(Part::named);
        if part.is_none() && !matches!(name.as_str(), "style.css" | "more.css") {
            let known = Part::ALL.map(|part| format!("{}.html", part.name()));
            let known = known.iter().map(String::as_str).chain(["style.css", "more.css"]);
            let meant = nearest(&name, known);
            problems.warning(place, format!("{} is no part of a theme: not used", path.display())).suggest(meant);
            continue;
        }
        let Some(text) = text_of(&path, place, problems) else { continue };
        match part {
            Some(part) => {
                let text = filled_in(&text, &path, place, names, problems);
                files.parts.insert(part, text);
            }
            None => {
                style_judged(&text, &path, place, problems);
                *(if name == "style.css" { &mut files.style } else { &mut files.more }) = Some(text);
            }
        }
    }
    Theme(Arc::new(files))
}

fn text_of(path: &Path, place: &Place, problems: &mut Problems) -> Option<String> {
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes));
    let why = match (read, bytes.len() as u64 > LONGEST) {
        (Err(error), _) => error.to_string(),
        (Ok(_), true) => format!("longer than {} KiB", LONGEST >> 10),
        (Ok(_), false) => match String::from_utf8(bytes) {
            Ok(text) => return Some(text.trim().to_owned()),
            Err(_) => "not UTF-8".to_owned(),
        },
    };
    problems.error(place, format!("cannot use {} of the theme: {why}", path.display()));
    None
}

/// The part with `{{ title }}` and the like filled in.
fn filled_in(text: &str, path: &Path, place: &Place, names: &Names<'_>, problems: &mut Problems) -> String {
    let shown = path.display();
    if text.to_ascii_lowercase().contains("<script") {
        problems.warning(place, format!("{shown}: the policy of our pages lets no script of a theme run"));
    }
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once("{{") {
        let line = text.len() - after.len();
        let line = text.get(..line).unwrap_or_default().lines().count();
        out.push_str(before);
        let Some((name, after)) = after.split_once("}}") else {
            problems.error(place, format!("{shown}:{line}: `{{{{` without `}}}}`"));
            return out;
        };
        match names.iter().find(|(known, _)| *known == name.trim()) {
            Some((_, value)) => out.push_str(&html_escape::encode_double_quoted_attribute(value)),
            None => {
                let known: Vec<String> = names.iter().map(|(known, _)| format!("{{{{ {known} }}}}")).collect();
                let problem = problems.error(place, format!("{shown}:{line}: nothing is called `{}`", name.trim()));
                problem.expected(known.join(", "));
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn style_judged(text: &str, path: &Path, place: &Place, problems: &mut Problems) {
    let (opened, closed) = (text.matches('{').count(), text.matches('}').count());
    if opened != closed {
        problems.warning(place, format!("{}: {opened} `{{` and {closed} `}}`", path.display()));
    }
    if text.contains("@import") || text.contains("@font-face") {
        let message = format!("{}: the policy of our pages lets no other style sheet and no font load", path.display());
        problems.warning(place, message);
    }
}
