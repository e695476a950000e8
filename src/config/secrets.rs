//! Secrets: literal, from the environment or from a file. Once read they live only in the `Config`;
//! the file's own literal ones are masked in every diagnostic.

use super::{
    Surroundings,
    problems::Problems,
    reader::{Table, Value, mistyped, string},
};
use std::{fs::File, io::Read, path::Path};
use toml::de::DeValue;

/// Longest secret file that is read.
const LONGEST: u64 = 64 << 10;
const EXPECTED: &str = "text, { env = \"NAME\" } or { file = \"path\" }";

/// Reads text that may be secret.
pub(super) fn secret(value: &Value<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Option<String> {
    match value.found {
        DeValue::String(_) => {
            problems.keep_private(&value.place);
            string(value, problems)
        }
        DeValue::Table(_) => referred(value, around, problems),
        other => mistyped(&value.place, other, EXPECTED, problems),
    }
}

fn referred(value: &Value<'_>, around: &Surroundings<'_>, problems: &mut Problems) -> Option<String> {
    let mut table = Table::inside(value, format!("`{}`", value.place.key), problems)?;
    let env = table.read("env", problems, string);
    let file = table.read("file", problems, string);
    let (has_env, has_file) = (table.value("env").is_some(), table.value("file").is_some());
    table.finish(problems);
    if has_env == has_file {
        problems.error(&value.place, "a secret comes from one place").expected(EXPECTED);
        return None;
    }
    let key = &value.place.key;
    let read = match (env, file) {
        (Some(name), _) => {
            (around.env)(&name).ok_or_else(|| format!("environment variable `{name}` for `{key}` is not set"))
        }
        (_, Some(path)) => read_file(&around.resolve(&path), around).map_err(|error| format!("{error}, for `{key}`")),
        (None, None) => return None,
    };
    let read = read.and_then(|text| match text.trim_end_matches(['\r', '\n']) {
        "" => Err(format!("the secret for `{key}` is empty")),
        text => Ok(text.to_owned()),
    });
    read.map_err(|message| {
        problems.error(&value.place, message).expected("a secret that can be read when syndic starts")
    })
    .ok()
}

fn read_file(path: &Path, around: &Surroundings<'_>) -> Result<String, String> {
    around.depends_on(path);
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text));
    match read {
        Err(error) => Err(format!("cannot read the secret in `{}`: {error}", path.display())),
        Ok(_) if text.len() as u64 > LONGEST => Err(format!("`{}` is too long for a secret", path.display())),
        Ok(_) => Ok(text),
    }
}
